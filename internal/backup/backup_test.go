package backup_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"kaisen/internal/backup"
	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema/clickhouse"
	"kaisen/schema/clickhouse/transfer"
	"kaisen/schema/clickhouse/transfer/transfertest"
)

func TestMain(m *testing.M) { chdbtest.Main(m) }

// open opens the first database of an engine, which has the same name on each.
func open(t *testing.T, engine *chdbtest.Engine) *clickhouse.DB {
	t.Helper()
	db, err := clickhouse.Open(t.Context(), clickhouse.Config{DSN: engine.Database(t)}, clickhouse.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// exec runs statements.
func exec(t *testing.T, db *clickhouse.DB, statements ...string) {
	t.Helper()
	for _, sql := range statements {
		if err := db.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

// number asks for one.
func number(t *testing.T, db *clickhouse.DB, sql string) (n uint64) {
	t.Helper()
	if err := db.Each(t.Context(), sql, func(values []any) error {
		n = values[0].(uint64)
		return nil
	}); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// save makes a backup.
func save(t *testing.T, db *clickhouse.DB, engine *chdbtest.Engine) ([]byte, backup.Manifest) {
	t.Helper()
	var out bytes.Buffer
	made, err := backup.Write(t.Context(), db, engine.Folder(), "v1", &out)
	if err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(engine.Folder(), "shadow", "kaisen*")); len(left) > 0 {
		t.Errorf("it leaves %v", left)
	}
	return out.Bytes(), made
}

// restored is the database of a backup on an engine of its own.
func restored(t *testing.T, saved []byte) *clickhouse.DB {
	t.Helper()
	engine := chdbtest.StartOwn(t)
	db := open(t, engine)
	archive, err := backup.Open(bytes.NewReader(saved))
	if err != nil {
		t.Fatal(err)
	}
	if err := archive.Restore(t.Context(), db, engine.Folder()); err != nil {
		t.Fatal(err)
	}
	return db
}

func checksums(t *testing.T, db *clickhouse.DB) map[string][2]uint64 {
	t.Helper()
	all, err := transfer.Checksums(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A backup that is made while rows are written is one moment of each table, and never claims to have more of a log than it
// has; one that is made in silence is the same rows in every table, and the views answer.
func TestRestoredElsewhereIsTheSame(t *testing.T) {
	engine := chdbtest.StartOwn(t)
	db := open(t, engine)
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	transfertest.RandomRows(t, db, 50)
	exec(t, db, "TRUNCATE TABLE log_watermarks", "CREATE TABLE mine (a UInt8) ENGINE = MergeTree ORDER BY a", "INSERT INTO mine SELECT 7",
		"CREATE VIEW b_view AS SELECT * FROM mine", "CREATE VIEW a_view AS SELECT * FROM b_view")
	write := func(i int) error {
		for _, sql := range []string{
			"INSERT INTO session_events (source, contract_id, line_no, event_time, event, ordinal, observed_at) SELECT 'hq', 'N1', '0901', now('Asia/Tokyo'), 'start', %d, now()",
			"INSERT INTO log_watermarks (source, contract_id, log, watermark, observed_at) SELECT 'hq', 'N1', 'session_events', toDateTime(%d + 1), now64(3)",
		} {
			if err := db.Exec(t.Context(), fmt.Sprintf(sql, i)); err != nil {
				return err
			}
		}
		return nil
	}
	if err := write(0); err != nil {
		t.Fatal(err)
	}
	var writing sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	writing.Go(func() {
		for i := 1; ctx.Err() == nil; i++ {
			if err := write(i); err != nil {
				t.Error(err)
				return
			}
		}
	})
	busy, _ := save(t, db, engine)
	stop()
	writing.Wait()
	quiet, made := save(t, db, engine)

	moment := restored(t, busy)
	const events = "SELECT toUInt64(max(ordinal) + 1 != count()) FROM session_events FINAL WHERE source = 'hq' AND line_no = '0901'"
	if number(t, moment, events) != 0 {
		t.Error("rows of the log are missing between others")
	}
	claimed := number(t, moment, "SELECT toUInt64(max(toUnixTimestamp(watermark))) FROM log_watermarks FINAL")
	if there := number(t, moment, "SELECT count() FROM session_events FINAL WHERE source = 'hq' AND line_no = '0901'"); there < claimed || claimed == 0 {
		t.Errorf("%d rows of the log are there, and %d are claimed", there, claimed)
	}

	same := restored(t, quiet)
	if diff := cmp.Diff(checksums(t, db), checksums(t, same)); diff != "" || made.Rows < 20*50 {
		t.Errorf("%d rows; rows and checksums (-saved +restored):\n%s", made.Rows, diff)
	}
	if n := number(t, same, "SELECT toUInt64(a) FROM a_view"); n != 7 {
		t.Errorf("a view on a view has %d", n)
	}
	if pending, err := same.Pending(t.Context()); err != nil || len(pending) > 0 {
		t.Errorf("pending: %v, %v", pending, err)
	}
	exec(t, same, "INSERT INTO traffic_samples (source, contract_id, line_no, scope, observed_at) SELECT 'new', 'N1', '0901', 'line', now()")
	if n := number(t, same, "SELECT count() FROM traffic_latest WHERE source = 'new'"); n != 1 {
		t.Errorf("%d latest samples after a new one", n)
	}
}

// The backup of an earlier version becomes a database of this one, with its rows.
func TestAnEarlierVersionIsMigrated(t *testing.T) {
	steps, err := clickhouse.Steps(clickhouse.Layout{})
	if err != nil {
		t.Fatal(err)
	}
	script, err := clickhouse.Script(clickhouse.Layout{}, steps[:18], nil)
	if err != nil {
		t.Fatal(err)
	}
	engine := chdbtest.StartOwn(t)
	db := open(t, engine)
	for statement := range strings.SplitSeq(script, ";\n\n") {
		if strings.TrimSpace(statement) != "" {
			exec(t, db, statement)
		}
	}
	exec(t, db, "INSERT INTO lines (source, contract_id, line_no, note, observed_at) SELECT 'hq', 'N1', toString(number), 'a note', now() FROM numbers(100)")
	before := checksums(t, db)
	saved, made := save(t, db, engine)
	if made.Steps != 18 {
		t.Errorf("%d steps", made.Steps)
	}
	after := restored(t, saved)
	if err := after.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if now := checksums(t, after)["lines"]; now != before["lines"] || now[0] != 100 {
		t.Errorf("lines were %v, are %v", before["lines"], now)
	}
	if pending, err := after.Pending(t.Context()); err != nil || len(pending) > 0 {
		t.Errorf("pending: %v, %v", pending, err)
	}
}

// What is of a later version, is damaged, or is something else, is refused for what it is.
func TestWhatCannotBeRestored(t *testing.T) {
	engine := chdbtest.StartOwn(t)
	db := open(t, engine)
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	exec(t, db, "INSERT INTO lines (source, contract_id, line_no, note, observed_at) SELECT 'hq', 'N1', toString(number), 'a note', now() FROM numbers(100)")
	saved, made := save(t, db, engine)
	last := []byte(made.LastStep)
	later := bytes.Replace(saved, last, []byte("9999"+made.LastStep[4:]), 1)
	if _, err := backup.Open(bytes.NewReader(later)); !errors.Is(err, backup.ErrNewer) || !strings.Contains(err.Error(), "made by v1") || !strings.Contains(err.Error(), "later one") {
		t.Errorf("of a later version: %v", err)
	}
	for _, other := range [][]byte{nil, []byte("text"), bytes.Repeat([]byte{0}, 4096)} {
		if _, err := backup.Open(bytes.NewReader(other)); !errors.Is(err, backup.ErrNotABackup) {
			t.Errorf("%d other bytes: %v", len(other), err)
		}
	}
	another := chdbtest.StartOwn(t)
	empty := open(t, another)
	for name, damaged := range map[string][]byte{
		"without its end":   saved[:len(saved)-3*1024],
		"cut in the middle": saved[:len(saved)*3/4],
		"cut early":         saved[:3000],
		"one bit is wrong":  flipped(saved, bytes.LastIndex(saved, []byte("a note"))),
	} {
		archive, err := backup.Open(bytes.NewReader(damaged))
		if err == nil {
			err = archive.Restore(t.Context(), empty, another.Folder())
		}
		if !errors.Is(err, backup.ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
		exec(t, empty, "DROP DATABASE "+empty.Database()+" SYNC", "CREATE DATABASE "+empty.Database())
	}
}

// flipped has one bit the other way; where it is not given, in the middle.
func flipped(content []byte, at int) []byte {
	if at < 0 {
		at = len(content) * 3 / 4
	}
	content = bytes.Clone(content)
	content[at] ^= 1
	return content
}

// What a killed backup has left keeps the room of rows that are gone: the next one a day later removes it.
func TestLeftoversGo(t *testing.T) {
	engine := chdbtest.StartOwn(t)
	db := open(t, engine)
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(engine.Folder(), "shadow", "kaisen_backup_20260101T000000_1")
	if err := os.MkdirAll(left, 0o700); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(left, old, old); err != nil {
		t.Fatal(err)
	}
	save(t, db, engine)
}
