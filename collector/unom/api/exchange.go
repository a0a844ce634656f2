package api

import (
	"context"
	"fmt"
	"time"

	"kaisen/collector/carrier"
	"kaisen/schema"
)

// subject is what a request asks about.
type subject struct{ contractID, lineNo string }

// about names what the request asks for, in errors.
func (s subject) about() string {
	if s.lineNo != "" {
		return "contract " + s.contractID + ", line " + schema.MaskLine(s.lineNo)
	}
	return "contract " + s.contractID
}

// checked sends a request that keeps the document's rules.
func checked[T any](
	ctx context.Context, c *Client, operation string, of subject, r carrier.Request, read func(*answer) (T, error),
) (carrier.Answer[T], error) {
	now := c.carrier.Now().In(c.zone)
	if err := r.Validate(now); err != nil {
		return carrier.Answer[T]{}, fmt.Errorf("%s: %w", of.about(), &carrier.Error{
			Operation: operation, Kind: carrier.KindInvalidRequest, Message: "not sent", ObservedAt: now, Err: err,
		})
	}
	return call(ctx, c, operation, of, r.Spec(), read)
}

// call sends a request and decodes its answer.
func call[T any](
	ctx context.Context, c *Client, operation string, of subject, w carrier.RequestSpec, read func(*answer) (T, error),
) (carrier.Answer[T], error) {
	answer, _, err := exchange(ctx, c, operation, of, w, read)
	return answer, err
}

// exchange is call for who needs the reply as well.
func exchange[T any](
	ctx context.Context, c *Client, operation string, of subject, w carrier.RequestSpec, read func(*answer) (T, error),
) (carrier.Answer[T], carrier.Reply, error) {
	reply, err := c.carrier.Do(ctx, operation, w)
	if err != nil {
		return carrier.Answer[T]{}, reply, fmt.Errorf("%s: %w", of.about(), err)
	}
	a := answer{body: reply.Body, zone: c.zone, contractID: of.contractID, lineNo: of.lineNo}
	result, err := decode(&a, read)
	if err != nil {
		return carrier.Answer[T]{}, reply, fmt.Errorf("%s: %w", of.about(), malformed(operation, w.Changes(), reply, err))
	}
	c.carrier.Warned(operation, a.warnings)
	return carrier.Answer[T]{
		Value: result, ObservedAt: reply.ObservedAt, ReceivedAt: reply.ReceivedAt,
		Status: reply.Status, Payload: reply.Body, Warnings: a.warnings,
	}, reply, nil
}

// malformed is the error of an answer that cannot be understood. The cause is a message, not a wrapped error: it may
// quote the answer, and messages are masked.
func malformed(operation string, changes bool, reply carrier.Reply, cause error) *carrier.Error {
	return &carrier.Error{
		Operation: operation, Kind: carrier.KindMalformed, Status: reply.Status, Message: cause.Error(),
		Payload: reply.Body, ObservedAt: reply.ObservedAt, Indeterminate: changes,
	}
}

// decoding makes the Decode of a carrier.Operation from the operation's name and whether it changes something.
type decoding func(operation string, changes bool) func(carrier.Reply, *time.Location) (any, error)

// one decodes an answer that is one thing.
func one[T any](read func(*answer) (T, error)) decoding {
	return func(operation string, changes bool) func(carrier.Reply, *time.Location) (any, error) {
		return func(reply carrier.Reply, zone *time.Location) (any, error) {
			a := answer{body: reply.Body, zone: zone}
			result, err := decode(&a, read)
			if err != nil {
				return nil, malformed(operation, changes, reply, err)
			}
			return &result, nil
		}
	}
}

// many decodes an answer that is a list under a key.
func many[T any](key string, read func(*answer) ([]T, error)) decoding {
	return one(func(a *answer) (List[T], error) {
		rows, err := read(a)
		return List[T]{ContractID: a.contractID, Items: rows, key: key}, err
	})
}
