package clickhouse_test

import (
	"fmt"
	"io"
	"testing"

	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

const (
	monthsByHand  = `line_no String, scope String, month String, bytes UInt64, observed_at DateTime64(3, 'Asia/Tokyo')`
	figuresByHand = `line_no String, scope String, observed_at DateTime64(3, 'Asia/Tokyo'), month_bytes Nullable(UInt64), today_bytes Nullable(UInt64), remaining_bytes Nullable(UInt64), restriction String`
	lifeByHand    = `line_no String, data_share String, state String, start_date Nullable(String), first_seen DateTime64(3, 'Asia/Tokyo'), last_seen DateTime64(3, 'Asia/Tokyo')`
)

// A turn of the month by hand: what was told before and after it, of whom, and what of it is the whole month.
func TestLineMonths(t *testing.T) {
	db := migrated(t)
	contract := columns{"contract_id": "N000000001"}
	byHand(t, db, "lines", columns{"contract_id": "N000000001", "observed_at": "2026-06-20 00:00:00"}, lifeByHand,
		"('1', 'none', 'active', NULL, '2026-03-01 00:00:00', '2026-06-20 00:00:00')",
		"('2', 'none', 'active', '2026-05-21', '2026-05-21 08:00:00', '2026-06-20 00:00:00')", // began in May
		"('3', 'none', 'removed', NULL, '2026-03-01 00:00:00', '2026-05-10 12:00:00')",        // left in May
		"('4', 'registered', 'active', NULL, '2026-03-01 00:00:00', '2026-06-20 00:00:00')",
		"('5', 'none', 'active', NULL, '2026-05-28 00:00:00', '2026-05-31 00:00:00')") // kaisen slept since
	byHand(t, db, "traffic_monthly", contract, monthsByHand,
		"('1', 'line', '2026-04-01', 70, '2026-05-01 00:10:00')", // the row that follows shows that it is whole
		"('1', 'line', '2026-05-01', 90, '2026-06-01 02:59:59')", // nothing new since, but the newest sample is of June
		"('1', 'line', '2026-06-01', 5, '2026-06-01 02:00:00')",
		"('2', 'line', '2026-05-01', 40, '2026-06-01 03:00:00')",
		"('3', 'line', '2026-05-01', 9, '2026-05-10 11:00:00')",
		"('4', 'line', '2026-05-01', 30, '2026-06-02 00:00:00')", "('4', 'data_share', '2026-05-01', 500, '2026-06-02 00:00:00')",
		"('5', 'line', '2026-05-01', 1, '2026-05-31 00:00:00')", "('5', 'line', '2026-03-01', 2, '2026-05-28 00:00:00')")
	byHand(t, db, "traffic_samples", contract, figuresByHand,
		"('1', 'line', '2026-05-01 00:10:00', 70, 3, 1, 'monthly')", // still April's figures: not May's volume
		"('1', 'line', '2026-05-01 01:10:00', 70, 3, 1, 'none')",
		"('1', 'line', '2026-05-30 10:00:00', 80, 5, 20, 'none')",
		"('1', 'line', '2026-05-30 11:00:00', 90, 5, 10, 'none')",
		"('1', 'line', '2026-05-31 10:00:00', 100, 5, 0, 'monthly')",
		"('1', 'line', '2026-05-31 11:00:00', 100, 5, 0, 'unknown')",
		"('1', 'line', '2026-05-31 12:00:00', 100, 5, 0, 'monthly')",
		"('1', 'line', '2026-05-31 13:00:00', 101, 5, 0, 'recent')",
		"('1', 'line', '2026-06-20 10:00:00', 5, 5, 95, 'none')",
		"('2', 'line', '2026-05-31 10:00:00', 40, 5, NULL, 'none')",
		"('4', 'line', '2026-05-31 10:00:00', 30, 5, 7, 'none')", "('4', 'line', '2026-05-31 12:00:00', 30, 5, 7, 'monthly')",
		"('4', 'data_share', '2026-05-31 10:00:00', 500, 5, 100, 'monthly')", "('4', 'data_share', '2026-05-31 10:30:00', 500, 5, 0, 'none')",
		"('5', 'line', '2026-05-31 00:00:00', 1, 1, 0, 'none')")
	byHand(t, db, "log_watermarks", contract, "log String, watermark DateTime('Asia/Tokyo'), observed_at DateTime64(3, 'Asia/Tokyo')",
		"('session_events', '2026-06-20 00:00:00', '2026-06-20 00:00:00')")
	byHand(t, db, "session_events", columns{"contract_id": "N000000001", "line_no": "1"}, eventsByHand,
		"('2026-04-30 23:00:00', 'roaming', 'start', 0)", "('2026-05-01 02:00:00', 'roaming', 'stop', 0)",
		"('2026-05-03 02:00:00', 'domestic', 'start', 0)", "('2026-05-03 03:00:00', 'domestic', 'stop', 0)")
	sameRows(t, db, "SELECT line_no, month, bytes, told_at, complete, pooled, quota_bytes, used_ratio, restricted_seconds, roaming_seconds, days, watched_days FROM line_months ORDER BY line_no, month", []string{
		`1 2026-04-01 70 2026-06-20 10:00:00.000 true false \N \N \N 3600 30 0`,
		`1 2026-05-01 90 2026-06-20 10:00:00.000 true false 100 0.9 14400 7200 31 3`,
		`1 2026-06-01 5 2026-06-20 10:00:00.000 false false 100 0.05 0 0 30 1`,
		`2 2026-05-01 40 2026-06-01 03:00:00.000 true false \N \N 0 0 11 1`,
		`3 2026-05-01 9 2026-05-10 11:00:00.000 false false \N \N \N 0 10 0`,
		`4 2026-05-01 30 2026-06-02 00:00:00.000 true true \N \N 1800 0 31 1`,
		`5 2026-03-01 2 2026-05-31 00:00:00.000 true false \N \N \N \N 31 0`,
		`5 2026-05-01 1 2026-05-31 00:00:00.000 false false 1 1 0 0 31 1`, // nothing left at once: that is the volume
	})
	sameRows(t, db, "SELECT month, members, bytes, complete, quota_bytes, restricted_seconds, watched_days FROM pool_months", []string{"2026-05-01 1 500 true 600 1800 1"})
}

// What kaisen cannot know of a month is no 0: the log begins within May, and the samples on the 30th; the volume of one that has used it up
// is what the page says, and a plan without one has none.
func TestLineMonthsKnowTheirBounds(t *testing.T) {
	db := migrated(t)
	contract := columns{"contract_id": "N000000001"}
	byHand(t, db, "lines", columns{"contract_id": "N000000001", "observed_at": "2026-05-30 00:00:00"}, lifeByHand+", plan_code String",
		"('1', 'none', 'active', NULL, '2026-05-02 00:00:00', '2026-06-20 00:00:00', 'P')",
		"('2', 'none', 'active', '2026-05-30', '2026-05-30 00:00:00', '2026-06-20 00:00:00', 'Z')",
		"('3', 'registered', 'active', NULL, '2026-05-02 00:00:00', '2026-06-20 00:00:00', 'P')")
	byHand(t, db, "products", contract, productsByHand, "('P', '7 GB', 'traffic', '2026-05-19 10:00:00')", "('Z', 'flat', 'zero', '2026-05-19 10:00:00')")
	var months []string
	for _, line := range []string{"1", "2", "3"} {
		for _, month := range []string{"2026-04-01", "2026-05-01", "2026-06-01", "2026-07-01"} {
			months = append(months, fmt.Sprintf("('%s', 'line', '%s', 7, '2026-07-02 00:00:00')", line, month))
		}
	}
	byHand(t, db, "traffic_monthly", contract, monthsByHand, months...)
	byHand(t, db, "traffic_samples", contract, figuresByHand,
		"('1', 'line', '2026-05-30 10:00:00', 90, 5, 0, 'monthly')", "('1', 'line', '2026-05-30 11:00:00', 95, 5, 0, 'monthly')",
		"('1', 'line', '2026-06-01 00:10:00', 95, 5, 0, 'monthly')", "('1', 'line', '2026-06-01 12:00:00', 1, 1, 99, 'none')",
		"('2', 'line', '2026-05-30 10:00:00', 90, 5, 0, 'none')",
		"('3', 'line', '2026-05-01 10:00:00', 90, 5, 0, 'none')", "('3', 'data_share', '2026-05-30 10:00:00', 90, 5, 0, 'none')")
	byHand(t, db, "log_watermarks", contract, "log String, watermark DateTime('Asia/Tokyo'), observed_at DateTime64(3, 'Asia/Tokyo')",
		"('session_events', '2026-06-20 00:00:00', '2026-06-20 00:00:00')")
	byHand(t, db, "session_events", columns{"contract_id": "N000000001", "line_no": "1"}, eventsByHand,
		"('2026-05-03 02:00:00', 'roaming', 'start', 0)", "('2026-05-03 03:00:00', 'roaming', 'stop', 0)")
	sameRows(t, db, "SELECT line_no, month, quota_bytes, restricted_seconds, restricted_at_least, roaming_seconds, roaming_at_least FROM line_months ORDER BY line_no, month", []string{
		`1 2026-04-01 \N \N false \N false`,
		`1 2026-05-01 90 3600 true 3600 true`,
		`1 2026-06-01 100 42600 false 0 true`, // the log was read until the 20th
		`1 2026-07-01 \N \N false \N false`,
		`2 2026-04-01 \N \N false \N false`,
		`2 2026-05-01 \N 0 false 0 false`, // began on the 30th, and was seen since
		`2 2026-06-01 \N \N false 0 true`,
		`2 2026-07-01 \N \N false \N false`,
		`3 2026-04-01 \N \N false \N false`,
		`3 2026-05-01 \N 0 true 0 true`, // of its group since the 30th
		`3 2026-06-01 \N \N false 0 true`,
		`3 2026-07-01 \N \N false \N false`,
	})

	// A contract that came in June, when the log of another was known since May.
	later := columns{"contract_id": "N000000002"}
	byHand(t, db, "lines", columns{"contract_id": "N000000002", "observed_at": "2026-06-10 00:00:00"}, lifeByHand, "('9', 'none', 'active', NULL, '2026-06-10 00:00:00', '2026-06-20 00:00:00')")
	byHand(t, db, "traffic_monthly", later, monthsByHand, "('9', 'line', '2026-05-01', 7, '2026-07-02 00:00:00')", "('9', 'line', '2026-06-01', 7, '2026-07-02 00:00:00')")
	byHand(t, db, "log_watermarks", later, "log String, watermark DateTime('Asia/Tokyo'), observed_at DateTime64(3, 'Asia/Tokyo')",
		"('session_events', '2026-07-20 00:00:00', '2026-07-20 00:00:00')")
	byHand(t, db, "session_events", columns{"contract_id": "N000000002", "line_no": "9"}, eventsByHand,
		"('2026-06-09 02:00:00', 'domestic', 'start', 0)", "('2026-06-09 03:00:00', 'domestic', 'stop', 0)")
	sameRows(t, db, "SELECT month, roaming_seconds, roaming_at_least FROM line_months WHERE line_no = '9' ORDER BY month", []string{`2026-05-01 \N false`, `2026-06-01 0 true`})
}

// A line that has no row in lines, because that table was dropped and made again, has its months all the same; so has the fit of its plan.
func TestLineMonthsOfLinesThatAreMissing(t *testing.T) {
	db := migrated(t)
	contract := columns{"contract_id": "N000000001"}
	byHand(t, db, "lines", columns{"contract_id": "N000000001", "observed_at": "2026-06-20 00:00:00"}, lifeByHand,
		"('1', 'none', 'removed', NULL, '2026-03-01 00:00:00', '2026-05-10 12:00:00')")
	byHand(t, db, "traffic_monthly", contract, monthsByHand, "('1', 'line', '2026-05-01', 9, '2026-05-10 11:00:00')", "('2', 'line', '2026-05-01', 90, '2026-06-01 03:00:00')")
	sameRows(t, db, "SELECT line_no, bytes, complete, pooled, days FROM line_months ORDER BY line_no", []string{"1 9 false false 10", "2 90 true false 31"})
	query(t, db, "TRUNCATE TABLE lines")
	sameRows(t, db, "SELECT line_no, bytes, complete, pooled, days FROM line_months ORDER BY line_no", []string{"1 9 false false 31", "2 90 true false 31"})
	examples, err := schema.Examples()
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range examples {
		answer, err := db.Query(t.Context(), e.SQL, "TabSeparated")
		if err == nil {
			_, err = io.Copy(io.Discard, answer)
			answer.Close()
		}
		if err != nil {
			t.Errorf("question %d, with no line in lines: %v", i+1, err)
		}
	}
}

// A group's month under both readings of what its members are told.
func TestPoolMonthsUnderBothReadings(t *testing.T) {
	for reading, want := range map[string]string{"group": "2 60 true 100 0.6 3600", "line": "2 115 true 155 0.7419354838709677 3600"} {
		db := migrated(t)
		contract := columns{"contract_id": "N000000001"}
		byHand(t, db, "carrier_findings", contract, findingsByHand, "('', 'share_figures', '"+reading+"', '2026-05-01 00:00:00')")
		byHand(t, db, "traffic_monthly", contract, monthsByHand,
			"('1', 'data_share', '2026-05-01', 55, '2026-05-31 10:00:00')", "('2', 'data_share', '2026-05-01', 60, '2026-05-31 11:00:00')")
		byHand(t, db, "traffic_samples", contract, figuresByHand,
			"('1', 'data_share', '2026-05-31 10:00:00', 55, 5, 45, 'monthly')", "('2', 'data_share', '2026-05-31 11:00:00', 60, 5, 40, 'none')",
			"('1', 'data_share', '2026-06-01 03:00:00', 0, 0, 100, 'none')")
		sameRows(t, db, "SELECT members, bytes, complete, quota_bytes, used_ratio, restricted_seconds FROM pool_months", []string{want})
	}
}

// wholeMonths gives a line three whole months, as many bytes in each as it says, and now a sample with this much left of a volume.
func wholeMonths(t *testing.T, db *clickhouse.DB, line, plan, share string, bytes []uint64, left string) {
	t.Helper()
	query(t, db, fmt.Sprintf(`INSERT INTO lines (source, contract_id, line_no, state, plan_code, data_share, first_seen, last_seen, observed_at)
SELECT 'hq', 'N000000001', '%s', 'active', '%s', '%s', now64(3) - INTERVAL 1 YEAR, now64(3), now64(3)`, line, plan, share))
	for i, n := range bytes {
		query(t, db, fmt.Sprintf(`INSERT INTO traffic_monthly (source, contract_id, line_no, scope, month, bytes, observed_at)
SELECT 'hq', 'N000000001', '%s', 'line', addMonths(toStartOfMonth(now('Asia/Tokyo')), -%d) AS first, %d, toDateTime64(addMonths(first, 1), 3, 'Asia/Tokyo') + INTERVAL 3 HOUR`, line, i+1, n))
	}
	query(t, db, fmt.Sprintf(`INSERT INTO traffic_monthly (source, contract_id, line_no, scope, month, bytes, observed_at)
SELECT 'hq', 'N000000001', '%s', 'line', toStartOfMonth(now('Asia/Tokyo')), 0, now64(3)`, line))
	query(t, db, fmt.Sprintf(`INSERT INTO traffic_samples (source, contract_id, line_no, scope, observed_at, month_bytes, today_bytes, remaining_bytes, restriction)
SELECT 'hq', 'N000000001', '%s', 'line', now64(3), 0, 0, %s, 'none'`, line, left))
}

func TestPlanFit(t *testing.T) {
	db := migrated(t)
	const mb = 1_000_000
	byHand(t, db, "products", columns{"contract_id": "N000000001"}, productsByHand, "('P', '7 GB', 'traffic', '2026-05-19 10:00:00')", "('Z', 'flat', 'zero', '2026-05-19 10:00:00')")
	const volume = "1000000000" // 1 GB
	wholeMonths(t, db, "fits", "P", "none", []uint64{300 * mb, 1, 1}, volume)
	wholeMonths(t, db, "large", "P", "none", []uint64{300*mb - 1, 1, 1}, volume)
	wholeMonths(t, db, "once", "P", "none", []uint64{1000 * mb, 1, 1}, volume)
	wholeMonths(t, db, "small", "P", "none", []uint64{1000 * mb, 1, 1000 * mb}, volume)
	wholeMonths(t, db, "unused", "P", "none", []uint64{10*mb - 1, 0, 0}, volume)
	wholeMonths(t, db, "used", "P", "none", []uint64{10 * mb, 0, 0}, volume)
	wholeMonths(t, db, "two", "P", "none", []uint64{1000 * mb, 1000 * mb}, volume)
	wholeMonths(t, db, "untold", "P", "none", []uint64{20 * mb, 1, 1}, "NULL")
	wholeMonths(t, db, "flat", "Z", "none", []uint64{20 * mb, 1, 1}, "0")
	wholeMonths(t, db, "member", "P", "registered", []uint64{2000 * mb, 2000 * mb, 2000 * mb}, volume)
	wholeMonths(t, db, "idle member", "P", "registered", []uint64{0, 0, 0}, volume)
	wholeMonths(t, db, "began", "P", "none", []uint64{1000 * mb, 1000 * mb, 1000 * mb}, volume) // within the first of the three
	query(t, db, `INSERT INTO lines (source, contract_id, line_no, state, plan_code, start_date, first_seen, last_seen, observed_at)
SELECT 'hq', 'N000000001', 'began', 'active', 'P', addMonths(toStartOfMonth(now('Asia/Tokyo')), -3) + 1, now64(3), now64(3), now64(3) + 1`)
	sameRows(t, db, "SELECT line_no, plan_name, verdict, length(months), largest_bytes, quota_bytes FROM plan_fit ORDER BY line_no", []string{
		`began 7 GB unknown 2 1000000000 1000000000`,
		`fits 7 GB fits 3 300000000 1000000000`,
		`flat flat no_volume 3 20000000 \N`,
		`idle member 7 GB unused 3 0 \N`,
		`large 7 GB too_large 3 299999999 1000000000`,
		`member 7 GB pooled 3 2000000000 \N`,
		`once 7 GB fits 3 1000000000 1000000000`,
		`small 7 GB too_small 3 1000000000 1000000000`,
		`two 7 GB unknown 2 1000000000 1000000000`,
		`untold 7 GB unknown 3 20000000 \N`,
		`unused 7 GB unused 3 9999999 1000000000`,
		`used 7 GB too_large 3 10000000 1000000000`,
	})
}
