package clickhouse_test

import (
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"kaisen/schema"
	"kaisen/schema/chdb/chdbtest"
	"kaisen/schema/clickhouse"
)

// What is said of a server that has gone fits on a line, and has no statement and no parameters in it.
func TestAServerThatHasGone(t *testing.T) {
	engine, err := url.Parse(chdbtest.Start(t))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: engine.Host}))
	cfg := clickhouse.DefaultConfig()
	cfg.DSN, cfg.CreateDatabase = strings.Replace(server.URL, "http://", "http://default:@", 1)+engine.Path+"_gone", true
	db := openWith(t, cfg)
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	server.Close()
	batch := schema.Batch{Sweeps: []schema.Sweep{{Source: "hq", Job: "traffic"}}}
	for name, ask := range map[string]func() error{
		"insert":   func() error { return db.Insert(t.Context(), &batch) },
		"ping":     func() error { return db.Ping(t.Context()) },
		"query":    func() error { _, err := db.Query(t.Context(), "SELECT 1", "TSV"); return err },
		"state":    func() error { _, err := db.State(t.Context(), "hq", time.Hour); return err },
		"forecast": func() error { _, err := db.Forecast(t.Context(), "hq"); return err },
	} {
		err := ask()
		if err == nil {
			t.Errorf("%s: nothing wrong", name)
			continue
		}
		text := err.Error()
		if !strings.Contains(text, "no answer from "+strings.TrimPrefix(server.URL, "http://")+": ") || strings.Contains(text, "=") || len(text) > 200 {
			t.Errorf("%s: %s", name, text)
		}
	}
}
