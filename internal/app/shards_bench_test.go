package app

import (
	"fmt"
	"testing"
	"time"

	"kaisen/schema"
)

// BenchmarkRowsIntoThreeShards is the first sweep of 100,000 lines on its way through the spool into three engines on this machine: each
// line brings a sample, 31 days and 3 months.
func BenchmarkRowsIntoThreeShards(b *testing.B) {
	const lines, together, days, months = 100_000, 100, 31, 3
	rows := 0
	var took cost
	for b.Loop() {
		s := newShardedStore(b, time.Second)
		took.add(measure(func() {
			for first := 0; first < lines; first += together {
				batch := firstAnswers(first, together, days, months)
				rows += batch.Rows()
				if err := s.out.Write(b.Context(), batch); err != nil {
					b.Fatal(err)
				}
			}
			if err := s.out.Flush(b.Context()); err != nil {
				b.Fatal(err)
			}
		}))
		for table, want := range map[string]int{"traffic_samples": lines, "traffic_daily": lines * days, "traffic_monthly": lines * months} {
			if got, err := ask(s.cluster.HTTP(0, "kaisen"), "SELECT count() FROM "+table+" FINAL"); err != nil || got[0] != fmt.Sprint(want) {
				b.Errorf("%s has %v rows, want %d; %v", table, got, want, err)
			}
		}
		s.end()
		for shard := range 3 {
			s.cluster.Kill(shard)
		}
	}
	b.ReportMetric(float64(rows)/took.wall.Seconds(), "rows/s")
	b.ReportMetric(float64(took.cpu.Microseconds())/float64(rows), "cpu-µs/row")
}

// firstAnswers are what the first answers about some lines bring.
func firstAnswers(first, lines, days, months int) (b schema.Batch) {
	at := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	today := schema.DateOf(at)
	for i := range lines {
		key := schema.LineKey{Source: "hq", ContractID: fmt.Sprintf("N%09d", (first+i)/10_000), LineNo: fmt.Sprintf("090%08d", first+i)}
		b.Traffic = append(b.Traffic, schema.TrafficSample{LineKey: key, Scope: schema.ScopeLine, ObservedAt: at, ReceivedAt: at, Restriction: schema.RestrictionNone})
		for ago := range days {
			b.Daily = append(b.Daily, schema.TrafficDaily{LineKey: key, Scope: schema.ScopeLine, Day: today - schema.Date(ago), Bytes: uint64(first+i) * uint64(ago), ObservedAt: at})
		}
		for ago := range months {
			b.Monthly = append(b.Monthly, schema.TrafficMonthly{LineKey: key, Scope: schema.ScopeLine, Month: schema.DateOf(at.AddDate(0, -ago, 1-at.Day())), Bytes: uint64(first + i), ObservedAt: at})
		}
	}
	return b
}
