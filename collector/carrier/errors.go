package carrier

import (
	"errors"
	"strconv"
	"time"
)

// Error is how every call fails.
type Error struct {
	Operation     string        // traffic, lines, …, or token
	Kind          Kind          // what the caller can do about it
	Reason        Reason        // which row of the carrier's table of errors it is; "" if none
	Field         string        // the field that the carrier names as wrong; "" if none
	Status        int           // HTTP; 0 where there was no answer
	Code          string        // the carrier's errorCode, "" if none
	Message       string        // the carrier's errorMessage, or what kaisen has to say
	RequestID     string        // the carrier's requestId, by which its desk finds the request again; "" if none
	Payload       []byte        // the answer; nil if none, and always for tokens
	ObservedAt    time.Time     // as in Reply; without an answer the local clock
	RetryAfter    time.Duration // how long the carrier asked to wait; 0 if it did not say
	Indeterminate bool          // a change that the carrier may have carried out all the same: look before asking again
	Own           bool          // others of the operation are answered: the trouble is of what was asked about, or of its contract
	Contract      bool          // not sent, because all of its contract is refused and others are answered; RetryAfter says for how long
	Err           error         // the cause, if there is one beside the answer

	took time.Duration // from the request's departure until it had failed; 0 if it was not sent
}

// Error says operation, kind, status, message and cause. Long runs of digits are masked, because the carrier may
// repeat the line number it was asked for.
func (e *Error) Error() string {
	text := e.Operation + ": " + e.Kind.String()
	if e.Status != 0 {
		text += " (HTTP " + strconv.Itoa(e.Status) + ")"
	}
	if e.Message != "" {
		text += ": " + maskDigits(e.Message)
	}
	if e.RequestID != "" {
		text += " (requestId " + e.RequestID + ")"
	}
	if e.Err != nil {
		text += ": " + maskDigits(e.Err.Error())
	}
	if e.Indeterminate {
		text += "; the carrier may have done it all the same"
	}
	return text
}

// Unwrap is the cause, so that errors.Is finds context.Canceled and the like.
func (e *Error) Unwrap() error { return e.Err }

// Kind distinguishes failures by what the caller can do about them. It is the words in which error texts begin. The
// kinds here are those that every API has; an API may have more.
type Kind string

// The kinds of every API.
const (
	KindNetwork        Kind = ""                 // no complete answer: dial, reset, timeout, a cut-off body, or the caller's context ended
	KindNotAllowed     Kind = "not allowed"      // 403
	KindThrottled      Kind = "throttled"        // 429, 503 without word of maintenance, or a pause longer than the caller may wait
	KindUsedUp         Kind = "used up"          // the account's own daily_requests: not sent, and not the carrier's doing
	KindMaintenance    Kind = "maintenance"      // 503 "System Maintainance"
	KindUnauthorised   Kind = "unauthorised"     // the token or the client's secret is refused
	KindMalformed      Kind = "malformed answer" // 200, but the answer cannot be understood
	KindInvalidRequest Kind = "invalid request"  // 400 and other 4xx: asking again would not help
	KindNotFound       Kind = "not found"        // 404: there is no such thing, or the URL is wrong; Error.Reason says which
	KindServer         Kind = "server error"     // 500, 502, 504 and other 5xx
	KindTooLarge       Kind = "answer too large" // the body is over what the operation allows (RequestSpec.MaxBody)
)

// String is the kind in words.
func (k Kind) String() string {
	if k == KindNetwork {
		return "no answer"
	}
	return string(k)
}

// Reason says what was wrong, where one Kind has several causes. It is a word that may stand in JSON. The reasons here
// are those of the carrier's gateway; an API's own table of errors has more.
type Reason string

// The reasons of every API.
const (
	ReasonMaintenance Reason = "maintenance" // 503 "System Maintainance", the carrier's spelling
	ReasonToken       Reason = "token"       // 401
	ReasonNoSuchURL   Reason = "no_such_url" // 404 of the gateway, which knows nothing at this address
)

// FailureOf is the failed call in err, or an empty one: an answer that was no answer.
func FailureOf(err error) *Error {
	var failure *Error
	if errors.As(err, &failure) {
		return failure
	}
	return &Error{ObservedAt: time.Now(), Err: err}
}

// ReasonOf finds the Reason of a failed call, however it is wrapped; "" for a failure that has none.
func ReasonOf(err error) Reason {
	if err == nil { // errors.As wants a place on the heap even then
		return ""
	}
	var failure *Error
	if errors.As(err, &failure) {
		return failure.Reason
	}
	return ""
}

// KindOf finds the Kind of a failed call, however it is wrapped. It is false for an error that no call returned.
func KindOf(err error) (Kind, bool) {
	if err == nil {
		return "", false
	}
	var failure *Error
	if errors.As(err, &failure) {
		return failure.Kind, true
	}
	return "", false
}
