package clickhouse_test

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkForecastPlans asks the forecasts of a database that has nothing: what is left is what it takes the engine to plan them, which
// every process pays every five minutes, and every panel. It reports the best time, and how many trivial questions it is worth.
func BenchmarkForecastPlans(b *testing.B) {
	db := migrated(b)
	best := func(b *testing.B, sql string) time.Duration {
		best := time.Hour
		for range 10 {
			started := time.Now()
			query(b, db, sql)
			best = min(best, time.Since(started))
		}
		return best
	}
	for _, view := range []string{"line_forecast", "pool_forecast"} {
		b.Run(view, func(b *testing.B) {
			for b.Loop() {
				trivial, planned := best(b, "SELECT 1"), best(b, "SELECT count(), max(exhaustion_at) FROM "+view)
				b.ReportMetric(float64(planned.Microseconds())/1000, "best-ms/op")
				b.ReportMetric(float64(planned)/float64(trivial), "trivial-questions")
			}
		})
	}
}

// BenchmarkForecastViews reads the views of migration 0006 over 400 days of 1,000 and of 10,000 lines, warm. The target
// is 300 ms for 1,000 lines, and about a second for 10,000.
func BenchmarkForecastViews(b *testing.B) {
	for _, lines := range []int{1000, 10_000} {
		db := migrated(b)
		for _, fill := range fleet(lines) {
			query(b, db, fill)
		}
		for _, view := range []string{"line_forecast", "near_cap_lines"} {
			b.Run(fmt.Sprintf("%s/lines=%d", view, lines), func(b *testing.B) {
				read := "SELECT count(), max(exhaustion_at) FROM " + view
				query(b, db, read)
				best := time.Hour
				for b.Loop() {
					started := time.Now()
					query(b, db, read)
					best = min(best, time.Since(started))
				}
				b.ReportMetric(float64(best.Milliseconds()), "best-ms/op")
			})
		}
	}
}

// fleet fills the tables: more traffic on workdays, a volume that a third of the lines use up, and today's figures given
// again and again.
func fleet(lines int) []string {
	const key = "'hq', 'N' || leftPad(toString(line % 5), 9, '0'), '090' || leftPad(toString(line), 8, '0')"
	from := func(columns string, rows int) string {
		return fmt.Sprintf(" FROM (SELECT number %% %d AS line, intDiv(number, %[1]d) AS ago, toDate('2026-05-20') - ago AS day, %s FROM numbers(%d))", lines, columns, rows)
	}
	const bytes = "toUInt64(1e6 * if(toDayOfWeek(day) < 6, 14, 10) * (0.5 + cityHash64(line, ago) % 1000 / 1000)) AS bytes"
	fills := []string{
		"INSERT INTO lines (source, contract_id, line_no, state, origin, start_date, observed_at) SELECT " + key +
			", 'active', 'list', '2024-01-01', '2026-05-20 10:00:00'" + from("1", lines),
		"INSERT INTO traffic_daily SELECT " + key + ", 'line', day, bytes, '2026-05-20 09:00:00'" + from(bytes, 400*lines),
		"INSERT INTO traffic_samples (source, contract_id, line_no, scope, observed_at, received_at, month_bytes, today_bytes, remaining_bytes, restriction)" +
			" SELECT " + key + ", 'line', '2026-05-20 10:00:00', '2026-05-20 10:00:00', 270e6, 10e6, (line % 3) * 100e6, 'none'" + from("1", lines),
	}
	for hour := range 10 {
		fills = append(fills, "INSERT INTO traffic_daily SELECT "+key+fmt.Sprintf(", 'line', day, %d, '2026-05-20 %02d:00:00'", 1_000_000*hour, hour)+from("1", lines))
	}
	return fills
}
