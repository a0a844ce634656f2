package clickhouse_test

import (
	"testing"
	"time"
)

// The episodes are those that 0030 found, over random histories with days on which restrictions take turns: whether months are open or closed, samples
// come late or twice, or earlier copies go. How long one that goes on has lasted is counted until now, and left out.
func TestEpisodesAreThoseOf0030(t *testing.T) {
	for seed := range uint64(2) {
		db := migrated(t)
		same := sameAs(t, db, seed, "0030_years.sql", "restriction_episodes", "* REPLACE(if(open, 0, duration_seconds) AS duration_seconds)",
			"count() > 20, countIf(toStartOfMonth(started_at) < toStartOfMonth(assumeNotNull(ended_at))) > 0")
		liveMonths(t, db, seed)
		same("open")
		anHourPasses(t, db)
		closeAll(t, db)
		same("closed")
		late := pastMonth(2).Add(20*24*time.Hour + 11*time.Minute)
		byHand(t, db, "traffic_samples", columns{"contract_id": "N000000001", "line_no": "1", "scope": "data_share"}, statesByHand,
			"('"+late.Format(time.DateTime)+"', 'recent', NULL, NULL, 5, 5)", "('"+late.Add(time.Hour).Format(time.DateTime)+"', 'none', NULL, NULL, 9, 5)")
		query(t, db, "INSERT INTO traffic_samples SELECT * FROM traffic_samples WHERE line_no = '1' AND restriction != 'none'") // and what came twice
		same("after late samples")
		anHourPasses(t, db)
		closeAll(t, db)
		same("closed anew")
		query(t, db, "ALTER TABLE traffic_samples DROP PARTITION "+pastMonth(3).Format("200601"))
		same("samples gone")
	}
}
