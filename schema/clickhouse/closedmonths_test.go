package clickhouse_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// ofMonths are the questions whose answers must be the same whether months are closed or not. How long a restriction that goes on
// has lasted is counted until now, and left out.
func ofMonths() map[string]string {
	return map[string]string{
		"traffic_hourly":       "SELECT * FROM traffic_hourly ORDER BY ALL",
		"restriction_episodes": "SELECT * REPLACE(if(open, 0, duration_seconds) AS duration_seconds) FROM restriction_episodes ORDER BY ALL",
		"line_months":          "SELECT * FROM line_months ORDER BY ALL",
		"pool_months":          "SELECT * FROM pool_months ORDER BY ALL",
	}
}

// answers are those of some of them, or of all.
func answers(t *testing.T, db *clickhouse.DB, views ...string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for view, sql := range ofMonths() {
		if len(views) == 0 || slices.Contains(views, view) {
			all[view] = query(t, db, sql)
		}
	}
	return all
}

// pastMonth is a month that is over, by the carrier's calendar; the first of them is the newest that can be closed: in the first
// four hours of a month that is not yet the one before it.
func pastMonth(ago int) time.Time {
	now := time.Now().In(tokyo).Add(-4 * time.Hour)
	return time.Date(now.Year(), now.Month()-time.Month(ago), 1, 0, 0, 0, 0, tokyo)
}

// liveMonths makes the samples of some lines and a share group from three months that can be closed until today: idle and busy hours, gaps, figures that turn
// late, corrections, wild and missing figures, restrictions, answers that came twice.
func liveMonths(t *testing.T, db *clickhouse.DB, seed uint64) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 25))
	var tuples []string
	for line := range 3 {
		late := time.Duration(random.IntN((20+10*line)*24)) * time.Hour // one of them is there in the first month, whatever it is now
		for at := pastMonth(3).Add(late); at.Before(time.Now()); at = at.Add(time.Duration(10+random.IntN(900)) * time.Minute) {
			for _, scope := range []string{"line", "data_share"}[:1+line%2] {
				tuples = append(tuples, randomSample(random, line, scope, at))
			}
		}
	}
	structure := `line_no String, scope String, observed_at DateTime64(3, 'Asia/Tokyo'), month_bytes Nullable(UInt64), today_bytes Nullable(UInt64),
		remaining_bytes Nullable(UInt64), restriction String, monthly_limit_start Nullable(DateTime('Asia/Tokyo'))`
	for part := range slices.Chunk(tuples, 1000) { // as long as a statement may be
		byHand(t, db, "traffic_samples", columns{"contract_id": "N000000001"}, structure, part...)
	}
	query(t, db, `INSERT INTO traffic_monthly (source, contract_id, line_no, scope, month, bytes, observed_at)
SELECT source, contract_id, line_no, scope, toStartOfMonth(observed_at), max(ifNull(month_bytes, 0)), max(observed_at) FROM traffic_samples GROUP BY ALL`)
	query(t, db, `INSERT INTO lines (source, contract_id, line_no, state, origin, data_share, first_seen)
SELECT 'hq', 'N000000001', toString(number), 'active', 'list', if(number % 2, 'registered', 'none'), now64(3) - INTERVAL 100 DAY FROM numbers(8)`)
}

// randomSample is a sample whose counter mostly follows the time since the month began.
func randomSample(random *rand.Rand, line int, scope string, at time.Time) string {
	begin := time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, tokyo)
	month := int64(at.Sub(begin)/time.Second) * int64(1+line) * 1000
	figure := fmt.Sprint(month + random.Int64N(5000))
	switch random.IntN(25) {
	case 0:
		figure = "NULL"
	case 1:
		figure = fmt.Sprint(month / 2) // a correction
	case 2:
		figure = "18446744073709551615"
	}
	today := fmt.Sprint(random.IntN(1e6))
	if random.IntN(3) == 0 {
		today = figure
	}
	left, restriction, since := fmt.Sprint(max(0, 2e9-month)), "none", "NULL"
	if month > 2e9 {
		restriction = []string{"monthly", "monthly", "monthly_and_recent", "unknown"}[random.IntN(4)]
		since = []string{"NULL", "'" + at.Add(-20*time.Minute).Format(time.DateTime) + "'"}[random.IntN(2)]
	} else if random.IntN(6) == 0 {
		restriction = []string{"recent", "unknown"}[random.IntN(2)]
	}
	return fmt.Sprintf("('%d', '%s', '%s', %s, %s, %s, '%s', %s)", line, scope, at.Format(time.DateTime), figure, today, left, restriction, since)
}

// anHourPasses for what is known of months: it all happened an hour earlier.
func anHourPasses(t *testing.T, db *clickhouse.DB) {
	t.Helper()
	remember(t, db, known(t, db, "INTERVAL 1 HOUR"))
}

// known is what is known of months, as if it had been earlier by an interval.
func known(t *testing.T, db *clickhouse.DB, earlier string) []string {
	t.Helper()
	return strings.Split(strings.TrimSpace(query(t, db, "SELECT month, toString(event), toString(filled_at), toString(at - "+earlier+") FROM month_fills FINAL ORDER BY ALL")), "\n")
}

// remember makes this all that is known of months.
func remember(t *testing.T, db *clickhouse.DB, rows []string) {
	t.Helper()
	query(t, db, "TRUNCATE TABLE month_fills")
	query(t, db, "INSERT INTO month_fills SELECT * FROM values('month Date, event String, filled_at DateTime64(3, ''Asia/Tokyo''), at DateTime64(3, ''Asia/Tokyo'')', ('"+
		strings.ReplaceAll(strings.Join(rows, "'), ('"), "\t", "', '")+"'))")
}

// closeAll closes every month that can be, and returns which.
func closeAll(t *testing.T, db *clickhouse.DB) (closed []string) {
	t.Helper()
	months, err := db.MonthsToClose(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, month := range months {
		if anew, err := db.CloseMonth(t.Context(), month); err != nil || !anew {
			t.Fatalf("%s: %t, %v", month, anew, err)
		}
		closed = append(closed, month.String())
	}
	return closed
}

// Closing a month changes no row of any view, over random histories; and neither does it matter to them then that its samples go.
func TestClosedMonthsSayWhatTheirSamplesSaid(t *testing.T) {
	for seed := range uint64(2) {
		db := migrated(t)
		liveMonths(t, db, seed)
		want := answers(t, db)
		for view, rows := range want {
			if rows == "" {
				t.Errorf("seed %d: %s has no row to compare", seed, view)
			}
		}
		if months, err := db.MonthsToClose(t.Context()); err != nil || len(months) > 0 {
			t.Errorf("months whose samples have just been written are to be closed: %v, %v", months, err)
		}
		anHourPasses(t, db)
		if closed := closeAll(t, db); len(closed) != 3 {
			t.Errorf("closed %v, want three months", closed)
		}
		if diff := cmp.Diff(want, answers(t, db)); diff != "" {
			t.Errorf("seed %d (-open +closed):\n%.3000s", seed, diff)
		}
		for ago := 2; ago <= 3; ago++ { // with the last month's, where this one begins would go
			query(t, db, "ALTER TABLE traffic_samples DROP PARTITION "+pastMonth(ago).Format("200601"))
		}
		if diff := cmp.Diff(want, answers(t, db)); diff != "" {
			t.Errorf("seed %d (-with +without samples):\n%.3000s", seed, diff)
		}
	}
}

// A sample that comes late is in the views at once, and so is what the next month begins with; closed anew, it still is.
func TestLateSamplesReopenTheirMonth(t *testing.T) {
	views := []string{"traffic_hourly", "restriction_episodes"}
	db := migrated(t)
	liveMonths(t, db, 9)
	anHourPasses(t, db)
	closeAll(t, db)
	late := pastMonth(2).Add(20*24*time.Hour + 11*time.Minute)
	byHand(t, db, "traffic_samples", columns{"contract_id": "N000000001", "line_no": "7", "scope": "line"}, statesByHand,
		"('"+late.Format(time.DateTime)+"', 'recent', NULL, NULL, 5, 5)", "('"+late.Add(time.Hour).Format(time.DateTime)+"', 'none', NULL, NULL, 9, 5)",
		"('"+pastMonth(1).Add(5*time.Hour).Format(time.DateTime)+"', 'none', NULL, NULL, 700, 5)")
	got, rows := answers(t, db, views...), known(t, db, "INTERVAL 0 HOUR")
	query(t, db, "TRUNCATE TABLE month_fills") // all is read from the samples
	want := answers(t, db, views...)
	remember(t, db, rows)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("after late samples (-samples +view):\n%.3000s", diff)
	}
	if !strings.Contains(got["traffic_hourly"], "\t7\tline\t") {
		t.Error("the late line is in no hour")
	}
	anHourPasses(t, db)
	if closed := closeAll(t, db); len(closed) != 2 {
		t.Errorf("closed anew %v, want the month of the late samples and the next", closed)
	}
	if diff := cmp.Diff(want, answers(t, db, views...)); diff != "" {
		t.Errorf("closed anew (-samples +view):\n%.3000s", diff)
	}
}

// A copy that was cut off is in no view, and goes once there is a whole one.
func TestCutOffFillShowsNothing(t *testing.T) {
	views := []string{"traffic_hourly", "line_months"}
	db := migrated(t)
	liveMonths(t, db, 3)
	want := answers(t, db, views...)
	anHourPasses(t, db)
	for _, table := range []string{"traffic_hours", "line_month_counts"} {
		from := map[string]string{"traffic_hours": "traffic_hourly_from_samples", "line_month_counts": "line_month_counts_from_samples"}[table]
		except := map[string]string{"traffic_hours": " EXCEPT(month)"}[table]
		query(t, db, "INSERT INTO "+table+" SELECT *"+except+", toDateTime64(1.5e9, 3) FROM "+from+" WHERE month <= '"+pastMonth(1).Format(time.DateOnly)+"' LIMIT 50")
	}
	if diff := cmp.Diff(want, answers(t, db, views...)); diff != "" {
		t.Errorf("cut off (-before +after):\n%.3000s", diff)
	}
	closeAll(t, db)
	if diff := cmp.Diff(want, answers(t, db, views...)); diff != "" {
		t.Errorf("whole (-before +after):\n%.3000s", diff)
	}
	if err := db.DropOldFills(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"line_month_counts", "traffic_hours"} { // a mutation goes on in the background
		query(t, db, "ALTER TABLE "+table+" DELETE WHERE filled_at = 0 SETTINGS mutations_sync = 2")
		if left := query(t, db, "SELECT uniqExact(filled_at) FROM "+table); left != "3\n" {
			t.Errorf("%s has %s copies of three months", table, strings.TrimSpace(left))
		}
	}
	if diff := cmp.Diff(want, answers(t, db, views...)); diff != "" {
		t.Errorf("dropped (-before +after):\n%.3000s", diff)
	}
}

// Where samples have gone, as store.retention has it, a sample that comes still later makes a closed month poorer for as long as it is open,
// and not for ever.
func TestClosedMonthOutlivesItsSamples(t *testing.T) {
	db := migrated(t)
	liveMonths(t, db, 5)
	anHourPasses(t, db)
	closeAll(t, db)
	want := answers(t, db, "traffic_hourly")
	month := pastMonth(3)
	query(t, db, "ALTER TABLE traffic_samples DROP PARTITION "+month.Format("200601"))
	query(t, db, "INSERT INTO traffic_samples (source, contract_id, line_no, scope, observed_at, month_bytes) VALUES ('hq', 'N000000001', '0', 'line', '"+month.Add(time.Hour).Format(time.DateTime)+"', 1)")
	anHourPasses(t, db)
	if anew, err := db.CloseMonth(t.Context(), clickhouse.Month{Date: schema.DateOf(month)}); err != nil || anew {
		t.Errorf("closed anew from fewer samples: %t, %v", anew, err)
	}
	if anew, err := db.CloseMonth(t.Context(), clickhouse.Month{Date: schema.DateOf(pastMonth(2))}); err != nil {
		t.Errorf("the month after it: %t, %v", anew, err)
	}
	if diff := cmp.Diff(want, answers(t, db, "traffic_hourly")); diff != "" {
		t.Errorf("(-before +after):\n%.3000s", diff)
	}
}

// Where somebody has dropped what months were copied into, they are read from their samples again.
func TestDroppedHoursAreReadFromTheSamples(t *testing.T) {
	db := migrated(t)
	liveMonths(t, db, 6)
	anHourPasses(t, db)
	closeAll(t, db)
	want := answers(t, db, "traffic_hourly")
	query(t, db, "DROP TABLE traffic_hours")
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, answers(t, db, "traffic_hourly")); diff != "" {
		t.Errorf("(-before +after):\n%.3000s", diff)
	}
}
