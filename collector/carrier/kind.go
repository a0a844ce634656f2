package carrier

import "errors"

// Kind tells failures apart by what the caller can do about them.
type Kind uint8

const (
	KindNetwork        Kind = iota // no complete answer: dial, reset, timeout, a cut-off body, or the caller's context ended
	KindNoSuchLine                 // 404 "The requested lineNo is not found"
	KindNoSuchContract             // 404 "The requested contractId is not found."
	KindNoShareGroup               // 404 "The Requested lineGroup is not found.": an answer rather than a failure
	KindNotAllowed                 // 403 "The order is not allowed by user RADIUS/MCOP", and any other 403
	KindThrottled                  // 429, 503 without word of maintenance, or a pause that outlasts the caller's patience
	KindMaintenance                // 503 "System Maintainance"
	KindUnauthorised               // the token or the client's secret is refused
	KindMalformed                  // 200, but the answer cannot be understood
	KindInvalidRequest             // 400 and other 4xx: asking again would not help
	KindNotFound                   // any other 404: no such order, no roaming option, or the URL is wrong; Error.Reason says which
	KindServer                     // 500, 502, 504 and other 5xx
	KindTooLarge                   // the body is over 1 MiB
)

// String is the kind in words, as error texts begin.
func (k Kind) String() string {
	names := [...]string{
		"no answer", "no such line", "no such contract", "no share group", "not allowed", "throttled",
		"maintenance", "unauthorised", "malformed answer", "invalid request", "not found", "server error",
		"answer too large",
	}
	if int(k) < len(names) {
		return names[k]
	}
	return "unknown failure"
}

// ReasonOf finds the Reason of a failed call, however it is wrapped; "" for a failure that is in no row of the
// carrier's table.
func ReasonOf(err error) Reason {
	var failure *Error
	if errors.As(err, &failure) {
		return failure.Reason
	}
	return ""
}

// KindOf finds the Kind of a failed call, however it is wrapped. It is false for an error that no call returned.
func KindOf(err error) (Kind, bool) {
	var failure *Error
	if errors.As(err, &failure) {
		return failure.Kind, true
	}
	return 0, false
}
