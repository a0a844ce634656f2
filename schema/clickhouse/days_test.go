package clickhouse_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// defineBefore defines a view once more, as an earlier migration had it, under another name.
func defineBefore(t *testing.T, db *clickhouse.DB, step, view string) (name string) {
	t.Helper()
	steps, err := schema.Migrations()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range steps {
		if i := slices.IndexFunc(s.Statements, func(sql string) bool { return strings.HasPrefix(sql, "CREATE OR REPLACE VIEW "+view+"\n") }); s.Name == step && i >= 0 {
			name = view + "_before"
			query(t, db, strings.Replace(s.Statements[i], view, name, 1))
			return name
		}
	}
	t.Fatalf("%s has no view %s", step, view)
	return ""
}

// What the samples of a month say is the same by day and by sample, over random histories: with lines that are restricted and not in turns within
// a day, samples that are stored twice, in many parts and in one.
func TestDaysSayWhatSamplesSay(t *testing.T) {
	db := migrated(t)
	questions := map[string][2]string{}
	for view, step := range map[string]string{"restriction_episodes": "0025_closed_months.sql", "line_months": "0025_closed_months.sql",
		"plan_fit": "0018_line_months.sql", "forecast_results": "0019_line_forecasts.sql"} {
		question := ofMonths()[view]
		if question == "" {
			question = "SELECT * FROM " + view + " ORDER BY ALL"
		}
		questions[view] = [2]string{strings.Replace(question, view, defineBefore(t, db, step, view), 1), question}
	}
	same := func(when string) {
		t.Helper()
		for view, q := range questions {
			want := query(t, db, q[0])
			if diff := cmp.Diff(want, query(t, db, q[1])); diff != "" || want == "" {
				t.Errorf("%s, %s (-by sample +by day):\n%.3000s", when, view, diff)
			}
		}
	}
	for seed := range uint64(1) {
		liveMonths(t, db, seed)
		var flapping []string // every twenty minutes, for two days
		for i := range 144 {
			flapping = append(flapping, fmt.Sprintf("('%s', '%s', NULL, NULL, %d, %d)", pastMonth(1).Add(time.Duration(10*24*60+20*i)*time.Minute).Format(time.DateTime),
				[]string{"none", "monthly", "recent", "unknown", "none"}[i*i%5], i, 500-i))
		}
		byHand(t, db, "traffic_samples", columns{"contract_id": "N000000001", "line_no": "5", "scope": "line"}, statesByHand, flapping...)
		query(t, db, `INSERT INTO line_forecasts (source, contract_id, line_no, day, month, month_bytes, quota_bytes, days_of_history, month_end_bytes, month_end_bytes_low, month_end_bytes_high, exhaustion_at, observed_at)
SELECT source, contract_id, line_no, month + 9, month, 1, if(bytes % 2, 1000000000, NULL), 30, bytes + bytes % 1000000, bytes, bytes + 500000, if(bytes % 3, month + 20, NULL), month + 9 FROM traffic_monthly FINAL WHERE scope = 'line'`)
		same(fmt.Sprintf("seed %d, as written", seed))
		query(t, db, "INSERT INTO traffic_samples SELECT * FROM traffic_samples WHERE cityHash64(line_no, observed_at) % 3 = 0")
		same(fmt.Sprintf("seed %d, stored twice", seed))
		query(t, db, "OPTIMIZE TABLE traffic_samples FINAL")
		same(fmt.Sprintf("seed %d, merged", seed))
	}
	if plan := query(t, db, "EXPLAIN SELECT * FROM restriction_episodes"); !strings.Contains(plan, "(days)") {
		t.Errorf("days are not read from where they are kept:\n%s", plan)
	}
}
