package clickhouse_test

import (
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema/clickhouse"
)

func TestOpenSaysWhatIsWrong(t *testing.T) {
	dsn := chdbtest.StartHTTP(t)
	server, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	host := server.Host
	password, _ := server.User.Password()
	tests := []struct{ name, dsn, want string }{
		{"no DSN at all", "kaisen:hunter2@nowhere", "store.dsn: "},
		{"another scheme", "mysql://kaisen:hunter2@" + host + "/kaisen", "store.dsn: "},
		{"bad option", "clickhouse://kaisen:hunter2@" + host + "/kaisen?dial_timeout=soon", "store.dsn: "},
		{"bad address", "http://kaisen:hunter2@%zz/kaisen", "store.dsn: "},
		{"nobody there", "http://kaisen:hunter2@127.0.0.1:1/kaisen", "ClickHouse at 127.0.0.1:1: "},
		{"wrong password", "http://kaisen:hunter2@" + host + "/kaisen", "Authentication failed"},
		{"no such database", server.ResolveReference(&url.URL{Path: "/nosuch"}).String(), "database nosuch is not on " + host + ": \"kaisen migrate\" makes it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := clickhouse.DefaultConfig()
			cfg.DSN = tt.dsn
			_, err := clickhouse.Open(t.Context(), cfg, clickhouse.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), password) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestOpenMakesTheDatabase(t *testing.T) {
	dsn := chdbtest.StartHTTP(t)
	cfg := clickhouse.Config{DSN: dsn + "_made", CreateDatabase: true}
	db := openWith(t, cfg)
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := db.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
}
