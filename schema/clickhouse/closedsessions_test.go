package clickhouse_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// sessionsBefore makes session_durations as 0014 defines it, of all of the log at once, as a view beside it.
func sessionsBefore(t *testing.T, db *clickhouse.DB) {
	t.Helper()
	steps, err := schema.Migrations()
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(steps, func(step schema.Migration) bool { return step.Name == "0014_session_durations.sql" })
	query(t, db, strings.Replace(steps[at].Statements[0], "VIEW session_durations", "VIEW session_durations_before", 1))
}

// differentSessions are the rows that session_durations has and the view of before has not, and those it lacks. How long a session that goes on has
// lasted is counted until now, and left out.
func differentSessions(t *testing.T, db *clickhouse.DB, before string) string {
	t.Helper()
	return differentRows(t, db, "session_durations", before, "* REPLACE(if(outcome = 'open', 0, duration_seconds) AS duration_seconds)")
}

// differentRows are the rows that a view has and the view of before has not, and those it lacks; a row that one has more often than the other, too.
// They are left in the tables is and was.
func differentRows(t *testing.T, db *clickhouse.DB, view, before, row string) string {
	t.Helper()
	for table, from := range map[string]string{"is": view, "was": before} {
		query(t, db, "CREATE OR REPLACE TABLE "+table+" ENGINE = Memory AS SELECT "+row+", count() AS times FROM "+from+" GROUP BY ALL")
	}
	return query(t, db, "SELECT 'more', * FROM (SELECT * FROM is EXCEPT SELECT * FROM was) UNION ALL SELECT 'less', * FROM (SELECT * FROM was EXCEPT SELECT * FROM is) ORDER BY ALL LIMIT 20")
}

// sameAs compares a view with what an earlier migration had it say, each time that what is returned is called; enough are two
// conditions on the table is, without which there is little to compare.
func sameAs(t *testing.T, db *clickhouse.DB, seed uint64, step, view, row, enough string) func(when string) {
	t.Helper()
	before := defineBefore(t, db, step, view)
	return func(when string) {
		t.Helper()
		if diff := differentRows(t, db, view, before, row); diff != "" {
			t.Fatalf("seed %d, %s:\n%s", seed, when, diff)
		}
		if rows := query(t, db, "SELECT "+enough+" FROM is"); rows != "1\t1\n" {
			t.Fatalf("seed %d, %s: too little to compare, %s: %.3000s", seed, when, enough, query(t, db, "SELECT * FROM is"))
		}
	}
}

// liveSessions logs sessions of some lines from three months ago until today. Seconds are few, so that many rows share one; starts and
// stops get lost, some lines are silent for more than a month, rows come twice and in any order.
func liveSessions(t *testing.T, db *clickhouse.DB, seed uint64, contract string) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 28))
	var tuples []string
	for line := range 12 {
		for at := pastMonth(3).Add(time.Duration(random.IntN(40*24)) * time.Hour); at.Before(time.Now()); {
			kind := []string{"start", "stop"}[random.IntN(2)]
			if random.IntN(30) == 0 {
				kind = "unknown"
			}
			tuples = append(tuples, fmt.Sprintf("('%s', '%d', '%s', '%s', %d, '%s')", contract, line, at.Format(time.DateTime), kind, random.IntN(2), at.Add(time.Hour).Format(time.DateTime)))
			if random.IntN(4) > 0 { // else another row of this second
				at = at.Add(time.Duration(1+random.IntN(1<<uint(line)*40)) * 20 * time.Minute)
			}
		}
	}
	random.Shuffle(len(tuples), func(i, j int) { tuples[i], tuples[j] = tuples[j], tuples[i] })
	tuples = append(tuples, tuples[:len(tuples)/5]...)
	for part := range slices.Chunk(tuples, 1000) {
		byHand(t, db, "session_events", columns{}, `contract_id String, line_no String, event_time DateTime('Asia/Tokyo'), event String, ordinal UInt16, observed_at DateTime64(3, 'Asia/Tokyo')`, part...)
	}
}

// closeSessions closes every month of the session log that can be, and returns how many.
func closeSessions(t *testing.T, db *clickhouse.DB) (closed int) {
	t.Helper()
	months, err := db.MonthsToClose(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, month := range months {
		if month.Of != clickhouse.Sessions {
			t.Errorf("month %s of %s is to be closed, and there are only sessions", month, month.Of)
		}
		if anew, err := db.CloseMonth(t.Context(), month); err != nil || !anew {
			t.Fatalf("%s: %t, %v", month, anew, err)
		}
	}
	return len(months)
}

// Months that are closed change no session, over random logs, whether rows come late, twice, or go; and neither did pairing them otherwise.
func TestClosedSessionsAreThoseOfTheLog(t *testing.T) {
	const seed = 1
	db := migrated(t)
	sessionsBefore(t, db)
	same := func(when, view string) {
		t.Helper()
		if diff := differentSessions(t, db, view); diff != "" {
			t.Fatalf("seed %d, %s:\n%s", seed, when, diff)
		}
	}
	liveSessions(t, db, seed, "N000000001")
	if outcomes := query(t, db, "SELECT uniqExact(outcome) FROM session_durations"); outcomes != "4\n" {
		t.Errorf("%s outcomes to compare, want all 4", strings.TrimSpace(outcomes))
	}
	same("open", "session_durations_before")
	if months := closeSessions(t, db); months > 0 {
		t.Errorf("%d months whose rows have just been written are to be closed", months)
	}
	anHourPasses(t, db)
	if months := closeSessions(t, db); months < 2 { // last month's rows may still come
		t.Errorf("%d months closed", months)
	}
	if paired := query(t, db, "SELECT count() > 200, countIf(outcome = 'lost_stop') > 50 FROM paired_sessions"); paired != "1\t1\n" {
		t.Error("no sessions of closed months")
	}
	same("closed", "session_durations_before")
	liveSessions(t, db, seed+100, "N000000001") // late ones, for the same lines
	same("after late rows", "session_durations_before")
	anHourPasses(t, db)
	closeSessions(t, db)
	same("closed anew", "session_durations_before")
	query(t, db, "INSERT INTO carrier_findings (source, contract_id, operation, reading, value) VALUES ('hq', 'N000000001', 'sessions', 'session_stop_time', 'start')")
	same("stops dated by their start", "session_durations_before")
	query(t, db, "TRUNCATE TABLE carrier_findings")
	if err := db.DropOldFills(t.Context()); err != nil {
		t.Fatal(err)
	}
	query(t, db, "ALTER TABLE paired_sessions DELETE WHERE filled_at = 0 SETTINGS mutations_sync = 2") // after those that go on
	same("earlier copies dropped", "session_durations_before")
	query(t, db, "CREATE TABLE kept ENGINE = Memory AS SELECT * FROM session_durations_before")
	query(t, db, "ALTER TABLE session_events DROP PARTITION "+pastMonth(3).Format("200601"))
	same("rows gone", "kept")
}

// Where rows of the log have gone, one that comes still later leaves a closed month poorer for as long as it is open, and not for ever.
func TestClosedSessionsOutliveTheLog(t *testing.T) {
	db := migrated(t)
	liveSessions(t, db, 7, "N000000001")
	anHourPasses(t, db)
	closeSessions(t, db)
	query(t, db, "CREATE TABLE kept ENGINE = Memory AS SELECT * FROM session_durations")
	query(t, db, "ALTER TABLE session_events DROP PARTITION "+pastMonth(2).Format("200601"))
	query(t, db, "INSERT INTO session_events (source, contract_id, line_no, event_time, event) VALUES ('hq', 'N000000001', '3', '"+pastMonth(2).Add(time.Hour).Format(time.DateTime)+"', 'start')")
	anHourPasses(t, db)
	if anew, err := db.CloseMonth(t.Context(), clickhouse.Month{Date: schema.DateOf(pastMonth(2)), Of: clickhouse.Sessions}); err != nil || anew {
		t.Errorf("closed anew from fewer rows: %t, %v", anew, err)
	}
	if diff := differentSessions(t, db, "kept"); diff != "" {
		t.Error(diff)
	}
}
