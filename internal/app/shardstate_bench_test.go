package app

import (
	"context"
	"fmt"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"testing"

	"kaisen/collector"
	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// pastOfLines fills a database with what the start of a service reads of so many lines of 100 contracts.
func pastOfLines(lines int) []string {
	const keys = "'hq', 'N' || leftPad(toString(number %% 100), 9, '0'), '090' || leftPad(toString(number %% %[1]d), 8, '0')"
	of := func(sql string) string { return fmt.Sprintf(sql, lines) }
	return []string{
		of(`INSERT INTO lines (source, contract_id, line_no, state, origin, plan_code, access, data_share, first_seen, last_seen, observed_at)
SELECT ` + keys + `, 'active', 'list', 'T3001328', 'lte', 'none', now64(), now64(), now64() FROM numbers(%[1]d)`),
		of(`INSERT INTO traffic_daily (source, contract_id, line_no, scope, day, bytes, observed_at)
SELECT ` + keys + `, 'line', today() - intDiv(number, %[1]d), cityHash64(number) %% 1000000000, now64() FROM numbers(%[1]d * 31)`),
		of(`INSERT INTO traffic_monthly (source, contract_id, line_no, scope, month, bytes, observed_at)
SELECT ` + keys + `, 'line', addMonths(toStartOfMonth(today()), -intDiv(number, %[1]d)), cityHash64(number) %% 10000000000, now64() FROM numbers(%[1]d * 3)`),
		of(`INSERT INTO traffic_samples (source, contract_id, line_no, scope, observed_at, received_at, month_bytes, today_bytes, remaining_bytes, limit_status1, limit_status2, restriction, limit_cause)
SELECT ` + keys + `, 'line', now64() - intDiv(number, %[1]d) * 900 - number %% 900 AS at, at, cityHash64(number) %% 10000000000, 1000 * (20 - intDiv(number, %[1]d)), 1, 0, 0, 'none', '' FROM numbers(%[1]d * 20)`),
		of(`INSERT INTO session_samples (source, contract_id, line_no, observed_at, received_at, session_type, connected, result_code)
SELECT ` + keys + `, now64(), now(), 'domestic', 1, 0 FROM numbers(%[1]d)`),
	}
}

// BenchmarkRestoreOfAPart measures what the start of one of two kaisens that share 50,000 lines reads, beside the start of one
// that has them all: seconds, megabytes that stay in memory, and those that the database sent.
func BenchmarkRestoreOfAPart(b *testing.B) {
	const lines = 50_000
	dsn := chdbtest.StartHTTP(b)
	if err := openPart(b, dsn, collector.Shard{}).Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	for _, sql := range pastOfLines(lines) {
		if _, err := chdbtest.AskHTTP(dsn, sql); err != nil {
			b.Fatal(err)
		}
	}
	for _, shard := range []collector.Shard{{}, {Index: 1, Count: 2}, {Index: 2, Count: 10}} {
		b.Run(fmt.Sprintf("%d_of_%d", max(shard.Index, 1), max(shard.Count, 1)), func(b *testing.B) {
			var sent atomic.Int64
			db := openPartWith(b, clickhouse.Config{DSN: dsn, Part: clickhouse.Part(shard), Dial: func(ctx context.Context, address string) (net.Conn, error) {
				conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
				return received{conn, &sent}, err
			}})
			for b.Loop() {
				days := 0
				before, was := heap(), sent.Load()
				peak := peakMemory(b)
				state, err := db.State(b.Context(), "hq", 0)
				if err == nil {
					err = db.Figures(b.Context(), "hq", func(part schema.State) error {
						days += len(part.Daily)
						return nil
					})
				}
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(heap()-before)/1e6, "MB/state")
				b.ReportMetric(float64(len(state.Lines)), "lines")
				b.ReportMetric(float64(days), "days")
				b.ReportMetric(peak()/1e6, "MB-peak")
				b.ReportMetric(float64(sent.Load()-was)/1e6, "MB-sent/state")
				runtime.KeepAlive(&state)
			}
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/state")
		})
	}
}

// heap is how much memory is in use.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// peakMemory measures from now on how much memory the process had at most (VmHWM), in bytes.
func peakMemory(b *testing.B) func() float64 {
	debug.FreeOSMemory()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		b.Fatal(err)
	}
	return func() float64 {
		text, err := os.ReadFile("/proc/self/status")
		_, after, found := strings.Cut(string(text), "VmHWM:")
		var kilobytes float64
		if _, scanned := fmt.Sscan(after, &kilobytes); err != nil || !found || scanned != nil {
			b.Fatal(err, scanned)
		}
		return 1024 * kilobytes
	}
}

// received counts the bytes that a database sends.
type received struct {
	net.Conn
	bytes *atomic.Int64
}

func (c received) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.bytes.Add(int64(n))
	return n, err
}
