package clickhouse_test

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema/clickhouse"
)

func TestMain(m *testing.M) { chdbtest.Main(m) }

// open connects to a DSN; the registry is the test's own.
func open(t testing.TB, dsn string) *clickhouse.DB {
	t.Helper()
	cfg := clickhouse.DefaultConfig()
	cfg.DSN = dsn
	return openWith(t, cfg)
}

// openWith is open where more than the DSN matters.
func openWith(t testing.TB, cfg clickhouse.Config) *clickhouse.DB {
	t.Helper()
	db, err := clickhouse.Open(t.Context(), cfg, clickhouse.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// migrated is a fresh database with kaisen's tables.
func migrated(t testing.TB) *clickhouse.DB {
	t.Helper()
	db := open(t, chdbtest.StartFrom(t, migrate))
	if pending, err := db.Pending(t.Context()); err != nil || len(pending) > 0 {
		t.Fatalf("%d migrations are pending in a copy of a migrated database, error %v", len(pending), err)
	}
	return db
}

// migrate makes kaisen's tables in a database.
func migrate(dsn string) error {
	cfg := clickhouse.DefaultConfig()
	cfg.DSN = dsn
	db, err := clickhouse.Open(context.Background(), cfg, clickhouse.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	return errors.Join(db.Migrate(context.Background()), db.Close())
}

func itoa(n int) string { return strconv.Itoa(n) }

// isRefused reports whether the error blames the rows.
func isRefused(err error) bool {
	var refused interface{ BadData() bool }
	return errors.As(err, &refused) && refused.BadData()
}
