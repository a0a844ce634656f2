package app

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/internal/config"
	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// tended is a store on a database of its own, which it looks at as often as it can.
func tended(t *testing.T, autoMigrate bool) (*store, *clickhouse.DB, *liveLog) {
	t.Helper()
	log := new(liveLog)
	dsn := chdbtest.StartHTTPFrom(t, migrate)
	metrics := clickhouse.NewMetrics(prometheus.NewRegistry())
	db, err := clickhouse.Open(t.Context(), clickhouse.Config{DSN: dsn}, metrics, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	cfg := config.DefaultConfig()
	cfg.Store = config.Store{Kind: config.StoreClickHouse, DSN: config.NewDSN(dsn), AutoMigrate: autoMigrate}
	s := newStore(&cfg, engineUse{}, prometheus.NewRegistry(), slog.New(slog.NewTextHandler(log, nil)))
	s.every = 10 * time.Millisecond
	return s, db, log
}

// within waits until something has happened.
func within(t *testing.T, what string, happened func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !happened(); <-time.After(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

func change(t *testing.T, db *clickhouse.DB, sql string) {
	t.Helper()
	body, err := db.Query(t.Context(), sql, "TSV")
	if err != nil {
		t.Fatal(err)
	}
	body.Close()
}

// serve runs a store until the end of the test.
func serveStore(t *testing.T, s *store) {
	t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- s.run(t.Context()) }()
	t.Cleanup(func() {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	if err := s.wait(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A view that nothing misses, and a table that an insert misses, are made again, and reported once.
func TestWhatIsDroppedIsMadeAgainWhileKaisenRuns(t *testing.T) {
	s, db, log := tended(t, true)
	serveStore(t, s)
	change(t, db, "DROP VIEW traffic_latest_mv")
	within(t, "the view is back", func() bool { return strings.Contains(log.String(), "is there again") })
	change(t, db, "DROP TABLE sweeps")
	within(t, "rows are taken again", func() bool {
		return s.Insert(t.Context(), &schema.Batch{Sweeps: []schema.Sweep{{Source: "hq", Job: "traffic"}}}) == nil
	})
	text := log.String()
	for _, gone := range []string{"gone=traffic_latest_mv", "gone=sweeps"} {
		if n := strings.Count(text, gone); n != 1 {
			t.Errorf("%s is told %d times:\n%s", gone, n, text)
		}
	}
}

// Where somebody else sees to the tables, what is gone is reported, once, and left alone; and reported when it is back.
func TestWhatIsDroppedIsToldWithoutAutoMigrate(t *testing.T) {
	s, db, log := tended(t, false)
	serveStore(t, s)
	change(t, db, "DROP TABLE sweeps")
	within(t, "it is told", func() bool { return strings.Contains(log.String(), "kaisen migrate makes them again\" gone=sweeps") })
	if gone, err := db.Gone(t.Context()); err != nil || len(gone) != 1 {
		t.Errorf("gone are %v, %v", gone, err)
	}
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	within(t, "its return is told", func() bool { return strings.Contains(log.String(), "is there again") })
	if text := log.String(); strings.Count(text, "gone=sweeps") != 1 {
		t.Errorf("told:\n%s", text)
	}
}
