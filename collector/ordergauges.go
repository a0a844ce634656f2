package collector

import (
	"cmp"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/schema"
)

// ordersOf names whose orders are counted together: one API of one account, and one contract where the API says which.
type ordersOf struct{ source, contract, api string }

// orderGauges are the gauges of orders. The figures of an account are swapped as a whole, so that no scrape meets half
// of them: with a GaugeVec, an order that moves on would for a moment be in both statuses, or in none.
type orderGauges struct {
	count, oldest          *prometheus.Desc
	since, planned, failed *prometheus.Desc

	mu      sync.Mutex
	figures map[ordersOf]OrderTally
}

func newOrderGauges() *orderGauges {
	labels := []string{"source", "contract_id", "api", "status"}
	each := append(labels[:len(labels):len(labels)], "order_id")
	return &orderGauges{
		count: prometheus.NewDesc("kaisen_orders", "Orders known, by their status; api is unom, serviceorder or ipoe.", labels, nil),
		oldest: prometheus.NewDesc("kaisen_order_oldest_timestamp_seconds",
			"Since when the order that has been in this open status for longest is in it; absent where there is none.", labels, nil),
		since:   prometheus.NewDesc("kaisen_order_since_timestamp_seconds", "Since when an open order is in its status.", each, nil),
		planned: prometheus.NewDesc("kaisen_order_planned_timestamp_seconds", "The day for which an open order is planned, its beginning in Japan; absent where it has none.", each, nil),
		failed: prometheus.NewDesc("kaisen_order_error_timestamp_seconds",
			"Since when an order is in its status, of those that the carrier rejected or tells an error of; the others have none.", each, nil),
		figures: make(map[ordersOf]OrderTally),
	}
}

// SetOrders shows the orders of a source, and of a contract where the API names one, "" else. It replaces everything
// shown of that source, contract and API. The caller does not change the tally afterwards.
func (m *Metrics) SetOrders(source, contractID, api string, tally OrderTally) {
	m.orders.mu.Lock()
	defer m.orders.mu.Unlock()
	m.orders.figures[ordersOf{source, contractID, api}] = tally
}

// Describe implements prometheus.Collector.
func (g *orderGauges) Describe(descs chan<- *prometheus.Desc) {
	descs <- g.count
	descs <- g.oldest
	descs <- g.since
	descs <- g.planned
	descs <- g.failed
}

// Collect implements prometheus.Collector.
func (g *orderGauges) Collect(metrics chan<- prometheus.Metric) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for of, figures := range g.figures {
		show := func(desc *prometheus.Desc, status string, value float64) {
			metrics <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, of.source, of.contract, of.api, status)
		}
		for status, n := range figures.counts {
			show(g.count, status, float64(n))
		}
		for status, since := range figures.oldest {
			show(g.oldest, status, float64(since.UnixMilli())/1000)
		}
		for series, o := range figures.watched {
			contract := cmp.Or(of.contract, series.contract)
			one := func(desc *prometheus.Desc, at time.Time) {
				metrics <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(at.UnixMilli())/1000, of.source, contract, of.api, o.Status, series.id)
			}
			if o.Open {
				one(g.since, o.Since)
			}
			if o.Open && o.Planned.Known {
				one(g.planned, o.Planned.V.Time().Add(-japan))
			}
			if o.Failed {
				one(g.failed, o.Since)
			}
		}
	}
}

// DeletePartialMatch forgets the orders of a source, or of one of its contracts, as metrics of the library's own forget their
// series.
func (g *orderGauges) DeletePartialMatch(labels prometheus.Labels) (deleted int) {
	contract, of := labels["contract_id"]
	g.mu.Lock()
	defer g.mu.Unlock()
	for key := range g.figures {
		if key.source == labels["source"] && (!of || key.contract == contract) {
			delete(g.figures, key)
			deleted++
		}
	}
	return deleted
}

// japan is how far the carrier's days are ahead of UTC's.
const japan = 9 * time.Hour

// OrderTally counts orders for the gauges. It has every status that the API knows, 0 where there is no such order.
type OrderTally struct {
	counts  map[string]int               // by status, all of them
	oldest  map[string]time.Time         // likewise, open ones only: a final status has no place in it
	watched map[orderSeries]WatchedOrder // those that are open or failed
}

// orderSeries is what tells a series of one order from others of the same account.
type orderSeries struct{ contract, status, id string }

// WatchedOrder is an order as an alert may have to speak of it.
type WatchedOrder struct {
	ContractID string // the order's own, where SetOrders is given none
	Status     string
	Since      time.Time               // it is in its status
	Open       bool                    // more is to happen to it
	Planned    schema.Opt[schema.Date] // the day it is to be carried out
	Failed     bool                    // the carrier rejected it, or tells an error of it
}

// before reports whether an order is shown instead of another that has the same labels, as two services may have: the one that
// is planned earlier, one that is planned at all, the one that has been in its status for longer.
func (o WatchedOrder) before(other WatchedOrder) bool {
	if o.Planned.Known != other.Planned.Known {
		return o.Planned.Known
	}
	return cmp.Or(cmp.Compare(o.Planned.V, other.Planned.V), o.Since.Compare(other.Since)) < 0
}

// NewOrderTally makes a tally without an order.
func NewOrderTally[S ~string](statuses []S) OrderTally {
	t := OrderTally{make(map[string]int), make(map[string]time.Time), make(map[orderSeries]WatchedOrder)}
	for _, status := range statuses {
		t.counts[string(status)] = 0
	}
	return t
}

// Add counts an order, and shows it by its number where it is open or failed.
func (t OrderTally) Add(number string, o WatchedOrder) {
	t.counts[o.Status]++
	if oldest, some := t.oldest[o.Status]; o.Open && (!some || o.Since.Before(oldest)) {
		t.oldest[o.Status] = o.Since
	}
	if o.Open || o.Failed {
		key := orderSeries{strings.ToValidUTF8(o.ContractID, "\uFFFD"), o.Status, strings.ToValidUTF8(number, "\uFFFD")}
		if other, known := t.watched[key]; !known || o.before(other) {
			t.watched[key] = o
		}
	}
}

// OrderType is the meaning of an orderType in the words of the tables. The Service Order API and the IPoE API use the
// same.
func OrderType(meaning string) schema.OrderType {
	switch known := schema.OrderType(meaning); known {
	case schema.OrderTypeNew, schema.OrderTypeChange, schema.OrderTypeCancel:
		return known
	}
	return schema.OrderTypeUnknown
}
