package clickhouse_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"kaisen/schema"
)

// answer is what one traffic answer brings when nothing of it was known: a sample, 31 days, 3 months.
func answer(n int, sweep time.Time) schema.Batch {
	k := schema.LineKey{Source: "hq", ContractID: fmt.Sprintf("N12345%04d", n%10), LineNo: fmt.Sprintf("090%08d", n)}
	today := schema.DateOf(sweep)
	b := schema.Batch{Traffic: []schema.TrafficSample{{LineKey: k, Scope: schema.ScopeLine, ObservedAt: sweep, ReceivedAt: sweep,
		MonthBytes: schema.Some(uint64(n) * 1e6), TodayBytes: schema.Some(uint64(n) * 1e4), RemainingBytes: schema.Some(uint64(7e9)),
		LimitStatus1: schema.Some[uint8](0), LimitStatus2: schema.Some[uint8](0), Restriction: schema.RestrictionNone}}}
	for ago := range 31 {
		b.Daily = append(b.Daily, schema.TrafficDaily{LineKey: k, Scope: schema.ScopeLine, Day: today.AddDays(-ago), Bytes: uint64(n * ago), ObservedAt: sweep})
	}
	for ago := range 3 {
		b.Monthly = append(b.Monthly, schema.TrafficMonthly{LineKey: k, Scope: schema.ScopeLine, Month: today.AddMonths(-ago), Bytes: uint64(n * ago), ObservedAt: sweep})
	}
	return b
}

// BenchmarkInsert writes 10,000 traffic answers (350,000 rows) in batches of 50,000 rows, as the outbox does, and
// reports the CPU time of this process for each answer. The engine's own is not in it.
func BenchmarkInsert(b *testing.B) {
	const answers = 10000
	db := migrated(b)
	for round := 0; b.Loop(); round++ {
		b.StopTimer()
		sweep := time.Date(2026, 1, 31, 0, 0, round, 0, time.UTC)
		var batches []schema.Batch
		var batch schema.Batch
		for n := range answers {
			batch.Append(answer(n, sweep))
			if batch.Rows() >= 50000 || n == answers-1 {
				batches = append(batches, batch)
				batch = schema.Batch{}
			}
		}
		before := cpu()
		b.StartTimer()
		for _, batch := range batches {
			if err := db.Insert(b.Context(), &batch); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(cpu()-before)/answers/1e3, "cpu-µs/answer")
	}
}

// cpu is the time that this process has spent, in nanoseconds.
func cpu() int64 {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		return 0
	}
	return use.Utime.Nano() + use.Stime.Nano()
}
