package clickhouse_test

import (
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema/clickhouse"
	"kaisen/schema/clickhouse/transfer"
)

// BenchmarkCopyToShards copies a fleet's past from one engine to three shards, all on this machine, and once more when there
// is nothing left to copy. KAISEN_HISTORY_DAYS as for BenchmarkHistory; -benchtime 1x, because a second copy has nothing to do.
func BenchmarkCopyToShards(b *testing.B) {
	h := historyOf(b)
	cluster := chdbtest.StartCluster(b, 3)
	engine := chdbtest.StartOwn(b)
	from := openWith(b, clickhouse.Config{DSN: engine.Database(b), Timeout: time.Hour}) // as kaisen copy reads
	if err := from.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	h.make(b, func(sql string) string { return query(b, from, sql) })
	to := openWith(b, clickhouse.Config{DSN: cluster.DSN(0, "copied"), CreateDatabase: true, Cluster: chdbtest.ClusterName, Timeout: time.Hour})
	if err := to.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	for _, name := range []string{"copy", "again"} {
		b.Run(name, func(b *testing.B) {
			began := time.Now()
			result, err := transfer.Run(b.Context(), from, to, slog.New(slog.DiscardHandler))
			if err != nil || !result.Equal() {
				b.Fatalf("%+v, %v", result, err)
			}
			for b.Loop() {
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(time.Since(began).Minutes(), "minutes")
			b.ReportMetric(float64(result.Sent()), "rows")
			b.ReportMetric(peakMemory(b)/1e6, "MB-peak")
			for _, t := range result.Tables {
				if t.Rows > 0 {
					b.Logf("%-20s %9d rows, %9d copied, %11d bytes, %6.1f s, checksum %016x equal", t.Name, t.Rows, t.Sent, t.Bytes, t.Took.Seconds(), t.Checksum)
				}
			}
		})
	}
}

// peakMemory is the most that this process, in which kaisen copies and no engine runs, has had in memory.
func peakMemory(b *testing.B) float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip(err)
	}
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	var kilobytes float64
	fmt.Sscan(rest, &kilobytes)
	return kilobytes * 1024
}
