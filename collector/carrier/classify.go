package carrier

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"unicode"
)

// classify makes an Error of an answer that is not 2xx, after the table エラー一覧表 at the end of UNO Mobile API v2.1. The HTTP
// status leads; the message decides only where the table has several meanings for one status. 400 "Too many
// requests." is no throttling: it means more than 254 orders at once, and waiting does not help.
func classify(operation string, status int, body []byte) *Error {
	code, message := errorBody(body)
	failure := &Error{Operation: operation, Status: status, Code: code, Message: message, Payload: body}
	switch {
	case status >= 300 && status < 400:
		failure.Kind = KindNotFound
		failure.Message = "redirected, which kaisen does not follow: check base_url and token_url"
	case status == http.StatusTooManyRequests:
		failure.Kind = KindThrottled
	case status == http.StatusServiceUnavailable && saysMaintenance(body):
		failure.Kind, failure.Reason = KindMaintenance, ReasonMaintenance
	case status == http.StatusServiceUnavailable:
		failure.Kind = KindThrottled
	case status >= 500:
		failure.Kind = KindServer
	default:
		failure.Kind = KindInvalidRequest
	}
	failure.explain(status, message)
	return failure
}

// saysMaintenance looks for the carrier's "System Maintainance" (its spelling) in any shape of body, since the
// gateway answers for a system that is down, sometimes in HTML.
func saysMaintenance(body []byte) bool {
	words := squeeze(string(body))
	return strings.Contains(words, "maintainance") || strings.Contains(words, "maintenance") ||
		strings.Contains(words, "メンテナンス")
}

// squeeze leaves only letters and digits, in lower case: the document breaks messages over lines and ends some with
// a period, and the carrier need not do the same.
func squeeze(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == 'ー' {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}

// errorBody reads code and message from the shapes in which errors come: the API's responseHeader (UNO Mobile API v2.1 §3.3),
// the gateway's flat one (IPoE API 3.4.0), its "Raising fault" (row ② of the table) and RFC 6749. A body of another kind
// has neither.
func errorBody(body []byte) (code, message string) {
	var shape struct {
		ResponseHeader *struct {
			ErrorCode    any
			ErrorMessage string
		}
		ErrorCode        any
		ErrorMessage     string
		DeveloperMessage string
		Fault            *struct{ FaultString string }
		Error            string
		ErrorDescription string `json:"error_description"`
	}
	// A type error leaves the other fields filled, which is all there is to be had.
	_ = json.Unmarshal(body, &shape)
	switch {
	case shape.ResponseHeader != nil:
		return codeText(shape.ResponseHeader.ErrorCode), strings.TrimSpace(shape.ResponseHeader.ErrorMessage)
	case shape.ErrorCode != nil || shape.ErrorMessage != "":
		return codeText(shape.ErrorCode), joinText(shape.DeveloperMessage, shape.ErrorMessage)
	case shape.Fault != nil:
		return "", shape.Fault.FaultString
	default:
		return shape.Error, joinText(shape.Error, shape.ErrorDescription)
	}
}

func codeText(code any) string {
	if code == nil {
		return ""
	}
	return strings.TrimSpace(fmt.Sprint(code))
}

func joinText(first, second string) string {
	first, second = strings.TrimSpace(first), strings.TrimSpace(second)
	switch {
	case first == "":
		return second
	case second == "" || first == second:
		return first
	default:
		return first + " " + second
	}
}

// errorInside finds an error that came with status 200: a body that is nothing but the API's responseHeader. Its
// code is the status it should have had.
func errorInside(operation string, body []byte) *Error {
	if len(body) > 4096 || !bytes.Contains(body, []byte("responseHeader")) {
		return nil
	}
	code, _ := errorBody(body)
	var status int
	if _, err := fmt.Sscanf(code, "%d", &status); err != nil || status < 400 || status > 599 {
		return nil
	}
	return classify(operation, status, body)
}
