package spool

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics shows what waits, and what became of rows that could not simply be passed on.
type Metrics struct {
	bytes      prometheus.Gauge
	oldest     prometheus.Gauge
	full       prometheus.Gauge
	thinned    *prometheus.CounterVec
	rejected   *prometheus.CounterVec
	unreadable prometheus.Counter
}

// NewMetrics registers them.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		bytes: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "kaisen_spool_bytes", Help: "Bytes on disk of the rows that the store has not taken yet.",
		}),
		oldest: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "kaisen_spool_oldest_timestamp_seconds", Help: "When the row that has waited longest was accepted; 0 while none waits.",
		}),
		full: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "kaisen_spool_full", Help: "1 while the spool has reached its bound: samples are thinned, and when that is not enough sweeps wait.",
		}),
		thinned: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kaisen_spool_thinned_rows_total", Help: "Samples given up because the spool was full, by table.",
		}, []string{"table"}),
		rejected: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kaisen_spool_rejected_rows_total", Help: "Rows that the store refuses for what they say, by table; they are kept in dead_letters.",
		}, []string{"table"}),
		unreadable: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "kaisen_spool_unreadable_records_total", Help: "Batches in the spool that this kaisen cannot read; they are kept aside in its file.",
		}),
	}
	reg.MustRegister(m.bytes, m.oldest, m.full, m.thinned, m.rejected, m.unreadable)
	for _, table := range thinnedTables() {
		m.thinned.WithLabelValues(table)
	}
	return m
}

// show sets the gauges.
func (m *Metrics) show(bytes int, oldest time.Time) {
	m.bytes.Set(float64(bytes))
	if oldest.IsZero() {
		m.oldest.Set(0)
		return
	}
	m.oldest.Set(float64(oldest.UnixMilli()) / 1e3)
}
