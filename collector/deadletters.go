package collector

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"kaisen/collector/carrier"
	"kaisen/schema"
)

// Failed keeps the answer of a failed call where it could not be read, and returns the failure.
func (e *Engine) Failed(ctx context.Context, s *Sweep, key schema.LineKey, operation string, err error) error {
	s.refused.Add(1)
	failure := FailureOf(err)
	if failure.Kind == carrier.KindMalformed || failure.Kind == carrier.KindTooLarge {
		deadLetter := schema.DeadLetter{LineKey: key, Operation: operation, Reason: failure.Error(),
			Status: uint16(failure.Status), Payload: failure.Payload, ObservedAt: failure.ObservedAt}
		if writeErr := e.Write(ctx, s, schema.Batch{DeadLetters: []schema.DeadLetter{deadLetter}}); writeErr != nil {
			return writeErr
		}
	}
	return err // it names the call and what it was about already
}

// DeadLetters keeps an answer that was read, but holds something that the documents do not foresee.
func DeadLetters[T any](key schema.LineKey, operation string, answer carrier.Answer[T]) []schema.DeadLetter {
	var reasons []string // each once: a list may have the same oddity in every row
	for _, w := range answer.Warnings {
		if w.Reason == carrier.ReasonMended {
			continue // the document's own braces: all of it was read, and kaisen_parse_warnings_total counts it
		}
		if reason := w.Field + ": " + w.Reason; !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
	}
	if len(reasons) == 0 {
		return nil
	}
	return []schema.DeadLetter{{LineKey: key, Operation: operation, Reason: strings.Join(reasons, "; "),
		Status: uint16(answer.Status), Payload: answer.Payload, ObservedAt: answer.ObservedAt}}
}

// FailureOf is the carrier's failure in err, or an empty one: an answer that was no answer.
func FailureOf(err error) *carrier.Error {
	var failure *carrier.Error
	if errors.As(err, &failure) {
		return failure
	}
	return &carrier.Error{ObservedAt: time.Now(), Err: err}
}
