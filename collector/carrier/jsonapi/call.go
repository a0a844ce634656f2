package jsonapi

import (
	"context"
	"reflect"
	"time"

	"kaisen/collector/carrier"
)

// Reader makes a typed answer of a body.
type Reader[T any] func(body []byte) (T, []carrier.Warning, error)

// Call checks a request, sends it and reads its answer. It fails with a *carrier.Error; that of a request which
// breaks a rule of the document wraps carrier.Violations, and nothing was sent.
func Call[T any](
	ctx context.Context, c *carrier.Client, operation string, r carrier.Request, read Reader[T],
) (carrier.Answer[T], error) {
	if err := r.Validate(c.Now()); err != nil {
		return carrier.Answer[T]{}, &carrier.Error{
			Operation: operation, Kind: carrier.KindInvalidRequest, ObservedAt: time.Now(), Err: err,
		}
	}
	reply, err := c.Do(ctx, operation, r.Spec())
	if err != nil {
		return carrier.Answer[T]{}, err
	}
	value, warnings, err := read(reply.Body)
	if err != nil {
		return carrier.Answer[T]{}, &carrier.Error{
			Operation: operation, Kind: carrier.KindMalformed, Status: reply.Status, Message: err.Error(),
			Payload: reply.Body, ObservedAt: reply.ObservedAt,
		}
	}
	c.Warned(operation, warnings)
	return carrier.Answer[T]{
		Value: value, ObservedAt: reply.ObservedAt, ReceivedAt: reply.ReceivedAt,
		Status: reply.Status, Payload: reply.Body, Warnings: warnings,
	}, nil
}

// Printable is a Reader as carrier.Operation wants it: its result is a slice or a pointer.
func Printable[T any](read Reader[T]) func(carrier.Reply, *time.Location) (any, error) {
	return func(reply carrier.Reply, _ *time.Location) (any, error) {
		value, _, err := read(reply.Body)
		if err != nil {
			return nil, err
		}
		if reflect.TypeFor[T]().Kind() == reflect.Slice {
			return value, nil
		}
		return &value, nil
	}
}
