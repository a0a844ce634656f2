package transfer_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema/clickhouse"
	"kaisen/schema/clickhouse/transfer"
	"kaisen/schema/clickhouse/transfer/transfertest"
)

func TestMain(m *testing.M) { chdbtest.Main(m) }

// openWith opens a database, and brings it to this version.
func openWith(t testing.TB, cfg clickhouse.Config) *clickhouse.DB {
	t.Helper()
	db, err := clickhouse.Open(t.Context(), cfg, clickhouse.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

// migrated is a database of this version on the engine that tests share.
func migrated(t testing.TB) *clickhouse.DB {
	t.Helper()
	return openWith(t, clickhouse.Config{DSN: chdbtest.StartFrom(t, migrate)})
}

// migrate makes kaisen's tables in a database.
func migrate(dsn string) error {
	db, err := clickhouse.Open(context.Background(), clickhouse.Config{DSN: dsn}, clickhouse.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	return errors.Join(db.Migrate(context.Background()), db.Close())
}

// run copies, and fails where a database does.
func run(t testing.TB, from, to *clickhouse.DB) transfer.Result {
	t.Helper()
	result, err := transfer.Run(t.Context(), from, to, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// checksums are those of every table.
func checksums(t testing.TB, db *clickhouse.DB) map[string][2]uint64 {
	t.Helper()
	all, err := transfer.Checksums(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// exec runs statements.
func exec(t testing.TB, db *clickhouse.DB, statements ...string) {
	t.Helper()
	for _, sql := range statements {
		if err := db.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

// number asks for one.
func number(t testing.TB, db *clickhouse.DB, sql string) (n uint64) {
	t.Helper()
	if err := db.Each(t.Context(), sql, func(values []any) error {
		n = values[0].(uint64)
		return nil
	}); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// alike fails where two databases have not the same rows, or no rows.
func alike(t *testing.T, from, to *clickhouse.DB) {
	t.Helper()
	want := checksums(t, from)
	if diff := cmp.Diff(want, checksums(t, to)); diff != "" {
		t.Errorf("rows and checksums (-from +to):\n%s", diff)
	}
	for table, one := range want {
		if one[0] == 0 {
			t.Errorf("%s is empty", table)
		}
	}
}

// Whatever tables hold arrives as it was, over both protocols, and is not sent again.
func TestEveryTableArrivesWhole(t *testing.T) {
	from := migrated(t)
	transfertest.RandomRows(t, from, 100)
	for _, protocol := range []string{"native", "HTTP"} {
		t.Run(protocol, func(t *testing.T) {
			dsn := chdbtest.StartFrom(t, migrate)
			if protocol == "HTTP" {
				dsn = chdbtest.HTTP(t, dsn)
			}
			to := openWith(t, clickhouse.Config{DSN: dsn})
			result := run(t, from, to)
			if !result.Equal() || result.Sent() < 20*100 {
				t.Errorf("%d rows were sent; %+v", result.Sent(), result)
			}
			alike(t, from, to)
			if again := run(t, from, to); again.Sent() > 0 || !again.Equal() {
				t.Errorf("again: %d rows were sent; %+v", again.Sent(), again)
			}
		})
	}
}

// A copy that was broken off goes on: only what is missing is sent, and what is there is neither doubled nor replaced.
func TestACopyGoesOnWhereItWas(t *testing.T) {
	from, to := migrated(t), migrated(t)
	transfertest.RandomRows(t, from, 500)
	run(t, from, to)
	exec(t, to, "DELETE FROM traffic_samples WHERE cityHash64(line_no) % 40 = 0 SETTINGS lightweight_deletes_sync = 2",
		"DELETE FROM dead_letters WHERE cityHash64(payload) % 2 = 0 SETTINGS lightweight_deletes_sync = 2", "TRUNCATE TABLE lines", "TRUNCATE TABLE traffic_latest")
	result := run(t, from, to)
	alike(t, from, to)
	for _, table := range result.Tables {
		switch want := number(t, from, "SELECT count() FROM "+table.Name); table.Name {
		case "lines", "traffic_latest":
			if table.Sent != table.Rows {
				t.Errorf("%s: %d of %d rows were sent", table.Name, table.Sent, table.Rows)
			}
		case "traffic_samples":
			if table.Sent == 0 || table.Sent > want*2/3 {
				t.Errorf("%s: %d of %d rows were sent", table.Name, table.Sent, want)
			}
		case "dead_letters":
			if table.Sent < want/3 || table.Sent > want*2/3 || number(t, to, "SELECT count() FROM dead_letters") != want {
				t.Errorf("%s: %d of %d rows were sent", table.Name, table.Sent, want)
			}
		default:
			if table.Sent != 0 {
				t.Errorf("%s: %d rows were sent", table.Name, table.Sent)
			}
		}
	}
}

// What the other database has newer stays, and is told.
func TestNewerRowsStayAndAreTold(t *testing.T) {
	from, to := migrated(t), migrated(t)
	const insert = "INSERT INTO lines (source, contract_id, line_no, state, observed_at) VALUES ('hq', 'N1', '0901', 'active', '2026-01-0%d 00:00:00')"
	exec(t, from, fmt.Sprintf(insert, 1))
	exec(t, to, fmt.Sprintf(insert, 2))
	result := run(t, from, to)
	if result.Equal() {
		t.Error("the databases are not alike, and are said to be")
	}
	if n := number(t, to, "SELECT count() FROM lines FINAL WHERE observed_at = '2026-01-02 00:00:00'"); n != 1 {
		t.Errorf("%d newer rows", n)
	}
}

// Rows that come while the copy is at work are the next one's; how far a log is read is not claimed before its rows are there.
func TestRowsThatComeMeanwhile(t *testing.T) {
	from, to := migrated(t), migrated(t)
	transfertest.RandomRows(t, from, 100)
	exec(t, from, "TRUNCATE TABLE log_watermarks")
	var writing sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	writing.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			for _, sql := range []string{
				"INSERT INTO session_events (source, contract_id, line_no, event_time, event, ordinal, observed_at) SELECT 'hq', 'N1', '0901', now('Asia/Tokyo'), 'start', %d, now()",
				"INSERT INTO traffic_samples (source, contract_id, line_no, scope, observed_at) SELECT 'hq', 'N1', '%d', 'line', now()",
				"INSERT INTO lines (source, contract_id, line_no, state, note, observed_at) SELECT 'hq', 'N1', '0901', 'active', '%d', now64(3)",
				// the number of events stands for the time up to which they are there
				"INSERT INTO log_watermarks (source, contract_id, log, watermark, observed_at) SELECT 'hq', 'N1', 'session_events', toDateTime(%d + 1), now64(3)",
			} {
				if err := from.Exec(t.Context(), fmt.Sprintf(sql, i)); err != nil {
					t.Error(err)
					return
				}
			}
		}
	})
	for range 3 {
		if result := run(t, from, to); !result.Equal() {
			t.Errorf("while rows are written: %+v", result)
		}
		claimed := number(t, to, "SELECT toUInt64(max(toUnixTimestamp(watermark))) FROM log_watermarks FINAL")
		if there := number(t, to, "SELECT count() FROM session_events FINAL WHERE line_no = '0901' AND source = 'hq'"); there < claimed {
			t.Errorf("%d rows of the log are there, and %d are claimed", there, claimed)
		}
	}
	stop()
	writing.Wait()
	if result := run(t, from, to); !result.Equal() || result.Sent() == 0 {
		t.Errorf("afterwards: %+v", result)
	}
	alike(t, from, to)
}

// A database with rows of another kaisen's is told from one that an earlier copy was broken off in, also where a part of one table is
// all that had come, and where rows of its own have come since.
func TestRowsOfAnotherKaisenAreTold(t *testing.T) {
	from, to, other := migrated(t), migrated(t), migrated(t)
	transfertest.RandomRows(t, from, 100)
	related := func(to *clickhouse.DB) error { return transfer.Related(t.Context(), from, to) }
	if err := related(to); err != nil {
		t.Errorf("an empty database: %v", err)
	}
	transfertest.RandomRows(t, other, 20)
	if err := related(other); !errors.Is(err, transfer.ErrUnrelated) {
		t.Errorf("a database of another: %v", err)
	}
	for _, table := range run(t, from, to).Tables {
		if table.Name != "traffic_samples" {
			exec(t, to, "TRUNCATE TABLE "+table.Name)
		}
	}
	exec(t, to, "DELETE FROM traffic_samples WHERE cityHash64(line_no) % 2 = 0 SETTINGS lightweight_deletes_sync = 2")
	transfertest.RandomRows(t, to, 20)
	if err := related(to); err != nil {
		t.Errorf("a database that a copy was broken off in: %v", err)
	}
}

// Rows whose retention is over are left, and counted.
func TestRowsWhoseRetentionIsOverAreLeft(t *testing.T) {
	from := migrated(t)
	keep := 30 * 24 * time.Hour
	to := openWith(t, clickhouse.Config{DSN: chdbtest.StartFrom(t, migrate), Retention: clickhouse.Retention{Samples: keep, Events: keep}})
	exec(t, from, "INSERT INTO traffic_samples (source, contract_id, line_no, scope, observed_at) SELECT 'hq', 'N1', '0901', 'line', now() - toIntervalDay(number) FROM numbers(40)")
	result := run(t, from, to)
	for _, table := range result.Tables {
		if table.Name == "traffic_samples" && (table.Rows != 29 || table.Kept != 11) {
			t.Errorf("%d rows, %d left: %+v", table.Rows, table.Kept, table)
		}
	}
	if !result.Equal() {
		t.Errorf("%+v", result)
	}
}

// A table of somebody's own is named; a database of an older version is refused.
func TestWhatIsNotCopied(t *testing.T) {
	from, to := migrated(t), migrated(t)
	exec(t, from, "CREATE TABLE mine (a UInt8) ENGINE = MergeTree ORDER BY a")
	if result := run(t, from, to); !cmp.Equal(result.Foreign, []string{"mine"}) {
		t.Errorf("foreign: %v", result.Foreign)
	}
	exec(t, from, "ALTER TABLE schema_migrations DELETE WHERE version = 24 SETTINGS mutations_sync = 2")
	if _, err := transfer.Run(t.Context(), from, to, slog.New(slog.DiscardHandler)); !errors.Is(err, transfer.ErrOlder) {
		t.Errorf("the error is %v", err)
	}
}

// On shards every row is on the shard where kaisen looks for it, and its latest sample beside it.
func TestShardsGetTheirRows(t *testing.T) {
	cluster := chdbtest.StartCluster(t, 3)
	from := migrated(t)
	transfertest.RandomRows(t, from, 100)
	to := openWith(t, clickhouse.Config{DSN: cluster.DSN(0, "kaisen"), CreateDatabase: true, Cluster: chdbtest.ClusterName})
	result := run(t, from, to)
	want, got := checksums(t, from), map[string][2]uint64{}
	for _, table := range result.Tables {
		got[table.Name] = [2]uint64{table.Rows, table.Checksum}
	}
	delete(got, "month_fills") // which each database has its own of
	if diff := cmp.Diff(want, got); diff != "" || !result.Equal() {
		t.Errorf("rows and checksums (-one +three):\n%s", diff)
	}
	if again := run(t, from, to); again.Sent() > 0 {
		t.Errorf("%d rows were sent again", again.Sent())
	}
	for shard := range 3 {
		db := openWith(t, clickhouse.Config{DSN: cluster.DSN(shard, "kaisen"), Cluster: chdbtest.ClusterName})
		if n := number(t, db, "SELECT count() FROM traffic_samples_local"); n == 0 || n == 100 {
			t.Errorf("shard %d has %d samples", shard+1, n)
		}
		if n := number(t, db, fmt.Sprintf("SELECT countIf(cityHash64(source, contract_id, line_no) %% 3 != %d) FROM traffic_samples_local", shard)); n > 0 {
			t.Errorf("shard %d has %d samples of others", shard+1, n)
		}
	}
}

// A month that is closed stays so, although samples of it arrive and others are gone by their retention; one of which the other
// database has samples of its own is left to that.
func TestClosedMonthsStayClosed(t *testing.T) {
	from, to := migrated(t), migrated(t)
	const last = "toStartOfMonth(today()) - INTERVAL 1 MONTH"
	exec(t, from,
		"INSERT INTO traffic_samples (source, contract_id, line_no, scope, observed_at, month_bytes) SELECT 'hq', 'N1', '0901', 'line', "+last+" + INTERVAL 20 DAY + toIntervalHour(number), 1000 * number FROM numbers(48)",
		"INSERT INTO traffic_hours (source, contract_id, line_no, scope, hour, bytes, covered_seconds, filled_at) SELECT 'hq', 'N1', '0901', 'line', "+last+" + toIntervalHour(number), 7, 3600, toDateTime64('2026-01-01 00:00:00', 3, 'Asia/Tokyo') FROM numbers(600)",
		"INSERT INTO month_fills SELECT "+last+", 'filled', toDateTime64('2026-01-01 00:00:00', 3, 'Asia/Tokyo'), now64(3) + INTERVAL 1 HOUR")
	hours := "SELECT sum(bytes) FROM traffic_hourly WHERE month = " + last
	if got := number(t, from, hours); got != 4200 {
		t.Fatalf("%d bytes in the hours of the closed month, want 4200", got)
	}
	for range 2 {
		if result := run(t, from, to); !result.Equal() {
			t.Errorf("%+v", result)
		}
		if got := number(t, to, hours); got != 4200 {
			t.Errorf("%d bytes after copying", got)
		}
	}
	exec(t, to, "INSERT INTO traffic_samples (source, contract_id, line_no, scope, observed_at, month_bytes) SELECT 'hq', 'N1', '0901', 'line', "+last+" + INTERVAL 23 DAY, 60000")
	if got := number(t, to, "SELECT count() FROM closed_months"); got != 0 {
		t.Errorf("%d months are closed after a late sample", got)
	}
	run(t, from, to)
	if got := number(t, to, "SELECT count() FROM closed_months"); got != 0 {
		t.Errorf("%d months were closed over a late sample", got)
	}
}

// Likewise the sessions of a month whose rows of the log are gone.
func TestClosedSessionsStayClosed(t *testing.T) {
	from, to := migrated(t), migrated(t)
	const last = "toStartOfMonth(today()) - INTERVAL 1 MONTH"
	exec(t, from,
		"INSERT INTO session_events (source, contract_id, line_no, event_time, event) SELECT 'hq', 'N1', '0901', "+last+" + INTERVAL 20 DAY, 'start'",
		"INSERT INTO paired_sessions SELECT 'hq', 'N1', '0901', 'roaming', "+last+" + toIntervalHour(number), 60, 'complete', toDateTime64('2026-01-01 00:00:00', 3, 'Asia/Tokyo') FROM numbers(5)",
		"INSERT INTO border_events SELECT 'hq', 'N1', '0901', 'roaming', "+last+" + INTERVAL 20 DAY, 'start', 0, false, toDateTime64('2026-01-01 00:00:00', 3, 'Asia/Tokyo')",
		"INSERT INTO month_fills SELECT "+last+", 'sessions_filled', toDateTime64('2026-01-01 00:00:00', 3, 'Asia/Tokyo'), now64(3) + INTERVAL 1 HOUR")
	const sessions = "SELECT count() FROM session_durations WHERE session_type = 'roaming' AND outcome IN ('complete', 'open')"
	if got := number(t, from, sessions); got != 6 {
		t.Fatalf("%d sessions of the closed month, want 5 and an open one", got)
	}
	if result := run(t, from, to); !result.Equal() {
		t.Errorf("%+v", result)
	}
	if got := number(t, to, sessions); got != 6 {
		t.Errorf("%d sessions after copying", got)
	}
	exec(t, to, "INSERT INTO session_events (source, contract_id, line_no, event_time, event) SELECT 'hq', 'N1', '0901', "+last+" + INTERVAL 21 DAY, 'stop'")
	run(t, from, to)
	if got := number(t, to, "SELECT count() FROM closed_session_months"); got != 0 {
		t.Errorf("%d months were closed over a late row", got)
	}
}
