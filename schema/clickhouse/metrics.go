package clickhouse

import "github.com/prometheus/client_golang/prometheus"

// Metrics counts what is written.
type Metrics struct {
	rows   *prometheus.CounterVec
	errors *prometheus.CounterVec
}

// NewMetrics registers them.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		rows: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kaisen_rows_written_total", Help: "Rows that ClickHouse has taken, by table. A replay counts again.",
		}, []string{"table"}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kaisen_store_errors_total", Help: "Inserts that ClickHouse did not take, by table; each is tried again.",
		}, []string{"table"}),
	}
	reg.MustRegister(m.rows, m.errors)
	return m
}
