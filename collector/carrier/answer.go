package carrier

import (
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"time"

	"kaisen/collector/carrier/ratelimit"
)

// maxBody is the largest answer that is read, unless its RequestSpec allows more: an answer about one thing has a few
// kilobytes, and a list of 1,000 orders half of it.
const maxBody = 1 << 20

// Reply is one complete answer with status 2xx, not yet decoded.
type Reply struct {
	Status     int
	Header     http.Header
	Body       []byte    // at most RequestSpec.MaxBody, in UTF-8
	Warnings   []Warning // about its characters; none for UTF-8
	ObservedAt time.Time // the answer's Date header, to the second; out of bounds, what the account's clock says; else ReceivedAt
	ReceivedAt time.Time // the local clock when the body was complete
	Said       time.Time // the Date header of an answer that has another ObservedAt, where that is worth keeping; else zero
}

// Answer is one decoded answer.
type Answer[T any] struct {
	Value      T
	ObservedAt time.Time // as in Reply
	ReceivedAt time.Time
	Said       time.Time
	Status     int
	Payload    []byte    // the answer itself, for the dead letters when there are warnings
	Warnings   []Warning // empty for an answer in which everything was as documented
}

// LeftOut is how many rows of a list could not be read: what the list lacks may be among them. It must not be taken for gone.
func LeftOut(warnings []Warning) (rows int) {
	for _, w := range warnings {
		if w.Reason == ReasonRow {
			rows++
		}
	}
	return rows
}

// LeftOutError is of an answer that was read but for some rows.
type LeftOutError struct{ Rows int }

// Error says how many.
func (e *LeftOutError) Error() string { return fmt.Sprintf("%d rows could not be read", e.Rows) }

// ErrLeftOut is a *LeftOutError of warnings that say so, or nil.
func ErrLeftOut(warnings []Warning) error {
	if n := LeftOut(warnings); n > 0 {
		return &LeftOutError{n}
	}
	return nil
}

// Warning is something that was decoded, but is odd: the value is kept or left unknown, never guessed. Field is
// the documented name of the field and Reason one of a few fixed words, because both become labels.
type Warning struct {
	Field, Reason string

	// Odd tells one odd value of the field from another without saying it, for it may be a secret; 0 where none was told.
	Odd uint64

	// Row is a row that was left out (ReasonRow), as it was answered; "" of all other reasons.
	Row string
}

// OddOf is what Warning.Odd says of a value.
func OddOf(value []byte) uint64 {
	hash := fnv.New64a()
	_, _ = hash.Write(value)
	return hash.Sum64()
}

// Equal reports whether two warnings are the same but for the value.
func (w Warning) Equal(other Warning) bool { return w.Field == other.Field && w.Reason == other.Reason }

// ReasonMended is, like ReasonConverted, the reason of a warning that loses nothing: the answer was no JSON, as the documents' own
// examples are not, and had to be mended before it could be read.
const ReasonMended = "not_json"

// ReasonRow is the reason of a warning about a row of a list that could not be read and was left out.
const ReasonRow = "unreadable_row"

// tooLargeError is of an answer that is larger than it may be.
type tooLargeError struct{ limit int64 }

func (e tooLargeError) Error() string { return fmt.Sprintf("the body is over %d bytes", e.limit) }

// readBody reads an answer to its end, which also gives its slot back to the budget.
func readBody(resp *http.Response) ([]byte, error) { return readUpTo(resp, maxBody) }

// readUpTo is readBody with a limit of its own. What an answer says of its length is believed up to maxBody, beyond it
// when it has come.
func readUpTo(resp *http.Response, limit int64) ([]byte, error) {
	defer resp.Body.Close()
	if resp.ContentLength > limit {
		return nil, tooLargeError{limit}
	}
	if inner, held := resp.Body.(ratelimit.Held); held {
		body, whole := inner.Held()
		if n := int64(len(body)); whole && n <= limit && (n == resp.ContentLength || resp.ContentLength < 0) {
			return body, nil
		}
	}
	if n := resp.ContentLength; n >= 0 && n <= maxBody {
		body := make([]byte, n)
		if _, err := io.ReadFull(resp.Body, body); err != nil {
			return nil, fmt.Errorf("the body was cut off: %w", err)
		}
		return body, nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("the body was cut off: %w", err)
	case int64(len(body)) > limit:
		return nil, tooLargeError{limit}
	case resp.ContentLength > int64(len(body)):
		return nil, fmt.Errorf("the body was cut off: %w", io.ErrUnexpectedEOF)
	}
	return body, nil
}

// dateOf is the answer's Date header. A header that is missing or cannot be read is false.
func dateOf(h http.Header) (time.Time, bool) {
	date, err := http.ParseTime(h.Get("Date"))
	return date, err == nil
}
