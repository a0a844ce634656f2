package clickhouse_test

import (
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema/clickhouse"
)

// An answer may take longer than the timeout as long as it goes on.
func TestAnAnswerThatTakesLongerThanTheTimeout(t *testing.T) {
	cfg := clickhouse.DefaultConfig()
	cfg.DSN, cfg.Timeout, cfg.Streams = chdbtest.Start(t), 4*time.Second, true
	db, err := clickhouse.Open(t.Context(), cfg, clickhouse.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	answer, err := db.Query(t.Context(), "SELECT number, sleepEachRow(0.3) FROM numbers(20) SETTINGS max_block_size = 1", "TabSeparated")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Close()
	text, err := io.ReadAll(answer)
	if n := strings.Count(string(text), "\n"); n != 20 || err != nil {
		t.Errorf("%d rows, error %v", n, err)
	}
}
