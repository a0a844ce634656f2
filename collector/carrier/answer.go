package carrier

import (
	"net/http"
	"time"
)

// Reply is one complete answer with status 2xx, not yet decoded.
type Reply struct {
	Status     int
	Header     http.Header
	Body       []byte    // at most 1 MiB
	ObservedAt time.Time // the answer's Date header, to the second, else ReceivedAt
	ReceivedAt time.Time // the local clock when the body was complete

	trip trip // of the request
}

// Answer is one decoded answer.
type Answer[T any] struct {
	Value      T
	ObservedAt time.Time // as in Reply
	ReceivedAt time.Time
	Status     int
	Payload    []byte    // the answer itself, for the dead letters when there are warnings
	Warnings   []Warning // empty for an answer in which everything was as documented
}

// Warning is something that was decoded, but is odd: the value is kept or left unknown, never guessed. Field is
// the documented name of the field and Reason one of a few fixed words, because both become labels.
type Warning struct{ Field, Reason string }

// ReasonMended is the reason of the one warning that loses nothing: the answer was no JSON, as the documents' own
// examples are not, and had to be mended before it could be read.
const ReasonMended = "not_json"
