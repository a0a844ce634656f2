package app

import (
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector/unom"
	"kaisen/internal/simulator"
	"kaisen/schema/clickhouse"
)

// A month that is over is closed as soon as its samples have come to rest, once, and says the same afterwards.
func TestMonthsAreClosed(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(c *simulator.Config) { c.Start = time.Date(2026, 4, 30, 20, 0, 0, 0, tokyo(t)) })
	r.only(unom.JobLines, unom.JobDataShare, unom.JobTraffic)
	for range 3 { // over the month's turn
		r.sweep()
		r.advance(3 * time.Hour)
	}
	db, err := clickhouse.Open(t.Context(), clickhouse.Config{DSN: r.dsn}, clickhouse.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const hours = "SELECT * FROM traffic_hourly"
	want, a := r.query(hours), r.app()
	if len(want) == 0 {
		t.Fatal("no hours to close")
	}
	if more, err := a.closeMonth(t.Context(), db); err != nil || more {
		t.Fatalf("samples have just come: %t, %v", more, err)
	}
	r.query("TRUNCATE TABLE month_fills") // as if that were long ago
	for _, left := range []bool{true, false, false} {
		if more, err := a.closeMonth(t.Context(), db); err != nil || more != left {
			t.Fatalf("more %t, want %t; %v", more, left, err)
		}
	}
	if months := r.query("SELECT month FROM closed_months ORDER BY month"); len(months) != 2 || months[0] != "2026-04-01" {
		t.Errorf("closed %v, want April and May", months)
	}
	r.same("traffic_hourly", hours, want)
}
