package clickhouse_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kaisen/schema/clickhouse"
)

// structure names the columns of rows written by hand, for the table function values.
const (
	samplesByHand = `observed_at DateTime64(3, 'Asia/Tokyo'), month_bytes Nullable(UInt64), today_bytes Nullable(UInt64)`
	statesByHand  = `observed_at DateTime64(3, 'Asia/Tokyo'), restriction String, monthly_limit_start Nullable(DateTime('Asia/Tokyo')),
		daily_limit_start Nullable(DateTime('Asia/Tokyo')), month_bytes Nullable(UInt64), remaining_bytes Nullable(UInt64)`
	eventsByHand  = `event_time DateTime('Asia/Tokyo'), session_type String, event String, ordinal UInt16`
	membersByHand = `line_no String, status String, member Bool`
	groupByHand   = `line_no String, observed_at DateTime64(3, 'Asia/Tokyo'), month_bytes Nullable(UInt64), remaining_bytes Nullable(UInt64), restriction String`
)

// columns are values that are the same in all rows of an insert.
type columns map[string]string

// byHand inserts rows, written as SQL tuples of the structure's columns. Each row is sent twice, in two parts: no view
// may meet it twice.
func byHand(t *testing.T, db *clickhouse.DB, table string, alike columns, structure string, rows ...string) {
	t.Helper()
	names, values := []string{"source"}, []string{"'hq'"}
	for name, value := range alike {
		names, values = append(names, name), append(values, "'"+strings.ReplaceAll(value, "'", "''")+"'")
	}
	for _, m := range regexp.MustCompile(`\b(\w+) (?:Date|Nullable|String|UInt|Bool|Array)`).FindAllStringSubmatch(structure, -1) {
		names, values = append(names, m[1]), append(values, m[1])
	}
	for range 2 {
		query(t, db, fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM values('%s', %s) SETTINGS insert_deduplicate = 0", table, strings.Join(names, ", "),
			strings.Join(values, ", "), strings.ReplaceAll(structure, "'", "''"), strings.Join(rows, ", ")))
	}
}

// sameRows compares the answer of a query with what a person worked out.
func sameRows(t *testing.T, db *clickhouse.DB, sql string, want []string) {
	t.Helper()
	var got []string
	if text := strings.TrimSuffix(query(t, db, sql), "\n"); text != "" {
		got = strings.Split(strings.ReplaceAll(text, "\t", " "), "\n")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-by hand +view):\n%s", sql, diff)
	}
}

// A condition on a line reaches the primary key of every table behind a view, and one on traffic_hourly's month reaches
// the partitions too: without that, a year of history would be read for each question.
func TestViewsReachThePrimaryKey(t *testing.T) {
	db := migrated(t)
	query(t, db, `INSERT INTO traffic_samples (source, contract_id, line_no, scope, observed_at, month_bytes, today_bytes)
SELECT 'hq', 'N000000001', '0900000' || leftPad(toString(number % 100), 4, '0'), 'line', toDateTime64('2026-04-30 00:00:00', 3, 'Asia/Tokyo') + intDiv(number, 100) * 60, number, number
FROM numbers(300000)`)
	query(t, db, `INSERT INTO session_events (source, contract_id, line_no, event_time, session_type, event)
SELECT 'hq', 'N000000001', '0900000' || leftPad(toString(number % 100), 4, '0'), toDateTime('2026-05-01 00:00:00', 'Asia/Tokyo') + number, 'domestic', 1 + number % 2
FROM numbers(100000)`)
	query(t, db, `INSERT INTO carrier_findings (source, contract_id, operation, reading, value) VALUES ('hq', 'N000000002', 'sessions', 'session_stop_time', 'start')`)
	query(t, db, `INSERT INTO session_events (source, contract_id, line_no, event_time, session_type, event)
SELECT source, 'N000000002', line_no, event_time, session_type, event FROM session_events`)
	query(t, db, `INSERT INTO session_samples (source, contract_id, line_no, observed_at, connected)
SELECT source, 'N000000002', line_no, observed_at, month_bytes % 2 FROM traffic_samples WHERE observed_at >= '2026-05-01'`)
	for _, table := range []string{"traffic_samples", "session_events", "session_samples"} {
		query(t, db, "OPTIMIZE TABLE "+table+" FINAL")
	}
	const line = " WHERE source = 'hq' AND contract_id = 'N000000001' AND line_no = '09000000050'"
	tests := []struct {
		sql      string
		granules int // at most, for each read
	}{
		{"SELECT * FROM traffic_hourly" + line + " AND hour >= '2026-05-01 12:00:00'", 6},
		{"SELECT * FROM traffic_hourly" + line + " AND month = '2026-05-01'", 3},
		{"SELECT * FROM traffic_hourly WHERE month = '2026-04-01'", 20},
		{"SELECT * FROM restriction_episodes" + line + " AND started_at >= '2026-05-01 12:00:00'", 6},
		{"SELECT * FROM session_durations" + line, 3},
		{"SELECT * FROM line_months" + line + " AND month = '2026-05-01'", 20},
		{"SELECT * FROM line_months WHERE month = '2026-04-01'", 20},
		{"SELECT * FROM session_durations WHERE source = 'hq' AND contract_id = 'N000000002' AND line_no = '09000000050'", 3},
	}
	for _, tt := range tests {
		plan := query(t, db, "EXPLAIN indexes = 1 "+tt.sql)
		reads := regexp.MustCompile(`PrimaryKey[^\0]*?Granules: (\d+)/`).FindAllStringSubmatch(plan, -1)
		if len(reads) == 0 || len(reads) != strings.Count(plan, "ReadFromMergeTree") {
			t.Errorf("%s does not ask the primary key of each table:\n%s", tt.sql, plan)
		}
		for _, read := range reads {
			var granules int
			if fmt.Sscan(read[1], &granules); granules > tt.granules {
				t.Errorf("%s reads %d granules, at most %d are needed:\n%s", tt.sql, granules, tt.granules, plan)
			}
		}
	}
}
