package clickhouse

import (
	"context"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

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

// Damaged returns the number of parts, by table, that ClickHouse found damaged when it started and moved into the folder
// detached of the table: their rows are not in the table any more. It sets the gauge of them too.
func (db *DB) Damaged(ctx context.Context) (map[string]int, error) {
	rows, err := db.conn.Query(ctx, `SELECT table, count() FROM system.detached_parts
WHERE database = currentDatabase() AND reason LIKE 'broken%' GROUP BY table`)
	if err != nil {
		return nil, fmt.Errorf("detached parts: %w", brief(err))
	}
	defer rows.Close()
	damaged := map[string]int{}
	for rows.Next() {
		var table string
		var parts uint64
		if err := rows.Scan(&table, &parts); err != nil {
			return nil, fmt.Errorf("detached parts: %w", err)
		}
		damaged[table] = int(parts)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("detached parts: %w", brief(err))
	}
	db.metrics.damaged.Reset()
	for table := range db.tables {
		db.metrics.damaged.WithLabelValues(table).Set(0) // so that the first one is seen
	}
	for table, parts := range damaged {
		db.metrics.damaged.WithLabelValues(table).Set(float64(parts))
	}
	return damaged, nil
}
