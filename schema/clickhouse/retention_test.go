package clickhouse_test

import (
	"strings"
	"testing"
	"time"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema/clickhouse"
)

// keeping opens a database that is to keep rows for this long.
func keeping(t *testing.T, dsn string, r clickhouse.Retention) *clickhouse.DB {
	t.Helper()
	return openWith(t, clickhouse.Config{DSN: dsn, Retention: r})
}

func TestRetentionChanges(t *testing.T) {
	const day = 24 * time.Hour
	dsn := chdbtest.Start(t)
	for _, tt := range []struct {
		name       string
		keep       clickhouse.Retention
		statements int // two a table whose rule changes
	}{
		{"from the beginning", clickhouse.Retention{Samples: 400 * day, Events: 400 * day}, 18},
		{"the same", clickhouse.Retention{Samples: 400 * day, Events: 400 * day}, 0},
		{"shorter samples", clickhouse.Retention{Samples: 90 * day, Events: 400 * day}, 6},
		{"events for ever", clickhouse.Retention{Samples: 90 * day}, 12},
		{"sessions, and what was copied of them", clickhouse.Retention{Samples: 90 * day, Tables: map[string]time.Duration{"session_events": 100 * day}}, 6},
		{"one table otherwise", clickhouse.Retention{Samples: 90 * day, Tables: map[string]time.Duration{"traffic_samples": 70 * day, "traffic_hours": 800 * day}}, 10},
		{"one of them for ever", clickhouse.Retention{Samples: 90 * day, Tables: map[string]time.Duration{"traffic_samples": 0}}, 4},
		{"all for ever", clickhouse.Retention{}, 4},
	} {
		db := keeping(t, dsn, tt.keep)
		if tt.name == "from the beginning" { // the tables are not there: their rules come with them
			if rules, err := db.PendingRetention(t.Context()); err != nil || len(rules) != 0 {
				t.Fatalf("before the tables: %v, %v", rules, err)
			}
			if err := keeping(t, dsn, clickhouse.Retention{}).Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		rules, err := db.PendingRetention(t.Context())
		if err != nil || len(rules) != tt.statements {
			t.Errorf("%s: pending %d: %v, %v", tt.name, len(rules), rules, err)
		}
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if rules, err := db.PendingRetention(t.Context()); err != nil || len(rules) != 0 {
			t.Errorf("%s: still pending: %v, %v", tt.name, rules, err)
		}
	}
	if got := query(t, keeping(t, dsn, clickhouse.Retention{}), "SELECT count() FROM system.tables WHERE database = currentDatabase() AND engine_full LIKE '% TTL %'"); got != "0\n" {
		t.Errorf("tables with a rule: %s", got)
	}
}

// Rows that are too old go when parts are merged, months at once; days and months stay.
func TestRetentionDropsOldRows(t *testing.T) {
	db := keeping(t, chdbtest.Start(t), clickhouse.Retention{Samples: 90 * 24 * time.Hour})
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, age := range []string{"0", "200"} {
		query(t, db, "INSERT INTO traffic_samples (source, contract_id, line_no, scope, observed_at) SELECT 'hq', 'N1', '090', 'line', now64(3) - INTERVAL "+age+" DAY")
		query(t, db, "INSERT INTO traffic_daily (source, contract_id, line_no, scope, day, bytes) SELECT 'hq', 'N1', '090', 'line', today() - "+age+", 1")
	}
	query(t, db, "OPTIMIZE TABLE traffic_samples FINAL")
	query(t, db, "OPTIMIZE TABLE traffic_daily FINAL")
	got := query(t, db, "SELECT (SELECT count() FROM traffic_samples), (SELECT count() FROM traffic_daily)")
	if strings.TrimSpace(got) != "1\t2" {
		t.Errorf("samples and days left: %s", got)
	}
}
