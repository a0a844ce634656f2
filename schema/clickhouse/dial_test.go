package clickhouse_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/schema/clickhouse"
)

// mute accepts connections until the end of the test, and says nothing on them.
func mute(t *testing.T) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
		}
	}()
	return listener.Addr().String()
}

// A server that accepts a connection and never answers keeps nobody longer than they wait.
func TestAServerThatNeverAnswers(t *testing.T) {
	for _, dsn := range []string{"clickhouse://kaisen@%s/kaisen", "clickhouse://kaisen@%s/kaisen?secure=true", "http://kaisen@%s/kaisen", "https://kaisen@%s/kaisen"} {
		t.Run(dsn, func(t *testing.T) {
			t.Parallel()
			cfg := clickhouse.DefaultConfig()
			cfg.DSN = fmt.Sprintf(dsn, mute(t))
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			began := time.Now()
			_, err := clickhouse.Open(ctx, cfg, clickhouse.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
			if took := time.Since(began); err == nil || took > 5*time.Second {
				t.Errorf("%s until %v", took, err)
			}
		})
	}
}
