package carrier

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Inspect reads a complete answer for an error: nil if it is none. It fills in Kind, Reason, Field, Status, Code and
// Message. An API that says more of its errors than Classify knows has one of its own.
type Inspect func(status int, body []byte) *Error

// Classify is the Inspect of what all APIs share: the HTTP status leads, code and message are those of the gateway.
func Classify(status int, body []byte) *Error {
	if status >= 200 && status <= 299 {
		return nil
	}
	failure := &Error{Status: status}
	failure.Code, failure.Message = errorBody(body)
	switch {
	case status >= 300 && status < 400:
		failure.Kind = KindNotFound
		failure.Message = "redirected, which kaisen does not follow: check base_url and token_url"
	case status == http.StatusUnauthorized:
		failure.Kind, failure.Reason = KindUnauthorised, ReasonToken
	case status == http.StatusForbidden:
		failure.Kind = KindNotAllowed
	case status == http.StatusNotFound:
		failure.Kind = KindNotFound
	case status == http.StatusTooManyRequests:
		failure.Kind = KindThrottled
	case status >= 500 && saysMaintenance(body):
		failure.Kind, failure.Reason = KindMaintenance, ReasonMaintenance
	case status == http.StatusServiceUnavailable || status >= 500 && saysLimit(body):
		failure.Kind = KindThrottled
	case status >= 500:
		failure.Kind = KindServer
	default:
		failure.Kind = KindInvalidRequest
	}
	return failure
}

// saysMaintenance looks for the carrier's "System Maintainance" (its spelling) in any shape of body, since the
// gateway answers for a system that is down, sometimes in HTML.
func saysMaintenance(body []byte) bool {
	if !utf8.Valid(body) { // where the budget looks, it is not converted yet
		body, _ = inUTF8(body, "")
	}
	words := Squeeze(string(body))
	return strings.Contains(words, "maintainance") || strings.Contains(words, "maintenance") ||
		strings.Contains(words, "メンテナンス")
}

// saysLimit looks for the fault of a gateway that keeps a limit of its own, which some answer with 500 (Apigee's
// policies.ratelimit.QuotaViolation, SpikeArrestViolation and their like), or raise by a name that somebody chose.
func saysLimit(body []byte) bool {
	words := Squeeze(string(body))
	for _, word := range []string{
		"ratelimit", "spikearrest", "quotaviolation", "quotaexceeded", "quotalimit", "toomanyrequests", "throttled", "throttling",
	} {
		if strings.Contains(words, word) {
			return true
		}
	}
	return false
}

// Squeeze leaves only letters and digits of a message, in lower case: the documents break messages over lines and end
// some with a period, and the carrier need not do the same.
func Squeeze(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == 'ー' {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}

// errorBody reads code and message from the shapes in which the gateway's errors come: its flat one (IPoE API 3.4.0),
// its "Raising fault" and RFC 6749. A body of another kind has neither.
func errorBody(body []byte) (code, message string) {
	var shape struct {
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
	case shape.ErrorCode != nil || shape.ErrorMessage != "":
		return CodeText(shape.ErrorCode), joinText(shape.DeveloperMessage, shape.ErrorMessage)
	case shape.Fault != nil:
		return "", shape.Fault.FaultString
	default:
		return shape.Error, joinText(shape.Error, shape.ErrorDescription)
	}
}

// CodeText is an errorCode of an answer as a text, which may have been a number or be missing.
func CodeText(code any) string {
	if code == nil {
		return ""
	}
	return strings.TrimSpace(fmt.Sprint(code))
}

func joinText(first, second string) string {
	first, second = strings.TrimSpace(first), strings.TrimSpace(second)
	if first == second {
		return first
	}
	return strings.TrimSpace(first + " " + second)
}
