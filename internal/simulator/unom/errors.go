package unom

import (
	"fmt"

	"kaisen/internal/simulator/gateway"
	"kaisen/internal/simulator/wire"
)

// The messages of the table エラー一覧表 (UNO Mobile API v2.1, last pages), letter for letter.
const (
	msgNoContract   = "The requested contractId is not found."
	msgNoLine       = "The requested lineNo is not found"
	msgNoGroup      = "The Requested lineGroup is not found."
	msgNotComRadius = "The order is not allowed by user RADIUS/MCOP"
	msgContractForm = "The contractId is Invalid."
	msgLineForm     = "The lineNo is Invalid."
	msgTooMany      = "Too many requests."
	msgNoOrder      = "The order is not found"
	msgOrderForm    = "The orderId is Invalid."
	msgNoRoaming    = "The roaming-option is not found."
	msgReserveForm  = "The reserveId is Invalid."
	msgDate         = "The requestDate is Invalid."
	msgNotFound     = "Not Found"
	msgBadRequest   = "Bad Request"
	msgFieldFormat  = "Field Format Error: " // and the field's name
)

// apiError is an error in the API's own shape (UNO Mobile API v2.1 §2.2 of every call).
func apiError(status int, message string) gateway.Answer {
	return gateway.Answer{Status: status, Body: fmt.Appendf(nil,
		"{\n    \"responseHeader\": {\n        \"errorCode\": \"%d\",\n        \"errorMessage\": %s\n    }\n}\n", status, wire.Quote(message))}
}

// fail is such an error for those that may find none.
func fail(status int, message string) *gateway.Answer {
	a := apiError(status, message)
	return &a
}

// Fault is the answer to a failure of the API itself.
func (u *API) Fault(status int, message string, _ uint64) gateway.Answer {
	return apiError(status, message)
}

// Malformed is the answer to a request that fits no call.
func (u *API) Malformed(*gateway.Request) gateway.Answer { return apiError(400, msgBadRequest) }
