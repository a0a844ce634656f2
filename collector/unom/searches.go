package unom

import (
	"context"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/unom/api"
	"kaisen/collector/unom/logs"
)

// searches is a carrier whose lists are empty where a 404 means no more than that. The logs, where a 400 may mean it too,
// are read by logs.Reader.
type searches struct {
	Carrier
	empty *logs.Empties
}

// listOr is the answer of a call for a list; of a 404 that means that nothing is in it, an empty one.
func listOr[T any](ctx context.Context, s searches, operation, contract string, answer carrier.Answer[[]T], err error) (carrier.Answer[[]T], error) {
	s.empty.Answered(contract, err)
	form := api.EmptyError(err)
	switch {
	case err == nil && len(answer.Value) == 0 && carrier.LeftOut(answer.Warnings) == 0:
		form = api.EmptyOf(answer.Status, answer.Payload)
	case form == api.Empty404 && s.isKnown(ctx, contract):
		failure := carrier.FailureOf(err)
		answer = carrier.Answer[[]T]{ObservedAt: failure.ObservedAt, ReceivedAt: time.Now(), Status: failure.Status, Payload: failure.Payload}
	default:
		return answer, err
	}
	return answer, s.empty.FoundNothing(ctx, new(collector.Sweep), operation, form, answer.ObservedAt)
}

// isKnown reports whether the carrier knows a contract, for whose lists it has answered 404. A list may be the first thing
// that is asked for.
func (s searches) isKnown(ctx context.Context, contract string) bool {
	if !s.empty.Knows(contract) && s.empty.MayAsk(contract) {
		_, _ = s.Contract(ctx, contract)
	}
	return s.empty.Knows(contract)
}

func (s searches) Lines(ctx context.Context, contract string) (carrier.Answer[[]api.Line], error) {
	answer, err := s.Carrier.Lines(ctx, contract)
	return listOr(ctx, s, "lines", contract, answer, err)
}

func (s searches) DataShare(ctx context.Context, contract string) (carrier.Answer[[]api.ShareMember], error) {
	answer, err := s.Carrier.DataShare(ctx, contract)
	return listOr(ctx, s, "data_share", contract, answer, err)
}

func (s searches) Products(ctx context.Context, contract string) (carrier.Answer[[]api.Product], error) {
	answer, err := s.Carrier.Products(ctx, contract)
	return listOr(ctx, s, "products", contract, answer, err)
}

func (s searches) Orders(ctx context.Context, contract string) (carrier.Answer[[]api.Order], error) {
	answer, err := s.Carrier.Orders(ctx, contract)
	return listOr(ctx, s, "orders", contract, answer, err)
}

func (s searches) CompletedOrders(ctx context.Context, contract string) (carrier.Answer[[]api.Order], error) {
	answer, err := s.Carrier.CompletedOrders(ctx, contract)
	return listOr(ctx, s, "completed_orders", contract, answer, err)
}

// Contract, Traffic and Session show that the contract is known.
func (s searches) Contract(ctx context.Context, contract string) (carrier.Answer[api.Contract], error) {
	answer, err := s.Carrier.Contract(ctx, contract)
	s.empty.Answered(contract, err)
	return answer, err
}

// Traffic is likewise.
func (s searches) Traffic(ctx context.Context, contract, lineNo string) (carrier.Answer[api.Traffic], error) {
	answer, err := s.Carrier.Traffic(ctx, contract, lineNo)
	s.empty.Answered(contract, err)
	return answer, err
}

// Session is likewise.
func (s searches) Session(ctx context.Context, contract, lineNo string) (carrier.Answer[api.Session], error) {
	answer, err := s.Carrier.Session(ctx, contract, lineNo)
	s.empty.Answered(contract, err)
	return answer, err
}
