package collector

import (
	"maps"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/schema"
)

// ordersOf names whose orders are counted together: one API of one account, and one contract where the API tells it.
type ordersOf struct{ source, contract, api string }

type orderFigures struct {
	counts map[string]int       // by status
	oldest map[string]time.Time // likewise, open statuses only
}

// orderGauges are the gauges of orders. The figures of an account are swapped as a whole, so that no scrape meets half
// of them: with a GaugeVec, an order that moves on would for a moment be in both statuses, or in none.
type orderGauges struct {
	count, oldest *prometheus.Desc

	mu      sync.Mutex
	figures map[ordersOf]orderFigures
}

func newOrderGauges() *orderGauges {
	labels := []string{"source", "contract_id", "api", "status"}
	return &orderGauges{
		count: prometheus.NewDesc("kaisen_orders", "Orders known, by their status; api is unom, serviceorder or ipoe.", labels, nil),
		oldest: prometheus.NewDesc("kaisen_order_oldest_timestamp_seconds",
			"Since when the order that has been in this open status for longest is in it; absent where there is none.", labels, nil),
		figures: make(map[ordersOf]orderFigures),
	}
}

// SetOrders shows how many orders are in each status, and since when the one that has been in an open status for
// longest is in it: a final status has no place in oldest. It replaces everything shown of that source, contract and
// API, so counts should have every status that the API can tell, 0 where there is no such order. Contract is "" where
// the API tells none.
func (m *Metrics) SetOrders(source, contractID, api string, counts map[string]int, oldest map[string]time.Time) {
	m.orders.mu.Lock()
	defer m.orders.mu.Unlock()
	m.orders.figures[ordersOf{source, contractID, api}] = orderFigures{maps.Clone(counts), maps.Clone(oldest)}
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

// showOrders shows the orders of every contract whose lists were read. Those that the carrier no longer knows are in no
// status.
func (u *Unom) showOrders() {
	for contract, b := range u.orders {
		if !u.on(JobOrders) || !b.looked {
			continue
		}
		tally := newOrderTally(schema.OrderStatuses())
		for _, o := range b.orders {
			if !o.row.Gone {
				tally.add(o.row.Status, !o.row.Status.Final(), o.row.StatusSince)
			}
		}
		u.metrics.SetOrders(u.cfg.Source, contract, "unom", tally.counts, tally.oldest)
	}
}
