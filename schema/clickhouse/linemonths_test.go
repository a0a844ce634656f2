package clickhouse_test

import (
	"testing"
	"time"
)

// line_months says what 0026 said, over random histories with days on which restrictions take turns, of lines alone and in a share group: whether
// months are open or closed, samples come late or twice, or go.
func TestLineMonthsAreThoseOf0026(t *testing.T) {
	for seed := range uint64(2) {
		db := migrated(t)
		same := sameAs(t, db, seed, "0026_days.sql", "line_months", "*",
			"countIf(restricted_seconds > 0 AND pooled) > 1, countIf(restricted_seconds > 0 AND NOT pooled) > 1 AND countIf(quota_bytes > 0) > 0 AND uniqExact(watched_days) > 3")
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
