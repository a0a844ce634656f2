package carrier

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"unicode"
)

// Inspect reads a complete answer for an error: nil if it is none. It fills in Kind, Reason, Field, Status, Code and
// Message. An API that says more of its errors than Classify knows has one of its own.
type Inspect func(status int, body []byte) *Error

// Classify is the Inspect of what all APIs share: the HTTP status leads, code and message are those of the gateway. A
// body that is nothing but an error is one although its status is 200: its code is the status it should have had.
func Classify(status int, body []byte) *Error {
	if status >= 200 && status <= 299 {
		if status = statusInside(body); status == 0 {
			return nil
		}
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

// statusInside is the status that an answer with 2xx should have had, 0 if it is no error.
func statusInside(body []byte) int {
	if len(body) > maxMessage || !bytes.Contains(body, []byte("responseHeader")) {
		return 0
	}
	code, _, _ := responseHeader(body)
	var status int
	if _, err := fmt.Sscanf(code, "%d", &status); err != nil || status < 400 || status > 599 {
		return 0
	}
	return status
}

// responseHeader reads code and message of the shape in which errors of the carrier's systems come (UNO Mobile API v2.1
// §3.3). It is false for any other body.
func responseHeader(body []byte) (code, message string, ok bool) {
	var shape struct {
		ResponseHeader *struct {
			ErrorCode    any
			ErrorMessage string
		}
	}
	// A type error leaves the other fields filled, which is all there is to be had.
	_ = json.Unmarshal(body, &shape)
	if shape.ResponseHeader == nil {
		return "", "", false
	}
	return CodeText(shape.ResponseHeader.ErrorCode), strings.TrimSpace(shape.ResponseHeader.ErrorMessage), true
}

// saysMaintenance looks for the carrier's "System Maintainance" (its spelling) in any shape of body, since the
// gateway answers for a system that is down, sometimes in HTML.
func saysMaintenance(body []byte) bool {
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
	if code, message, ok := responseHeader(body); ok {
		return code, message
	}
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
