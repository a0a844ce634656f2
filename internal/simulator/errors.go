package simulator

import (
	"encoding/json"
	"fmt"
)

// The messages of the table エラー一覧表 (UNO Mobile API v2.1, last pages), letter for letter.
const (
	msgUnknownURL     = "Raising fault. Fault name : Unknown-Re"
	msgInvalidToken   = "Invalid access token"
	msgNoContract     = "The requested contractId is not found."
	msgNoLine         = "The requested lineNo is not found"
	msgNoGroup        = "The Requested lineGroup is not found."
	msgNotComRadius   = "The order is not allowed by user RADIUS/MCOP"
	msgContractForm   = "The contractId is Invalid."
	msgLineForm       = "The lineNo is Invalid."
	msgTooMany        = "Too many requests."
	msgNoOrder        = "The order is not found"
	msgOrderForm      = "The orderId is Invalid."
	msgNoRoaming      = "The roaming-option is not found."
	msgReserveForm    = "The reserveId is Invalid."
	msgDate           = "The requestDate is Invalid."
	msgMaintenance    = "System Maintainance"
	msgNotFound       = "Not Found"
	msgBadRequest     = "Bad Request"
	msgInternal       = "Internal Server Error"
	msgFieldFormat    = "Field Format Error: " // and the field's name
	msgGatewayInvalid = "Invalid Request"      // not in the table: what the gateway says of a token request
)

// answer is what a request is answered with, before faults and the network get at it.
type answer struct {
	status     int
	body       []byte
	html       bool
	cut        bool   // the connection is closed in the middle of the body
	retryAfter string // empty: no header
	challenge  string // WWW-Authenticate
	noStore    bool   // a token: caches keep out (RFC 6749 §5.1)

	traffic *ServedTraffic // what the answer tells, for the record of answers served
	session *ServedSession
}

// apiError is an error in the API's own shape (UNO Mobile API v2.1 §2.2 of every call).
func apiError(status int, message string) answer {
	return answer{status: status, body: fmt.Appendf(nil,
		"{\n    \"responseHeader\": {\n        \"errorCode\": \"%d\",\n        \"errorMessage\": %s\n    }\n}\n", status, quote(message))}
}

// fault is what an API says of its own failures: 500 and 503. That of Service Order API is not documented; it has the shape of
// its good answers.
func (a api) fault(status int, message string, requestID uint64) answer {
	switch a {
	case apiIPoE:
		return ipoeErrors(status, requestID, ipoeProblem{codeSystem, msgIPoESystem})
	case apiService:
		return serviceError(status, detailFault, message)
	default:
		return apiError(status, message)
	}
}

// malformed is what an API says of a request that is none of its calls: keys it does not know, a body that it does
// not take or cannot read.
func (a api) malformed(c *Carrier, q *request) answer {
	switch a {
	case apiIPoE:
		return c.ipoeRefusal(q, ipoeProblem{codeFormat, msgIPoERequest})
	case apiService:
		return serviceError(400, detailParameter, msgServiceParameter)
	default:
		return apiError(400, msgBadRequest)
	}
}

// gatewayError is an error of what stands before the API and checks tokens (IPoE API 3.4.0, 認証API, 異常終了).
func gatewayError(status int, message, developer string, requestID uint64) answer {
	return answer{status: status, body: fmt.Appendf(nil,
		"{\n  \"errorCode\": \"%d\",\n  \"errorMessage\": %s,\n  \"developerMessage\": %s,\n  \"moreInfo\": null,\n"+
			"  \"requestId\": \"apigwnode03-52047-%d-84\"\n}\n", status, quote(message), quote(developer), requestID)}
}

// formError is an error of the token call as RFC 6749 §5.2 shapes it.
func formError(status int, code, description string) answer {
	return answer{status: status, noStore: true, body: fmt.Appendf(nil,
		"{\"error\": %s, \"error_description\": %s}\n", quote(code), quote(description))}
}

// quote is a JSON string.
func quote(s string) string {
	text, _ := json.Marshal(s) // a string always can
	return string(text)
}
