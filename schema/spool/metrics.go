package spool

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics shows what waits.
type Metrics struct {
	bytes    prometheus.Gauge
	oldest   prometheus.Gauge
	rejected *prometheus.CounterVec
}

// NewMetrics registers them.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		bytes: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "kaisen_spool_bytes", Help: "Memory of the rows that the store has not taken yet (an estimate: row sizes and text lengths).",
		}),
		oldest: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "kaisen_spool_oldest_timestamp_seconds", Help: "When the row that has waited longest was accepted; 0 while none waits.",
		}),
		rejected: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kaisen_spool_rejected_rows_total", Help: "Rows that the store refuses for what they say, by table; they are kept in dead_letters.",
		}, []string{"table"}),
	}
	reg.MustRegister(m.bytes, m.oldest, m.rejected)
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
