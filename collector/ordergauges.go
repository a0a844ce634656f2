package collector

import (
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
	count, oldest *prometheus.Desc

	mu      sync.Mutex
	figures map[ordersOf]OrderTally
}

func newOrderGauges() *orderGauges {
	labels := []string{"source", "contract_id", "api", "status"}
	return &orderGauges{
		count: prometheus.NewDesc("kaisen_orders", "Orders known, by their status; api is unom, serviceorder or ipoe.", labels, nil),
		oldest: prometheus.NewDesc("kaisen_order_oldest_timestamp_seconds",
			"Since when the order that has been in this open status for longest is in it; absent where there is none.", labels, nil),
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
	}
}

// OrderTally counts orders for the gauges. It has every status that the API knows, 0 where there is no such order.
type OrderTally struct {
	counts map[string]int       // by status, all of them
	oldest map[string]time.Time // likewise, open ones only: a final status has no place in it
}

// NewOrderTally makes a tally without an order.
func NewOrderTally[S ~string](statuses []S) OrderTally {
	t := OrderTally{make(map[string]int), make(map[string]time.Time)}
	for _, status := range statuses {
		t.counts[string(status)] = 0
	}
	return t
}

// Add counts an order, which is open or not and has been in its status since a time.
func (t OrderTally) Add(status string, open bool, since time.Time) {
	t.counts[status]++
	if oldest, some := t.oldest[status]; open && (!some || since.Before(oldest)) {
		t.oldest[status] = since
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
