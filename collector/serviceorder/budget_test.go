package serviceorder

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/collectortest"
	"kaisen/collector/serviceorder/api"
)

// moody is a carrier whose answers follow moods.
type moody struct{ moods *collectortest.Moods }

func (m moody) Now() time.Time { return time.Now() }

func (m moody) Orders(_ context.Context, r api.OrdersRequest) (answer carrier.Answer[api.Orders], err error) {
	mood := m.moods.Ask("orders", string(r.ServiceName))
	answer.ObservedAt = time.Now()
	if !mood.Empty {
		answer.Value.Orders = []api.Order{{OrderRequestNum: "1"}, {OrderRequestNum: "2"}, {OrderRequestNum: "3"}}
	}
	if mood.Odd {
		answer.Value.Orders = make([]api.Order, 1)
	}
	return answer, mood.Err
}

func (m moody) Details(_ context.Context, r api.DetailsRequest) (answer carrier.Answer[api.Details], err error) {
	mood := m.moods.Ask("details", "")
	answer.ObservedAt = time.Now()
	if mood.Odd {
		answer.Value.Result = make([]api.Detail, 2)
	}
	return answer, mood.Err
}

// Whatever the carrier answers, no job asks more than its interval says. A period of details that is too large is asked
// for in halves, the longest once: a month of days.
func TestNoJobAsksMoreThanItsIntervalSays(t *testing.T) {
	const interval, lasts = 10 * time.Minute, 6 * time.Hour
	worst := map[string]float64{}
	for seed := range uint64(120) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				awaken(t)
				m := moody{collectortest.NewMoods(seed, collectortest.Failures()...)}
				m.moods.Panics = seed%4 == 0
				began := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), lasts)
				defer cancel()
				account := collector.Account{Source: "hq", Settings: &Settings{ServiceNames: []string{"uno", "mss", "accs"}}, Zone: time.UTC, Workers: 2,
					Jobs: map[string]collector.JobConfig{JobOrders: {Interval: interval}, JobDetails: {Interval: interval}}}
				if err := New(account, m, collectortest.Deps(new(collectortest.Sink), prometheus.NewRegistry())).Run(ctx); err != nil {
					t.Fatal(err)
				}
				for operation, items := range map[string]int{"orders": 3, "details": 7} {
					factor, err := m.moods.Within(operation, items, interval, began)
					if err != nil {
						t.Errorf("%v\n%s", err, m.moods)
					}
					worst[operation] = max(worst[operation], factor)
				}
			})
		})
	}
	t.Logf("times as many requests as items and interval say, in the last three hours: %v", worst)
}
