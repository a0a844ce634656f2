package collector

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector/carrier"
	serviceorder "kaisen/collector/serviceorder/api"
	"kaisen/schema"
)

// fakeServiceOrders answers from what a test put in.
type fakeServiceOrders struct {
	mu      sync.Mutex
	orders  map[string][]serviceorder.Order // by service
	details func(from, to schema.Date) ([]serviceorder.Detail, error)
	asked   []string
	skew    time.Duration // of the carrier's clock, known once it has answered
	told    bool
}

func (f *fakeServiceOrders) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.told {
		return time.Now().Add(f.skew)
	}
	return time.Now()
}

func (f *fakeServiceOrders) note(call string) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked, f.told = append(f.asked, call), true
	return time.Now().Add(f.skew).Truncate(time.Second)
}

func (f *fakeServiceOrders) calls(prefix string) (calls []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, call := range f.asked {
		if strings.HasPrefix(call, prefix) {
			calls = append(calls, call)
		}
	}
	return calls
}

func (f *fakeServiceOrders) Orders(_ context.Context, r serviceorder.OrdersRequest) (carrier.Answer[serviceorder.Orders], error) {
	at := f.note("orders " + string(r.ServiceName))
	f.mu.Lock()
	defer f.mu.Unlock()
	orders, known := f.orders[string(r.ServiceName)]
	if !known {
		return carrier.Answer[serviceorder.Orders]{}, &carrier.Error{Kind: carrier.KindNotAllowed, Status: 403}
	}
	return carrier.Answer[serviceorder.Orders]{Value: serviceorder.Orders{Orders: slices.Clone(orders)}, ObservedAt: at, ReceivedAt: time.Now(), Status: 200}, nil
}

func (f *fakeServiceOrders) Details(_ context.Context, r serviceorder.DetailsRequest) (carrier.Answer[serviceorder.Details], error) {
	from, to := r.DataUpdateDateFrom.Day().V, r.DataUpdateDateTo.Day().V
	at := f.note(fmt.Sprintf("details %s %s", from, to))
	rows, err := f.details(from, to)
	return carrier.Answer[serviceorder.Details]{Value: serviceorder.Details{Result: rows}, ObservedAt: at, ReceivedAt: time.Now(), Status: 200}, err
}

// newServiceOrder watches two services.
func newServiceOrder(f *fakeServiceOrders, sink Sink, reg prometheus.Registerer, log *slog.Logger) *ServiceOrder {
	return NewServiceOrder(ServiceOrderConfig{
		Source: "hq", Services: []string{"uno", "mss"}, Zone: time.FixedZone("JST", 9*3600), Workers: 2,
		Jobs: map[string]JobConfig{JobServiceOrders: {Interval: time.Hour}, JobServiceOrderDetails: {Interval: time.Hour}},
	}, f, sink, NewMetrics(reg), log, nil)
}

func serviceOrders(f *fakeServiceOrders, sink Sink) *ServiceOrder {
	return newServiceOrder(f, sink, prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
}

func nothing(schema.Date, schema.Date) ([]serviceorder.Detail, error) { return nil, nil }
