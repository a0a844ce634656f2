package clickhouse_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"kaisen/schema"
)

// TestReaderFailsAlone: a question that takes more memory than a reader may have ends, and meanwhile rows are
// written as ever.
func TestReaderFailsAlone(t *testing.T) {
	r := openRoles(t)
	const (
		// It is at its limit soon, also on a busy machine: a question has 45 s.
		greedy      = "SELECT groupArray(number) FROM numbers(1000000000)"
		memoryLimit = 241 // MEMORY_LIMIT_EXCEEDED
	)
	ctx, stop := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	refused := make(chan int, 1000)
	for _, user := range []string{"analyst", "analyst", "grafana"} {
		conn := r.connect(t, "clickhouse", user)
		readers.Go(func() {
			for ctx.Err() == nil {
				refused <- code(t, conn, greedy)
			}
		})
	}
	writer := open(t, r.dsn("clickhouse", schema.RoleWriter))
	batch, slowest := everyRow(), time.Duration(0)
	for range 5 {
		began := time.Now()
		if err := writer.Insert(t.Context(), &batch); err != nil {
			t.Error(err)
		}
		slowest = max(slowest, time.Since(began))
	}
	stop()
	readers.Wait()
	close(refused)
	questions := 0
	for got := range refused {
		if questions++; got != memoryLimit {
			t.Errorf("code %d, want %d", got, memoryLimit)
		}
	}
	t.Logf("%d questions refused, the slowest of 5 inserts into every table took %v", questions, slowest)
}

// TestTimeIsBounded: a question ends by itself, and a deadline of the client is no lesser one.
func TestTimeIsBounded(t *testing.T) {
	r := openRoles(t)
	const endless, timeout = "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 0 SETTINGS max_execution_time = 1", 159
	for _, protocol := range protocols() {
		if got := code(t, r.connect(t, protocol, "grafana"), endless); got != timeout {
			t.Errorf("%s: code %d, want %d", protocol, got, timeout)
		}
		conn := r.connect(t, protocol, "grafana") // Grafana's own minute
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var most uint64
		err := conn.QueryRow(ctx, "SELECT toUInt64(getSetting('max_execution_time'))").Scan(&most)
		if errors.Is(err, context.DeadlineExceeded) || most < 60 || most > 70 {
			t.Errorf("%s: %d s, %v", protocol, most, err)
		}
	}
}

// TestTemporaryTables: on a server an analyst may keep rows for a session. In the embedded engine nobody may who only
// reads, because INSERT … FROM INFILE would show its files.
func TestTemporaryTables(t *testing.T) {
	r := openRoles(t)
	for _, protocol := range protocols() {
		dsn := r.dsn(protocol, schema.RoleAnalyst)
		if protocol == "http" {
			dsn += "?session_id=one"
		}
		conn := r.connectTo(t, dsn)
		for _, a := range same(0, "CREATE TEMPORARY TABLE mine AS SELECT line_no FROM lines", "INSERT INTO mine SELECT 'x'",
			"SELECT count() FROM mine JOIN lines USING (line_no)", "DROP TEMPORARY TABLE mine") {
			if got := code(t, conn, a.sql); got != a.code {
				t.Errorf("%s: code %d: %s", protocol, got, a.sql)
			}
		}
		if got := code(t, r.connect(t, protocol, "analyst"), "CREATE TEMPORARY TABLE mine (a UInt8) ENGINE = Memory"); got != denied {
			t.Errorf("%s: code %d", protocol, got)
		}
	}
}

// TestFinalIsEverywhere: what was written twice counts once, whether or not a reader thinks of it, and views say the same
// with it as without.
func TestFinalIsEverywhere(t *testing.T) {
	r := openRoles(t)
	writer := open(t, r.dsn("clickhouse", schema.RoleWriter))
	if got := code(t, r.connectTo(t, r.engine.Supervisor.DSN()), "SYSTEM STOP MERGES lines"); got != 0 {
		t.Fatalf("code %d", got)
	}
	for range 2 {
		if got := code(t, r.connect(t, "http", schema.RoleWriter), "INSERT INTO lines (source, contract_id, line_no, note, observed_at) SELECT 'hq', 'N1', '090', 'again', now64(3)"); got != 0 {
			t.Fatalf("code %d", got)
		}
	}
	if got := query(t, writer, "SELECT count() FROM lines WHERE line_no = '090'"); got != "2\n" {
		t.Fatalf("%s rows, want 2 before merging", got)
	}
	for _, user := range []string{"analyst", "grafana"} {
		for _, protocol := range protocols() {
			db := open(t, r.dsn(protocol, user))
			if got := query(t, db, "SELECT count() FROM lines WHERE line_no = '090'"); got != "1\n" {
				t.Errorf("%s %s: %s rows", user, protocol, got)
			}
			for _, name := range views(t) {
				sql := "SELECT count(), sum(cityHash64(* EXCEPT('age_seconds|duration_seconds'))) FROM " + name
				if with, without := query(t, db, sql), query(t, db, sql+" SETTINGS final = 0"); with != without {
					t.Errorf("%s %s: %s with FINAL, %s without", protocol, name, with, without)
				}
			}
		}
	}
}
