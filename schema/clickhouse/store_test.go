package clickhouse_test

import (
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// query is the result of SQL as TSV.
func query(t testing.TB, db *clickhouse.DB, sql string) string {
	t.Helper()
	body, err := db.Query(t.Context(), sql, "TSV")
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// written lists the tables that rows are inserted into.
func written() []string {
	var tables []string
	for _, part := range new(schema.Batch).Parts() {
		tables = append(tables, part.Table)
	}
	return tables
}

func TestStateIsWhatWasInserted(t *testing.T) {
	db := migrated(t)
	batch := everyRow()
	if err := db.Insert(t.Context(), &batch); err != nil {
		t.Fatal(err)
	}
	got := wholeState(t, db, key(1).Source, time.Hour)
	want := schema.State{
		Lines: batch.Lines, Members: batch.Members, Traffic: batch.Traffic, Sessions: batch.Sessions, Daily: batch.Daily, Monthly: batch.Monthly,
		Watermarks: batch.Watermarks, Authentications: batch.Authentications, SessionEvents: batch.SessionEvents,
		Products: batch.Products, Orders: batch.Orders, ServiceOrders: batch.ServiceOrders,
		IPoEProducts: batch.IPoEProducts, IPoESites: batch.IPoESites, IPoEOrders: batch.IPoEOrders, Findings: batch.Findings, Names: batch.Names,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if other := wholeState(t, db, "elsewhere", time.Hour); !cmp.Equal(other, schema.State{}) {
		t.Errorf("state of another source: %v", other)
	}
}

func TestRowsThatStateDoesNotRead(t *testing.T) {
	db := migrated(t)
	batch := everyRow()
	if err := db.Insert(t.Context(), &batch); err != nil {
		t.Fatal(err)
	}
	for sql, want := range map[string]string{
		"SELECT field, old, new = (SELECT note FROM lines WHERE note != ''), observed_at FROM line_changes":            "note\tbefore\t1\t2026-01-31 10:00:05.678\n",
		"SELECT job, started_at, finished_at, requests, ok, failed, throttled, rows FROM sweeps":                       "traffic\t2026-01-31 09:00:05.678\t2026-01-31 10:00:05.678\t1\t2\t3\t4\t18446744073709551615\n",
		"SELECT operation, status, hex(payload), reason = (SELECT note FROM lines WHERE note != '') FROM dead_letters": "traffic\t599\tE59B9EE7B79A20226E5C6F2774270A092C007B783A537472696E677DFF\t1\n",
	} {
		if got := query(t, db, sql); got != want {
			t.Errorf("%s: %q, expected %q", sql, got, want)
		}
	}
}

// State is bounded: it reads days and logs that a collector can still need.
func TestStateLeavesOldRowsOut(t *testing.T) {
	db := migrated(t)
	var batch schema.Batch
	today := schema.DateOf(at(0, 0))
	for ago := range 100 {
		batch.Daily = append(batch.Daily, schema.TrafficDaily{LineKey: key(1), Scope: schema.ScopeLine, Day: today.AddDays(-ago), Bytes: uint64(ago), ObservedAt: at(10, 0)})
	}
	for ago := range 10 {
		batch.Monthly = append(batch.Monthly, schema.TrafficMonthly{LineKey: key(1), Scope: schema.ScopeLine, Month: today.AddMonths(-ago), Bytes: uint64(ago), ObservedAt: at(10, 0)})
		batch.Authentications = append(batch.Authentications, schema.Authentication{LineKey: key(1), EventTime: at(10-ago, 0).Truncate(time.Second),
			SessionType: schema.SessionDomestic, Result: schema.AuthOK, ObservedAt: at(10, 0)})
	}
	batch.Watermarks = []schema.LogWatermark{{Source: key(1).Source, ContractID: key(1).ContractID, Log: "authentications", Watermark: at(9, 0).Truncate(time.Second), ObservedAt: at(10, 0)}}
	if err := db.Insert(t.Context(), &batch); err != nil {
		t.Fatal(err)
	}
	st := wholeState(t, db, key(1).Source, 2*time.Hour)
	if n := len(st.Daily); n != 33 || st.Daily[0].Day != today.AddDays(-32) || st.Daily[n-1].Day != today {
		t.Errorf("%d days from %s", n, st.Daily[0].Day)
	}
	if n := len(st.Monthly); n != 4 || st.Monthly[0].Month != today.AddMonths(-3) {
		t.Errorf("%d months from %s", n, st.Monthly[0].Month)
	}
	if n := len(st.Authentications); n != 4 || !st.Authentications[0].EventTime.Equal(at(7, 0).Truncate(time.Second)) {
		t.Errorf("%d log rows from %s", n, st.Authentications[0].EventTime)
	}
}

// TestStateHasTheDaysRefusals, which lie before the rows of the log that are read whole.
func TestStateHasTheDaysRefusals(t *testing.T) {
	db := migrated(t)
	read := at(9, 0).Truncate(time.Second)
	row := func(age time.Duration, result schema.AuthResult) schema.Authentication {
		return schema.Authentication{LineKey: key(1), EventTime: read.Add(-age), SessionType: schema.SessionDomestic, Result: result, ObservedAt: read}
	}
	b := schema.Batch{Watermarks: []schema.LogWatermark{{Source: key(1).Source, ContractID: key(1).ContractID, Log: "authentications", Watermark: read, ObservedAt: read}},
		Authentications: []schema.Authentication{
			row(28*time.Hour, schema.AuthNG), row(26*time.Hour, schema.AuthNG), row(20*time.Hour, schema.AuthOK),
			row(3*time.Hour, schema.AuthNG), row(2*time.Hour, schema.AuthNG), row(time.Hour, schema.AuthOK)}}
	if err := db.Insert(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	state, err := db.State(t.Context(), key(1).Source, 2*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	var ages []time.Duration
	for _, row := range state.Authentications {
		ages = append(ages, read.Sub(row.EventTime))
	}
	if want := []time.Duration{26 * time.Hour, 3 * time.Hour, 2 * time.Hour, time.Hour}; !slices.Equal(ages, want) {
		t.Errorf("rows from %v before the watermark, want %v", ages, want)
	}
}

func TestReplaysAddNothing(t *testing.T) {
	db := migrated(t)
	batch := everyRow()
	for range 3 {
		if err := db.Insert(t.Context(), &batch); err != nil {
			t.Fatal(err)
		}
	}
	once := everyRow()
	for _, part := range once.Parts() {
		// Without FINAL: the token has dropped the replay, no merge was needed.
		if got, want := query(t, db, "SELECT count() FROM "+part.Table), itoa(part.Rows.Len())+"\n"; got != want {
			t.Errorf("%s: %s rows, expected %s", part.Table, got, want)
		}
	}
	for sql, want := range map[string]string{
		"SELECT count() FROM traffic_latest FINAL": "3\n",
		"SELECT count() FROM session_latest FINAL": "2\n",
		"SELECT count() FROM line_status":          "2\n",
	} {
		if got := query(t, db, sql); got != want {
			t.Errorf("%s: %s", sql, got)
		}
	}
}

// The same rows in other batches have other tokens: then the tables' keys find the duplicates.
func TestOverlapsCollapse(t *testing.T) {
	db := migrated(t)
	first, second := everyRow(), everyRow()
	slices.Reverse(second.Daily)
	slices.Reverse(second.Authentications)
	second.Traffic, second.Sessions = second.Traffic[:1], second.Sessions[:1]
	for i := range second.Daily {
		second.Daily[i].Bytes, second.Daily[i].ObservedAt = 42, at(11, 0)
	}
	for _, batch := range []schema.Batch{second, first} { // the older last: it must not win
		if err := db.Insert(t.Context(), &batch); err != nil {
			t.Fatal(err)
		}
	}
	for sql, want := range map[string]string{
		"SELECT count(), min(bytes), max(bytes) FROM traffic_daily FINAL": "3\t42\t42\n",
		"SELECT count() FROM authentications FINAL":                       "3\n",
		"SELECT count() FROM traffic_samples FINAL":                       "3\n",
		"SELECT count() FROM traffic_latest FINAL":                        "3\n",
	} {
		if got := query(t, db, sql); got != want {
			t.Errorf("%s: %s", sql, got)
		}
	}
}

// An insert may be cut between a table and the views that hang on it; the replay has to reach them.
func TestReplayReachesTheViews(t *testing.T) {
	db := migrated(t)
	batch := everyRow()
	if err := db.Insert(t.Context(), &batch); err != nil {
		t.Fatal(err)
	}
	query(t, db, "TRUNCATE TABLE traffic_latest")
	if err := db.Insert(t.Context(), &batch); err != nil {
		t.Fatal(err)
	}
	if got := query(t, db, "SELECT count() FROM traffic_latest FINAL"); got != "3\n" {
		t.Errorf("%s rows in traffic_latest", got)
	}
	if got := query(t, db, "SELECT count() FROM traffic_samples"); got != "3\n" {
		t.Errorf("%s rows in traffic_samples", got)
	}
}

func TestLineStatus(t *testing.T) {
	db := migrated(t)
	batch := everyRow()
	older := everyRow() // arrives later, says nothing new
	for i := range older.Traffic {
		older.Traffic[i].ObservedAt = at(5, 0)
		older.Traffic[i].MonthBytes = schema.Some[uint64](1)
	}
	for _, b := range []schema.Batch{batch, {Traffic: older.Traffic}} {
		if err := db.Insert(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
	}
	got := query(t, db, `SELECT substring(line_no, 8), state, data_share, month_bytes, today_bytes, remaining_bytes, round(remaining_ratio, 3), restriction,
	limit_status1, share_month_bytes, share_restriction, connected, session_type, observed_at, session_observed_at
FROM line_status ORDER BY line_no`)
	want := strings.Join([]string{
		"0001\tactive\tremoval_reserved\t18446744073709551615\t0\t9223372036854775809\t0.333\tunknown\t3\t\\N\tunknown\ttrue\troaming\t2026-01-31 10:00:05.678\t2026-01-31 10:00:05.678",
		"0002\tnot_found\tnone\t1000\t10\t3000\t0.75\tnone\t\\N\t\\N\t\\N\t\\N\t\\N\t2026-01-31 10:00:05.678\t2026-01-31 10:00:05.678",
	}, "\n") + "\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	youngest := time.Now().Unix() - at(10, 0).Unix()
	ages := strings.Fields(query(t, db, "SELECT age_seconds FROM line_status"))
	oldest := time.Now().Unix() - at(10, 0).Unix()
	for _, age := range ages {
		if n, err := strconv.ParseInt(age, 10, 64); err != nil || n < youngest || n > oldest {
			t.Errorf("a line is %s seconds old, want %d to %d", age, youngest, oldest)
		}
	}
	if len(ages) != 2 {
		t.Errorf("%d ages", len(ages))
	}
}

// The newest sample of a line is one row however many months it has been watched.
func TestLatestForgetsEarlierMonths(t *testing.T) {
	db := migrated(t)
	for month := range 3 {
		b := everyRow()
		for i := range b.Traffic {
			b.Traffic[i].ObservedAt = b.Traffic[i].ObservedAt.AddDate(0, month, 0)
		}
		for i := range b.Sessions {
			b.Sessions[i].ObservedAt = b.Sessions[i].ObservedAt.AddDate(0, month, 0)
		}
		if err := db.Insert(t.Context(), &schema.Batch{Traffic: b.Traffic, Sessions: b.Sessions}); err != nil {
			t.Fatal(err)
		}
	}
	for table, want := range map[string]string{"traffic_latest": "3\n", "session_latest": "2\n"} {
		query(t, db, "OPTIMIZE TABLE "+table+" FINAL")
		if got := query(t, db, "SELECT count() FROM "+table); got != want {
			t.Errorf("%s: %s rows", table, got)
		}
	}
}

func TestBadDataIsBlamed(t *testing.T) {
	db := migrated(t)
	for name, spoil := range map[string]func(*schema.Batch){
		"scope": func(b *schema.Batch) { b.Traffic[1].Scope = "nonsense" },
		"daily_limit_start": func(b *schema.Batch) {
			b.Traffic[0].DailyLimitStart = schema.Some(time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC))
		},
		"event_time": func(b *schema.Batch) { b.Authentications[2].EventTime = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC) },
		"watermark":  func(b *schema.Batch) { b.Watermarks[0].Watermark = time.Time{} },
	} {
		batch := everyRow()
		spoil(&batch)
		if err := db.Insert(t.Context(), &batch); err == nil || !isRefused(err) || !strings.Contains(err.Error(), "column "+name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDatabaseIsBlamed(t *testing.T) {
	for _, damage := range []string{"DROP TABLE traffic_samples SYNC", "ALTER TABLE traffic_samples DROP COLUMN limit_cause", "ALTER TABLE traffic_samples MODIFY COLUMN today_bytes Nullable(String) CODEC(ZSTD)"} {
		db := migrated(t)
		query(t, db, "DROP VIEW traffic_latest_mv")
		query(t, db, damage)
		batch := everyRow()
		if err := db.Insert(t.Context(), &batch); err == nil || isRefused(err) || !strings.Contains(err.Error(), "traffic_samples") {
			t.Errorf("%s: %v", damage, err)
		}
	}
}
