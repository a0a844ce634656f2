package unom

import (
	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector"
	"kaisen/schema"
)

// gauges show what the inventory holds. One serves all accounts.
type gauges struct {
	lines     *prometheus.GaugeVec
	truncated *prometheus.GaugeVec
}

func newGauges(reg prometheus.Registerer) *gauges {
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		vec := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
		reg.MustRegister(vec)
		return vec
	}
	return &gauges{
		lines:     gauge("kaisen_lines", "Lines in the inventory: active ones are polled, not_found were answered 404, removed left the carrier's list.", "source", "contract_id", "state"),
		truncated: gauge("kaisen_inventory_truncated", "1 if the carrier's list of lines was cut at 1,000 rows.", "source", "contract_id"),
	}
}

// countLines shows what the inventory holds; every state is present, so that a 0 is not an absence.
func (c *Collector) countLines() {
	for _, contract := range c.contracts {
		counts := c.fleet.count(contract)
		for _, state := range []schema.LineState{schema.LineActive, schema.LineNotFound, schema.LineRemoved} {
			c.gauges.lines.WithLabelValues(c.Source, contract, string(state)).Set(float64(counts[state]))
		}
	}
}

// showTruncated shows whether the list of a contract's lines was cut.
func (c *Collector) showTruncated(contract string, truncated bool) {
	c.gauges.truncated.WithLabelValues(c.Source, contract).Set(collector.Indicator(truncated))
}

// showOrders shows the orders of every contract whose lists were read. Those that the carrier no longer knows are in no
// status.
func (c *Collector) showOrders() {
	for contract, b := range c.orders {
		if !c.On(JobOrders) || !b.looked {
			continue
		}
		tally := collector.NewOrderTally(schema.OrderStatuses())
		for _, o := range b.orders {
			if !o.row.Gone {
				tally.Add(string(o.row.Status), !o.row.Status.Final(), o.row.StatusSince)
			}
		}
		c.Metrics.SetOrders(c.Source, contract, name, tally)
	}
}
