package clickhouse_test

import (
	"fmt"
	"testing"
	"time"
)

// line_months says what 0026 said, over random histories with days on which restrictions take turns, of lines alone and in a share group: whether
// months are open or closed, samples come late or twice, or go. How long a line was restricted that was in its group for a part of the month is another matter
// since.
func TestLineMonthsAreThoseOf0026(t *testing.T) {
	for seed := range uint64(2) {
		db := migrated(t)
		same := sameAs(t, db, seed, "0026_days.sql", "line_months",
			"* REPLACE(if(pooled, 0, restricted_seconds) AS restricted_seconds, NOT pooled AND restricted_at_least AS restricted_at_least)",
			"countIf(pooled) > 1, countIf(restricted_seconds > 0 AND NOT pooled) > 1 AND countIf(quota_bytes > 0) > 0 AND uniqExact(watched_days) > 3")
		liveMonths(t, db, seed)
		linesOfPlans(t, db, seed)
		same("open")
		anHourPasses(t, db)
		closeAll(t, db)
		same("closed")
		late := pastMonth(2).Add(20*24*time.Hour + 11*time.Minute)
		byHand(t, db, "traffic_samples", columns{"contract_id": "N000000001", "line_no": "1", "scope": "line"}, statesByHand,
			"('"+late.Format(time.DateTime)+"', 'monthly', NULL, NULL, 5, 5)", "('"+late.Add(time.Hour).Format(time.DateTime)+"', 'unknown', NULL, NULL, 9, 0)")
		query(t, db, "INSERT INTO traffic_samples SELECT * FROM traffic_samples WHERE line_no = '1'") // and what came twice
		same("after late samples")
		anHourPasses(t, db)
		closeAll(t, db)
		same("closed anew")
		query(t, db, "ALTER TABLE traffic_samples DROP PARTITION "+pastMonth(2).Format("200601"))
		same("samples gone")
	}
}

// A line that joins its share group in the month, or leaves it, was restricted as long as it was alone, and as the group was: whether the month is open or closed.
// What is told of a member itself is none of that.
func TestAMonthAloneAndInAGroup(t *testing.T) {
	db := migrated(t)
	month := pastMonth(1)
	day := func(day, hour int) string {
		return month.Add(time.Duration(24*(day-1)+hour) * time.Hour).Format(time.DateTime)
	}
	var samples []string
	seen := func(line, scope, restriction string, from, until int) {
		for d := from; d <= until; d++ {
			for hour := 0; hour < 24; hour += 6 {
				samples = append(samples, fmt.Sprintf("('%s', '%s', '%s', '%s')", line, scope, day(d, hour), restriction))
			}
		}
	}
	seen("joins", "line", "none", 1, 9)
	seen("joins", "line", "monthly", 10, 28)
	seen("joins", "data_share", "none", 16, 28)
	seen("leaves", "line", "monthly", 1, 28)
	seen("leaves", "data_share", "none", 1, 9)
	seen("leaves", "data_share", "recent", 10, 11)
	seen("leaves", "data_share", "none", 12, 17)
	seen("member", "line", "monthly", 1, 28)
	seen("member", "data_share", "none", 1, 28)
	seen("alone", "line", "monthly", 10, 15)
	seen("alone", "line", "none", 16, 28)
	byHand(t, db, "traffic_samples", columns{"contract_id": "N000000001"}, "line_no String, scope String, observed_at DateTime64(3, 'Asia/Tokyo'), restriction String", samples...)
	var months []string
	for _, line := range []string{"joins", "leaves", "member", "alone"} {
		months = append(months, fmt.Sprintf("('%s', '%s')", line, month.Format(time.DateOnly)))
	}
	byHand(t, db, "traffic_monthly", columns{"contract_id": "N000000001", "scope": "line"}, "line_no String, month Date", months...)
	// alone: six days; joins: from the 10th to the group's first sample; leaves: two days with the group, and from its last sample to the line's last
	want := fmt.Sprintf("alone\t%d\njoins\t%d\nleaves\t%d\nmember\t0\n", 6*86400, 6*86400, 2*86400+(10*24+24)*3600)
	const sql = "SELECT line_no, restricted_seconds FROM line_months ORDER BY line_no"
	if got := query(t, db, sql); got != want {
		t.Errorf("open:\n%swant\n%s", got, want)
	}
	anHourPasses(t, db)
	if closeAll(t, db); query(t, db, "SELECT count() FROM closed_months") == "0\n" {
		t.Fatal("nothing is closed")
	}
	if got := query(t, db, sql); got != want {
		t.Errorf("closed:\n%swant\n%s", got, want)
	}
}
