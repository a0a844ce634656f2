package gateway

import (
	"fmt"

	"kaisen/internal/simulator/wire"
)

// The messages of the gateway, those of the table エラー一覧表 (UNO Mobile API v2.1, last pages) letter for letter.
const (
	msgUnknownURL     = "Raising fault. Fault name : Unknown-Re"
	msgInvalidToken   = "Invalid access token"
	msgMaintenance    = "System Maintainance"
	msgInternal       = "Internal Server Error"
	msgGatewayInvalid = "Invalid Request" // not in the table: what the gateway says of a token request
)

// Answer is what a request is answered with, before faults and the network get at it.
type Answer struct {
	Status    int
	Body      []byte
	Delivered func() // called before the answer is sent whole; nil: nobody keeps a record of it

	html       bool
	charset    string // empty: UTF-8
	location   string // of a redirection
	cut        bool   // the connection is closed in the middle of the body
	retryAfter string // empty: no header
	challenge  string // WWW-Authenticate
	noStore    bool   // a token: caches keep out (RFC 6749 §5.1)
}

// OK is a good answer.
func OK(body []byte) Answer { return Answer{Status: 200, Body: body} }

// gatewayError is an error of what stands before the API and checks tokens (IPoE API 3.4.0, 認証API, 異常終了).
func gatewayError(status int, message, developer string, requestID uint64) Answer {
	return Answer{Status: status, Body: fmt.Appendf(nil,
		"{\n  \"errorCode\": \"%d\",\n  \"errorMessage\": %s,\n  \"developerMessage\": %s,\n  \"moreInfo\": null,\n"+
			"  \"requestId\": \"apigwnode03-52047-%d-84\"\n}\n", status, wire.Quote(message), wire.Quote(developer), requestID)}
}

// spikeArrest is the gateway's answer to too many requests.
func spikeArrest(requestID uint64, retryAfter string) Answer {
	a := gatewayError(429, "Too Many Requests", "Spike arrest violation.", requestID)
	a.retryAfter = retryAfter
	return a
}

// formError is an error of the token call as RFC 6749 §5.2 shapes it.
func formError(status int, code, description string) Answer {
	return Answer{Status: status, noStore: true, Body: fmt.Appendf(nil,
		"{\"error\": %s, \"error_description\": %s}\n", wire.Quote(code), wire.Quote(description))}
}
