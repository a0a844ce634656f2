package clickhouse_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"kaisen/schema/clickhouse"
)

// liveForecasts are what was said of some lines on each day from three months ago until today, of liveMonths: now and then not at all, twice, anew, on the
// night over a month's turn, of another month, without a volume.
func liveForecasts(t *testing.T, db *clickhouse.DB, seed uint64) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 32))
	var tuples []string
	for line := range 4 {
		for day := pastMonth(3); day.Before(time.Now()); day = day.AddDate(0, 0, 1+random.IntN(2)) {
			for at := day.Add(-time.Hour); at.Before(day.Add(2 * time.Hour)); at = at.Add(time.Duration(1+random.IntN(3)) * time.Hour) {
				month := time.Date(day.Year(), day.Month()-time.Month(random.IntN(20)/19), 1, 0, 0, 0, 0, tokyo)
				expected := random.Int64N(6e9)
				tuples = append(tuples, fmt.Sprintf("('%d', '%s', '%s', %s, %d, %d, %d, %d, %s, '%s')", line, day.Format(time.DateOnly), month.Format(time.DateOnly),
					[]string{"NULL", "2000000000"}[random.IntN(2)], random.IntN(57), expected, expected/2, expected+random.Int64N(4e9),
					[]string{"NULL", "'" + day.Format(time.DateTime) + "'"}[random.IntN(2)], at.Add(time.Duration(seed)*time.Second).Format(time.DateTime)))
			}
		}
	}
	random.Shuffle(len(tuples), func(i, j int) { tuples[i], tuples[j] = tuples[j], tuples[i] })
	tuples = append(tuples, tuples[:len(tuples)/5]...)
	structure := `line_no String, day Date, month Date, quota_bytes Nullable(UInt64), days_of_history UInt16, month_end_bytes UInt64, month_end_bytes_low UInt64,
		month_end_bytes_high UInt64, exhaustion_at Nullable(DateTime('Asia/Tokyo')), observed_at DateTime64(3, 'Asia/Tokyo')`
	for part := range slices.Chunk(tuples, 500) {
		byHand(t, db, "line_forecasts", columns{"contract_id": "N000000001"}, structure, part...)
	}
}

// What became of forecasts is what 0031 says, over random ones: whether months of samples are open or closed, figures are told anew, forecasts come late, are
// merged, or go with their retention.
func TestForecastResultsAreThoseOf0031(t *testing.T) {
	for seed := range uint64(2) {
		db := migrated(t)
		same := sameAs(t, db, seed, "0031_views.sql", "forecast_results", "*",
			"count() > 100, uniqExact(within_band, said_to_run_out, ran_out) > 4")
		liveMonths(t, db, seed)
		figures := func(bytes, later string) {
			query(t, db, "INSERT INTO traffic_monthly SELECT * REPLACE("+bytes+" AS bytes, observed_at + INTERVAL "+later+" AS observed_at) FROM (SELECT * FROM traffic_monthly FINAL)")
		}
		figures("cityHash64(line_no, month) % 4000000000", "1 SECOND")
		liveForecasts(t, db, seed)
		same("open")
		query(t, db, "OPTIMIZE TABLE line_forecasts FINAL")
		same("merged")
		anHourPasses(t, db)
		closeAll(t, db)
		same("closed")
		figures("if(bytes % 7 = 0, 0, bytes + 1000000000)", "5 DAY")
		query(t, db, "ALTER TABLE lines UPDATE data_share = 'registered' WHERE line_no IN ('0', '2') SETTINGS mutations_sync = 2")
		same("after other figures")
		liveForecasts(t, db, seed+100)
		same("after late forecasts")
		query(t, db, "ALTER TABLE line_forecasts DROP PARTITION "+pastMonth(2).Format("200601"))
		query(t, db, "ALTER TABLE traffic_samples DROP PARTITION "+pastMonth(3).Format("200601"))
		same("rows gone")
	}
}
