package clickhouse_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema"
)

// What a line used is in the hours in which it was used: between two samples evenly, over midnight from 0 on; in none where
// samples lie more than six hours apart, or are older than a week.
func TestLineHours(t *testing.T) {
	db := migrated(t)
	sample := func(at string, today int) string {
		return fmt.Sprintf("('hq', 'N000000001', '09000000001', 'line', '2026-05-%s', '2026-05-%s', %d, %d, NULL, 0, 0, 'none', '')", at, at, today, today)
	}
	query(t, db, `INSERT INTO traffic_samples (source, contract_id, line_no, scope, observed_at, received_at, month_bytes, today_bytes, remaining_bytes,
limit_status1, limit_status2, restriction, limit_cause) VALUES `+sample("05 10:10:00", 0)+", "+sample("05 11:10:00", 5000)+", "+ // too old
		sample("19 09:10:00", 100)+", "+sample("19 09:50:00", 300)+", "+sample("19 10:20:00", 700)+", "+ // 200 at 9, 400 at 10
		sample("19 13:20:00", 1000)+", "+ // 100 each at 11, 12 and 13
		sample("19 21:00:00", 9000)+", "+ // eight hours later: nobody knows
		sample("19 23:00:00", 9200)+", "+ // 100 each at 22 and 23
		sample("20 00:02:00", 9200)+", "+ // not turned yet
		sample("20 01:00:00", 60)) // at 1
	got, err := db.LineHours(t.Context(), "hq", tokyo)
	if err != nil {
		t.Fatal(err)
	}
	want := [24]float64{1: 60, 9: 200, 10: 400, 11: 100, 12: 100, 13: 100, 22: 100, 23: 100}
	if len(got) != 1 || got[0].Hours() != want || got[0].Scope != schema.ScopeLine {
		t.Errorf("%+v, want %v", got, want)
	}
}

// The last samples of each line and scope are had, the newest first, and none of more than a week before the newest of all; a line
// that was asked less often has fewer.
func TestLastSamples(t *testing.T) {
	db := migrated(t)
	sample := func(line int, scope, at string) string {
		return fmt.Sprintf("('hq', 'N000000001', '0900000000%d', '%s', '2026-05-%s:00', '2026-05-%s:00', %s, 0, NULL, 0, 0, 'none', '')", line, scope, at, at, at[:2])
	}
	for _, last := range []string{sample(1, "line", "20 09:00"), sample(1, "line", "20 10:00")} { // written twice, as after a crash
		query(t, db, `INSERT INTO traffic_samples (source, contract_id, line_no, scope, observed_at, received_at, month_bytes, today_bytes, remaining_bytes,
limit_status1, limit_status2, restriction, limit_cause) VALUES `+sample(1, "line", "18 10:00")+", "+sample(1, "line", "19 10:00")+", "+sample(1, "line", "20 09:00")+", "+last+", "+
			sample(1, "data_share", "20 11:00")+", "+sample(2, "line", "19 10:00")+", "+sample(2, "line", "05 10:00"))
	}
	var seen []string
	if err := db.LastSamples(t.Context(), "hq", 3, func(row *schema.TrafficSample) {
		seen = append(seen, fmt.Sprintf("%s %s %s", row.LineNo[10:], row.Scope, row.ObservedAt.In(tokyo).Format("02 15")))
	}); err != nil {
		t.Fatal(err)
	}
	day := []string{"1 data_share 20 11", "1 line 20 10", "1 line 20 09"}
	week := []string{"2 line 19 10", "1 data_share 20 11", "1 line 20 10", "1 line 20 09", "1 line 19 10"} // since no line has three of the day
	if want := append(day, week...); !slices.Equal(seen, want) {
		t.Errorf("%q, want %q", seen, want)
	}
}

// BenchmarkLineHours is of 100,000 lines at 20 requests a second: 18 samples a day of each.
func BenchmarkLineHours(b *testing.B) {
	const lines = 100_000
	db := open(b, chdbtest.StartHTTP(b))
	if err := db.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	for day := range 8 {
		query(b, db, fmt.Sprintf(`INSERT INTO traffic_samples (source, contract_id, line_no, scope, observed_at, received_at, month_bytes, today_bytes, remaining_bytes,
limit_status1, limit_status2, restriction, limit_cause)
SELECT 'hq', 'N' || leftPad(toString(number %% 100), 9, '0'), '090' || leftPad(toString(number %% %[1]d), 8, '0'), 'line',
	toDateTime64('2026-05-%02[2]d 00:00:00', 3, 'Asia/Tokyo') + intDiv(number, %[1]d) * 4800 + number %% 4800 AS at, at, intDiv(number, %[1]d) * 1000, intDiv(number, %[1]d) * 1000, NULL, 0, 0, 'none', ''
FROM numbers(%[1]d * 18)`, lines, day+10))
	}
	for b.Loop() {
		began := time.Now()
		got, err := db.LineHours(b.Context(), "hq", tokyo)
		if err != nil || len(got) != lines {
			b.Fatalf("%d lines: %v", len(got), err)
		}
		b.ReportMetric(time.Since(began).Seconds(), "s/restart")
		began = time.Now()
		samples := 0
		if err := db.LastSamples(b.Context(), "hq", 3, func(*schema.TrafficSample) { samples++ }); err != nil || samples != 3*lines {
			b.Fatalf("%d samples: %v", samples, err)
		}
		b.ReportMetric(time.Since(began).Seconds(), "s/samples")
	}
}
