package clickhouse_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"kaisen/schema/clickhouse"
)

// plan_fit says what 0026 said, over random histories of lines of several plans, in a share group and not, whether months are open or closed, figures are told anew,
// or samples go.
func TestPlanFitIsThatOf0026(t *testing.T) {
	for seed := range uint64(2) {
		db := migrated(t)
		same := sameAs(t, db, seed, "0026_days.sql", "plan_fit", "*",
			"uniqExact(verdict) > 3, countIf(quota_bytes > 0) > 0")
		liveMonths(t, db, seed)
		linesOfPlans(t, db, seed)
		query(t, db, "INSERT INTO products (source, contract_id, product_code, product_name, course_type, observed_at) SELECT 'hq', 'N000000001', 'A', 'none', 'zero', now64(3)")
		same("open")
		anHourPasses(t, db)
		closeAll(t, db)
		same("closed")
		query(t, db, "ALTER TABLE traffic_samples DROP PARTITION "+pastMonth(2).Format("200601"))
		same("samples gone")
	}
}

// linesOfPlans are lines of several plans, with their months and a sample or two of each: with volumes left and not, told in time and not.
func linesOfPlans(t *testing.T, db *clickhouse.DB, seed uint64) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 33))
	one := func(of ...string) string { return of[random.IntN(len(of))] }
	var lines, months, samples []string
	for line := range 40 {
		key := fmt.Sprintf("'N00000000%d', '%d'", 1+line/30, line)
		lines = append(lines, fmt.Sprintf("(%s, '%s', '%s', %s, '%s')", key, one("active", "active", "removed"), one("", "A", "B"), one("NULL", "today() - 50", "today() - 150"),
			one("none", "registered", "none", "removal_reserved")))
		for ago := range 6 {
			if random.IntN(6) == 0 {
				continue
			}
			month := pastMonth(ago)
			months = append(months, fmt.Sprintf("(%s, '%s', %d, '%s')", key, month.Format(time.DateOnly), random.Int64N(1<<(20+random.IntN(14))),
				month.AddDate(0, 0, []int{20, 33, 70}[random.IntN(3)]).Format(time.DateTime)))
			samples = append(samples, fmt.Sprintf("(%s, '%s', '%s', %d, %d)", key, one("line", "line", "data_share"),
				month.Add(time.Duration(random.IntN(28*24))*time.Hour).Format(time.DateTime), random.Int64N(3e9), []int64{0, 0, random.Int64N(4e9)}[random.IntN(3)]))
		}
	}
	byHand(t, db, "lines", columns{"origin": "list"}, "contract_id String, line_no String, state String, plan_code String, start_date Nullable(Date), data_share String", lines...)
	byHand(t, db, "traffic_monthly", columns{"scope": "line"}, "contract_id String, line_no String, month Date, bytes UInt64, observed_at DateTime64(3, 'Asia/Tokyo')", months...)
	byHand(t, db, "traffic_samples", columns{"restriction": "none"},
		"contract_id String, line_no String, scope String, observed_at DateTime64(3, 'Asia/Tokyo'), month_bytes UInt64, remaining_bytes UInt64", samples...)
}
