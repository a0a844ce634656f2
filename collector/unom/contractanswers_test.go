package unom

import (
	"context"
	"slices"
	"sync"

	"kaisen/collector/carrier"
	"kaisen/collector/unom/api"
)

// contractAnswers are what a fake carrier answers about a contract as a whole. The zero value has nothing in its lists, and knows no order.
type contractAnswers struct {
	mu            sync.Mutex
	contract      api.Contract
	products      []api.Product
	accepting     []api.Order
	complete      []api.Order
	details       map[string]api.OrderDetail
	cancellations map[string]api.Cancellation
	refuse        map[string]error             // by operation
	swap          bool                         // call 11 answers with another order
	odd           map[string][]carrier.Warning // by operation
}

func (d *contractAnswers) set(edit func(*contractAnswers)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	edit(d)
}

// answerTo answers a call: with what find has, or with 404.
func answerTo[T any](f *fakeCarrier, operation, id string, find func(*contractAnswers) (T, bool)) (carrier.Answer[T], error) {
	f.note(operation + " " + id)
	missing := &carrier.Error{Kind: carrier.KindNotFound, Reason: api.ReasonOtherNotFound, Status: 404, Message: "Not Found", ObservedAt: f.Now()}
	if f.contractAnswers == nil {
		return carrier.Answer[T]{}, missing
	}
	f.contractAnswers.mu.Lock()
	defer f.contractAnswers.mu.Unlock()
	if err := f.contractAnswers.refuse[operation]; err != nil {
		return carrier.Answer[T]{}, err
	}
	value, ok := find(f.contractAnswers)
	if !ok {
		return carrier.Answer[T]{}, missing
	}
	answer := answered(f, value)
	answer.Warnings = f.contractAnswers.odd[operation]
	return answer, nil
}

func (f *fakeCarrier) Contract(_ context.Context, contractID string) (carrier.Answer[api.Contract], error) {
	return answerTo(f, "contract", contractID, func(d *contractAnswers) (api.Contract, bool) { return d.contract, true })
}

func (f *fakeCarrier) Products(_ context.Context, contractID string) (carrier.Answer[[]api.Product], error) {
	return answerTo(f, "products", contractID, func(d *contractAnswers) ([]api.Product, bool) { return slices.Clone(d.products), true })
}

func (f *fakeCarrier) Orders(_ context.Context, contractID string) (carrier.Answer[[]api.Order], error) {
	return answerTo(f, "orders", contractID, func(d *contractAnswers) ([]api.Order, bool) { return slices.Clone(d.accepting), true })
}

func (f *fakeCarrier) CompletedOrders(_ context.Context, contractID string) (carrier.Answer[[]api.Order], error) {
	return answerTo(f, "completed_orders", contractID, func(d *contractAnswers) ([]api.Order, bool) { return slices.Clone(d.complete), true })
}

func (f *fakeCarrier) Order(_ context.Context, _, orderID string) (carrier.Answer[api.OrderDetail], error) {
	return answerTo(f, "order", orderID, func(d *contractAnswers) (api.OrderDetail, bool) {
		detail, ok := d.details[orderID]
		if detail.OrderID = orderID; d.swap {
			detail.OrderID += "0"
		}
		return detail, ok
	})
}

func (f *fakeCarrier) Cancellation(_ context.Context, _, orderID string) (carrier.Answer[api.Cancellation], error) {
	return answerTo(f, "cancellation", orderID, func(d *contractAnswers) (api.Cancellation, bool) {
		cancellation, ok := d.cancellations[orderID]
		return cancellation, ok
	})
}

// refusing is a carrier that does not let us ask about one of its contracts.
type refusing struct {
	*fakeCarrier
	contract string
	err      error
}

func (r *refusing) Contract(ctx context.Context, contractID string) (carrier.Answer[api.Contract], error) {
	if contractID == r.contract {
		return carrier.Answer[api.Contract]{}, r.err
	}
	return r.fakeCarrier.Contract(ctx, contractID)
}

func (r *refusing) Products(ctx context.Context, contractID string) (carrier.Answer[[]api.Product], error) {
	if contractID == r.contract {
		return carrier.Answer[[]api.Product]{}, r.err
	}
	return r.fakeCarrier.Products(ctx, contractID)
}
