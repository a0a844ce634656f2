package clickhouse

import "github.com/prometheus/client_golang/prometheus"

// Metrics counts what is written.
type Metrics struct {
	rows    *prometheus.CounterVec
	errors  *prometheus.CounterVec
	damaged *prometheus.GaugeVec
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
		damaged: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "kaisen_store_damaged_parts", Help: "Parts of a table that ClickHouse has found damaged and put aside; their rows are not in the table.",
		}, []string{"table"}),
	}
	reg.MustRegister(m.rows, m.errors, m.damaged)
	return m
}
