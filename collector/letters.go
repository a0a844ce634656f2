package collector

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"kaisen/collector/carrier"
	unom "kaisen/collector/unom/api"
	"kaisen/schema"
)

// failed keeps the answer of a failed call where it could not be read, and gives the failure on.
func (s *sweeper) failed(ctx context.Context, p *pass, key schema.LineKey, operation string, err error) error {
	failure := failureOf(err)
	if failure.Kind == carrier.KindMalformed || failure.Kind == carrier.KindTooLarge {
		letter := schema.DeadLetter{LineKey: key, Operation: operation, Reason: failure.Error(),
			Status: uint16(failure.Status), Payload: failure.Payload, ObservedAt: failure.ObservedAt}
		if writeErr := s.write(ctx, p, schema.Batch{DeadLetters: []schema.DeadLetter{letter}}); writeErr != nil {
			return writeErr
		}
	}
	return err // it names the call and what it was about already
}

// lettersOf keeps an answer that was read, but holds something that the documents do not foresee.
func lettersOf[T any](key schema.LineKey, operation string, answer carrier.Answer[T]) []schema.DeadLetter {
	return oddities(key, operation, answer.Status, answer.Payload, answer.ObservedAt, answer.Warnings)
}

// oddities is lettersOf, of an answer of a log.
func oddities(key schema.LineKey, operation string, status int, payload []byte, at time.Time,
	warnings []carrier.Warning) []schema.DeadLetter {
	var reasons []string // each once: a list may have the same oddity in every row
	for _, w := range warnings {
		if w.Reason == unom.ReasonMended {
			continue // the document's own braces: all of it was read, and kaisen_parse_warnings_total counts it
		}
		if reason := w.Field + ": " + w.Reason; !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
	}
	if len(reasons) == 0 {
		return nil
	}
	return []schema.DeadLetter{{LineKey: key, Operation: operation, Reason: strings.Join(reasons, "; "), Status: uint16(status),
		Payload: payload, ObservedAt: at}}
}

// failureOf is the carrier's failure in err, or an empty one: an answer that was no answer.
func failureOf(err error) *carrier.Error {
	var failure *carrier.Error
	if errors.As(err, &failure) {
		return failure
	}
	return &carrier.Error{ObservedAt: time.Now(), Err: err}
}
