package collector

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"kaisen/collector/carrier"
	"kaisen/schema"
)

// Failed keeps the answer of a failed call where it could not be read, and returns the failure.
func (e *Engine) Failed(ctx context.Context, s *Sweep, key schema.LineKey, operation string, err error) error {
	s.refused.Add(1)
	failure := carrier.FailureOf(err)
	if failure.Kind == carrier.KindMalformed || failure.Kind == carrier.KindTooLarge {
		deadLetter := schema.DeadLetter{LineKey: key, Operation: operation, Reason: failure.Error(),
			Status: uint16(failure.Status), Payload: letterOf(failure.Payload), ObservedAt: failure.ObservedAt}
		if writeErr := e.Write(ctx, s, schema.Batch{DeadLetters: []schema.DeadLetter{deadLetter}}); writeErr != nil {
			return writeErr
		}
	}
	return err // it names the call and what it was about already
}

// DeadLetters keeps an answer that was read, but holds something that the documents do not foresee. Write leaves it out
// where all of that was kept before on the same day.
func DeadLetters[T any](key schema.LineKey, operation string, answer carrier.Answer[T]) []schema.DeadLetter {
	var reasons, oddities []string // each once: a list may have the same oddity in every row
	for _, w := range answer.Warnings {
		if w.Reason == carrier.ReasonMended || w.Reason == carrier.ReasonConverted {
			continue // the document's own braces, or Shift_JIS: all of it was read, and kaisen_parse_warnings_total counts it
		}
		reason := w.Field + ": " + w.Reason
		if !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
		if oddity := fmt.Sprintf("%s: %s: %x", operation, reason, w.Odd); !slices.Contains(oddities, oddity) {
			oddities = append(oddities, oddity)
		}
	}
	if !answer.Said.IsZero() {
		reasons = append(reasons, "Date: out of bounds: "+answer.Said.UTC().Format(time.RFC3339))
		oddities = nil // kept whatever was kept before: the clock bounds how many
	}
	if len(reasons) == 0 {
		return nil
	}
	return []schema.DeadLetter{{LineKey: key, Operation: operation, Reason: strings.Join(reasons, "; "), Oddities: oddities,
		Status: uint16(answer.Status), Payload: withRows(letterOf(answer.Payload), answer.Warnings), ObservedAt: answer.ObservedAt}}
}

// withRows puts those rows that were left out, which are in no table, before a payload that lacks them: the beginning of a
// long list, or one of its pages.
func withRows(payload []byte, warnings []carrier.Warning) []byte {
	var rows []byte
	for _, w := range warnings {
		if row := []byte(w.Row); !bytes.Contains(payload, row) && !bytes.Contains(rows, row) {
			rows = append(append(rows, row...), '\n')
		}
	}
	if rows == nil {
		return payload
	}
	return letterOf(append(rows, payload...))
}

// maxLetter is how much of an answer a dead letter keeps: all of it, unless it is one of the lists that may be large.
const maxLetter = 1 << 20

func letterOf(payload []byte) []byte {
	if len(payload) <= maxLetter {
		return payload
	}
	return bytes.Clone(payload[:maxLetter]) // the rest would wait for the database with it
}
