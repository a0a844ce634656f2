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
	before := map[string]string{}
	for _, view := range []string{"restriction_turns_from_samples", "line_month_counts_from_samples"} {
		before[view] = defineBefore(t, db, "0025_closed_months.sql", view)
	}
	same := func(when string) {
		t.Helper()
		for view, old := range before {
			columns := "* EXCEPT(month), month"
			want := query(t, db, "SELECT "+columns+" FROM "+old+" ORDER BY ALL")
			if diff := cmp.Diff(want, query(t, db, "SELECT "+columns+" FROM "+view+" ORDER BY ALL")); diff != "" || want == "" {
				t.Errorf("%s, %s (-by sample +by day):\n%.3000s", when, view, diff)
			}
		}
	}
	for seed := range uint64(2) {
		query(t, db, "TRUNCATE TABLE traffic_samples")
		liveMonths(t, db, seed)
		var flapping []string // every twenty minutes, for two days
		for i := range 144 {
			flapping = append(flapping, fmt.Sprintf("('%s', '%s', NULL, NULL, %d, %d)", pastMonth(1).Add(time.Duration(40*24*60+20*i)*time.Minute).Format(time.DateTime),
				[]string{"none", "monthly", "recent", "unknown", "none"}[i*i%5], i, 500-i))
		}
		byHand(t, db, "traffic_samples", columns{"contract_id": "N000000001", "line_no": "5", "scope": "line"}, statesByHand, flapping...)
		same(fmt.Sprintf("seed %d, as written", seed))
		query(t, db, "INSERT INTO traffic_samples SELECT * FROM traffic_samples WHERE cityHash64(line_no, observed_at) % 3 = 0")
		same(fmt.Sprintf("seed %d, stored twice", seed))
		query(t, db, "OPTIMIZE TABLE traffic_samples FINAL")
		same(fmt.Sprintf("seed %d, merged", seed))
	}
	if plan := query(t, db, "EXPLAIN SELECT * FROM restriction_turns_from_samples WHERE month = toStartOfMonth(today())"); !strings.Contains(plan, "(days)") {
		t.Errorf("days are not read from where they are kept:\n%s", plan)
	}
}
