package lenient

import (
	"context"
	"reflect"
	"time"

	"kaisen/collector/carrier"
)

// Read makes a typed answer of a body.
type Read[T any] func(d *Decoder, body []byte) (T, []carrier.Warning, error)

// Account is a client of one API with the decoder of its answers.
type Account struct {
	Client  *carrier.Client
	Decoder *Decoder
}

// Call checks a request, sends it and reads its answer. It fails with a *carrier.Error; that of a request which
// breaks a rule of the document wraps carrier.Violations, and nothing was sent.
func Call[T any](ctx context.Context, a Account, operation string, r carrier.Request, read Read[T]) (carrier.Answer[T], error) {
	now := a.Client.Now()
	if a.Decoder.Zone != nil {
		now = now.In(a.Decoder.Zone)
	}
	if err := r.Validate(now); err != nil {
		return carrier.Answer[T]{}, &carrier.Error{
			Operation: operation, Kind: carrier.KindInvalidRequest, Message: "not sent", ObservedAt: now, Err: err,
		}
	}
	answer, _, err := Exchange(ctx, a, operation, r.Spec(), read)
	return answer, err
}

// Exchange sends a request as it is and reads its answer. It fails with a *carrier.Error.
func Exchange[T any](
	ctx context.Context, a Account, operation string, spec carrier.RequestSpec, read Read[T],
) (carrier.Answer[T], carrier.Reply, error) {
	reply, err := a.Client.Do(ctx, operation, spec)
	if err != nil {
		return carrier.Answer[T]{}, reply, err
	}
	value, warnings, err := read(a.Decoder, reply.Body)
	if err != nil {
		return carrier.Answer[T]{}, reply, Malformed(operation, spec.Changes() && !spec.Anonymous, reply, err)
	}
	warnings = append(reply.Warnings, warnings...)
	a.Client.Warned(operation, warnings)
	return carrier.Answer[T]{
		Value: value, ObservedAt: reply.ObservedAt, ReceivedAt: reply.ReceivedAt, Said: reply.Said,
		Status: reply.Status, Payload: reply.Body, Warnings: warnings,
	}, reply, nil
}

// Malformed is the error of an answer that cannot be understood. The cause is a message, not a wrapped error: it may
// quote the answer, and messages are masked.
func Malformed(operation string, changes bool, reply carrier.Reply, cause error) *carrier.Error {
	return &carrier.Error{
		Operation: operation, Kind: carrier.KindMalformed, Status: reply.Status, Message: cause.Error(),
		Payload: reply.Body, ObservedAt: reply.ObservedAt, Indeterminate: changes,
	}
}

// Printable is a Read as carrier.Operation wants it: its result is a slice or a pointer.
func Printable[T any](read Read[T]) func(carrier.Reply, *time.Location) (any, error) {
	return func(reply carrier.Reply, zone *time.Location) (any, error) {
		value, warnings, err := read(&Decoder{Zone: zone}, reply.Body)
		if err != nil {
			return nil, err
		}
		if reflect.TypeFor[T]().Kind() == reflect.Slice {
			return value, carrier.ErrLeftOut(warnings)
		}
		return &value, carrier.ErrLeftOut(warnings)
	}
}
