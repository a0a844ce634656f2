package collector

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector/carrier"
	unom "kaisen/collector/unom/api"
)

// desk is what a fake carrier tells of a contract as a whole. The zero desk has nothing in its lists, and knows no order.
type desk struct {
	mu            sync.Mutex
	contract      unom.Contract
	products      []unom.Product
	accepting     []unom.Order
	complete      []unom.Order
	details       map[string]unom.OrderDetail
	cancellations map[string]unom.Cancellation
	refuse        map[string]error // by operation
	swap          bool             // call 11 answers with another order
}

func (d *desk) set(edit func(*desk)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	edit(d)
}

// told answers a call: with what find has, or with 404.
func told[T any](f *fakeCarrier, operation, id string, find func(*desk) (T, bool)) (carrier.Answer[T], error) {
	f.note(operation + " " + id)
	missing := &carrier.Error{Kind: carrier.KindNotFound, Reason: unom.ReasonOtherNotFound, Status: 404, ObservedAt: f.Now()}
	if f.desk == nil {
		return carrier.Answer[T]{}, missing
	}
	f.desk.mu.Lock()
	defer f.desk.mu.Unlock()
	if err := f.desk.refuse[operation]; err != nil {
		return carrier.Answer[T]{}, err
	}
	value, ok := find(f.desk)
	if !ok {
		return carrier.Answer[T]{}, missing
	}
	return answered(f, value), nil
}

func (f *fakeCarrier) Contract(_ context.Context, contractID string) (carrier.Answer[unom.Contract], error) {
	return told(f, "contract", contractID, func(d *desk) (unom.Contract, bool) { return d.contract, true })
}

func (f *fakeCarrier) Products(_ context.Context, contractID string) (carrier.Answer[[]unom.Product], error) {
	return told(f, "products", contractID, func(d *desk) ([]unom.Product, bool) { return slices.Clone(d.products), true })
}

func (f *fakeCarrier) Orders(_ context.Context, contractID string) (carrier.Answer[[]unom.Order], error) {
	return told(f, "orders", contractID, func(d *desk) ([]unom.Order, bool) { return slices.Clone(d.accepting), true })
}

func (f *fakeCarrier) CompletedOrders(_ context.Context, contractID string) (carrier.Answer[[]unom.Order], error) {
	return told(f, "completed_orders", contractID, func(d *desk) ([]unom.Order, bool) { return slices.Clone(d.complete), true })
}

func (f *fakeCarrier) Order(_ context.Context, _, orderID string) (carrier.Answer[unom.OrderDetail], error) {
	return told(f, "order", orderID, func(d *desk) (unom.OrderDetail, bool) {
		detail, ok := d.details[orderID]
		if detail.OrderID = orderID; d.swap {
			detail.OrderID += "0"
		}
		return detail, ok
	})
}

func (f *fakeCarrier) Cancellation(_ context.Context, _, orderID string) (carrier.Answer[unom.Cancellation], error) {
	return told(f, "cancellation", orderID, func(d *desk) (unom.Cancellation, bool) {
		cancellation, ok := d.cancellations[orderID]
		return cancellation, ok
	})
}

// exposed is what a collector of metrics shows: name, labels and value.
func exposed(t testing.TB, c prometheus.Collector) (lines []string) {
	t.Helper()
	reg := prometheus.NewPedanticRegistry()
	reg.MustRegister(c)
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			line := family.GetName()
			for _, label := range m.GetLabel() {
				line += " " + label.GetName() + "=" + label.GetValue()
			}
			lines = append(lines, line+" "+strconv.FormatFloat(m.GetGauge().GetValue(), 'f', -1, 64))
		}
	}
	return lines
}

// refusing is a carrier that does not let us ask about one of its contracts.
type refusing struct {
	*fakeCarrier
	contract string
	err      error
}

func (r *refusing) Contract(ctx context.Context, contractID string) (carrier.Answer[unom.Contract], error) {
	if contractID == r.contract {
		return carrier.Answer[unom.Contract]{}, r.err
	}
	return r.fakeCarrier.Contract(ctx, contractID)
}

func (r *refusing) Products(ctx context.Context, contractID string) (carrier.Answer[[]unom.Product], error) {
	if contractID == r.contract {
		return carrier.Answer[[]unom.Product]{}, r.err
	}
	return r.fakeCarrier.Products(ctx, contractID)
}
