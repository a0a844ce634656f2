package ipoe

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
	"kaisen/collector/ipoe/api"
	"kaisen/internal/racetest"
)

// moody is a carrier whose answers follow moods.
type moody struct {
	moods *collectortest.Moods
	items int
}

// told is an answer in its mood: the value, an empty one, an odd one, or a failure.
func told[T any](m *moody, operation, item string, value, odd T) (carrier.Answer[T], error) {
	var none T
	switch mood := m.moods.Ask(operation, item); {
	case mood.Err != nil:
		return carrier.Answer[T]{}, mood.Err
	case mood.Empty:
		return toldNow(none), nil
	case mood.Odd:
		return toldNow(odd), nil
	}
	return toldNow(value), nil
}

func (m *moody) Now() time.Time { return time.Now() }

func (m *moody) AllProducts(context.Context, api.ProductsRequest) (carrier.Answer[[]api.Product], error) {
	return told(m, "products", "", []api.Product{{ProductCode: "1"}}, []api.Product{{}})
}

func (m *moody) AllSites(context.Context, api.SitesRequest) (carrier.Answer[[]api.Site], error) {
	var sites []api.Site
	for i := range m.items {
		sites = append(sites, api.Site{CustomerSiteCode: fmt.Sprint(i), Status: api.SiteInUse})
	}
	return told(m, "sites", "", sites, sites[:1])
}

func (m *moody) Site(_ context.Context, r api.SiteRequest) (carrier.Answer[api.SiteDetail], error) {
	return told(m, "site", r.CustomerSiteCode, api.SiteDetail{Site: api.Site{CustomerSiteCode: r.CustomerSiteCode}}, api.SiteDetail{})
}

func (m *moody) AllOrders(context.Context, api.OrdersRequest) (carrier.Answer[[]api.Order], error) {
	var orders []api.Order
	for i := range m.items {
		orders = append(orders, api.Order{OrderCode: fmt.Sprint(i), Status: api.OrderInProgress})
	}
	return told(m, "orders", "", orders, orders[:1])
}

func (m *moody) Order(_ context.Context, r api.OrderRequest) (carrier.Answer[api.OrderDetail], error) {
	return told(m, "order", r.OrderCode, api.OrderDetail{Order: api.Order{OrderCode: r.OrderCode}}, api.OrderDetail{})
}

// Whatever the carrier answers, no job asks more than its interval says.
func TestNoJobAsksMoreThanItsIntervalSays(t *testing.T) {
	const items, interval, lasts = 12, 10 * time.Minute, 6 * time.Hour
	worst := map[string]float64{}
	for seed := range uint64(racetest.Fewer(120, 8)) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &moody{collectortest.NewMoods(seed, append(collectortest.Failures(), noSuch())...), items}
				m.moods.Panics = seed%4 == 0
				jobs := Kind().DefaultJobs()
				for job := range jobs {
					jobs[job] = collector.JobConfig{Interval: interval}
				}
				began := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), lasts)
				defer cancel()
				account := collector.Account{Source: "ip", Zone: time.UTC, Workers: 2, Jobs: jobs}
				if err := New(account, m, collectortest.Deps(new(collectortest.Sink), prometheus.NewRegistry())).Run(ctx); err != nil {
					t.Fatal(err)
				}
				for operation, items := range map[string]int{"products": 1, "sites": 1, "orders": 1, "site": items, "order": items} {
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
