package serviceorder

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/collectortest"
	"kaisen/collector/serviceorder/api"
	"kaisen/schema"
)

// fakeServiceOrders answers from what a test put in.
type fakeServiceOrders struct {
	mu      sync.Mutex
	orders  map[string][]api.Order // by service
	details func(from, to schema.Date) ([]api.Detail, error)
	odd     []carrier.Warning // what is odd in the lists
	counts  map[string]int64  // by service: how many orders there are, it says
	found   func(from, to schema.Date) int
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

func (f *fakeServiceOrders) Orders(_ context.Context, r api.OrdersRequest) (carrier.Answer[api.Orders], error) {
	at := f.note("orders " + string(r.ServiceName))
	f.mu.Lock()
	defer f.mu.Unlock()
	orders, known := f.orders[string(r.ServiceName)]
	if !known {
		return carrier.Answer[api.Orders]{}, &carrier.Error{Kind: carrier.KindNotAllowed, Status: 403}
	}
	list := api.Orders{Orders: slices.Clone(orders)}
	if n, counted := f.counts[string(r.ServiceName)]; counted {
		list.ResultCount = &n
	}
	return carrier.Answer[api.Orders]{Value: list, ObservedAt: at, ReceivedAt: time.Now(), Status: 200, Warnings: f.odd}, nil
}

func (f *fakeServiceOrders) Details(_ context.Context, r api.DetailsRequest) (carrier.Answer[api.Details], error) {
	from, to := r.DataUpdateDateFrom.Day().V, r.DataUpdateDateTo.Day().V
	at := f.note(fmt.Sprintf("details %s %s", from, to))
	rows, err := f.details(from, to)
	details := api.Details{Result: rows}
	if f.found != nil {
		details.DetailMsg = fmt.Sprintf("正常終了しました。(検索結果:%d件)", f.found(from, to))
	}
	return carrier.Answer[api.Details]{Value: details, ObservedAt: at, ReceivedAt: time.Now(), Status: 200}, err
}

// newServiceOrder watches two services.
func newServiceOrder(f *fakeServiceOrders, sink collector.Sink, reg prometheus.Registerer, log *slog.Logger) *Collector {
	deps := collectortest.Deps(sink, reg)
	deps.Log = log
	return New(collector.Account{
		Source: "hq", Settings: &Settings{ServiceNames: []string{"uno", "mss"}}, Zone: time.FixedZone("JST", 9*3600), Workers: 2,
		Jobs: Kind().DefaultJobs(),
	}, f, deps)
}

func serviceOrders(f *fakeServiceOrders, sink collector.Sink) *Collector {
	return newServiceOrder(f, sink, prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
}

func nothing(schema.Date, schema.Date) ([]api.Detail, error) { return nil, nil }
