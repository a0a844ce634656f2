package carrier

import (
	"strconv"
	"strings"
	"time"

	"kaisen/schema"
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
	Payload       []byte        // the answer, at most 1 MiB; nil if none, and always for tokens
	ObservedAt    time.Time     // the answer's Date header, else the local clock
	RetryAfter    time.Duration // how long the carrier asked to wait; 0 if it did not say
	Indeterminate bool          // a change that the carrier may have carried out all the same: look before asking again
	Err           error         // the cause, if there is one beside the answer
}

// Error says operation, kind, status, message and cause. Long runs of digits are masked, because the carrier may
// repeat the line number it was asked for.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Operation)
	b.WriteString(": ")
	b.WriteString(e.Kind.String())
	if e.Status != 0 {
		b.WriteString(" (HTTP ")
		b.WriteString(strconv.Itoa(e.Status))
		b.WriteByte(')')
	}
	if e.Message != "" {
		b.WriteString(": ")
		b.WriteString(maskDigits(e.Message))
	}
	if e.Err != nil {
		b.WriteString(": ")
		b.WriteString(e.Err.Error())
	}
	if e.Indeterminate {
		b.WriteString("; the carrier may have done it all the same")
	}
	return b.String()
}

// Unwrap is the cause, so that errors.Is finds context.Canceled and the like.
func (e *Error) Unwrap() error { return e.Err }

// So many digits in a row count as a line number. Contracts have nine, times fourteen but with signs between them
// where kaisen writes them, and a figure that is out of range has twenty.
const shortestLine, longestLine = 10, 15

func maskDigits(text string) string {
	isDigit := func(r rune) bool { return r >= '0' && r <= '9' }
	var b strings.Builder
	for text != "" {
		end := strings.IndexFunc(text, func(r rune) bool { return !isDigit(r) })
		switch {
		case end == 0: // copy up to the next digit
			if end = strings.IndexFunc(text, isDigit); end < 0 {
				end = len(text)
			}
			b.WriteString(text[:end])
			text = text[end:]
			continue
		case end < 0:
			end = len(text)
		}
		if end >= shortestLine && end <= longestLine {
			b.WriteString(schema.MaskLine(text[:end]))
		} else {
			b.WriteString(text[:end])
		}
		text = text[end:]
	}
	return b.String()
}
