package clickhouse_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// What is said of a server that has gone fits on a line, and has no statement, no parameters and no password in it.
func TestAServerThatHasGone(t *testing.T) {
	for _, protocol := range []string{"http", "native"} {
		t.Run(protocol, func(t *testing.T) {
			engine := chdbtest.StartOwn(t)
			dsn, want := engine.Supervisor.DSN(), "127.0.0.1:"
			if protocol == "http" {
				dsn, want = engine.HTTP(dsn), "no answer from 127.0.0.1:"
			}
			cfg := clickhouse.DefaultConfig()
			cfg.DSN, cfg.CreateDatabase = dsn, true
			db := openWith(t, cfg)
			if err := db.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			engine.End()
			server, err := url.Parse(dsn)
			if err != nil {
				t.Fatal(err)
			}
			password, _ := server.User.Password()
			for name, ask := range requests(t, db) {
				switch err := ask(); {
				case err == nil:
					t.Errorf("%s: nothing wrong", name)
				case !strings.Contains(err.Error(), want), strings.Contains(err.Error(), "="), strings.Contains(err.Error(), password), len(err.Error()) > 250:
					t.Errorf("%s: %s", name, err)
				}
			}
		})
	}
}

// requests are one of each kind.
func requests(t *testing.T, db *clickhouse.DB) map[string]func() error {
	batch := schema.Batch{Sweeps: []schema.Sweep{{Source: "hq", Job: "traffic"}}}
	return map[string]func() error{
		"insert":   func() error { return db.Insert(t.Context(), &batch) },
		"ping":     func() error { return db.Ping(t.Context()) },
		"query":    func() error { _, err := db.Query(t.Context(), "SELECT 1", "TSV"); return err },
		"figures":  func() error { return db.Figures(t.Context(), "hq", func(schema.State) error { return nil }) },
		"state":    func() error { _, err := db.State(t.Context(), "hq", time.Hour); return err },
		"forecast": func() error { _, err := db.Forecast(t.Context(), "hq"); return err },
		"pools":    func() error { _, err := db.PoolForecast(t.Context(), "hq"); return err },
	}
}
