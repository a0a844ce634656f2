package clickhouse_test

import (
	"fmt"
	"sync"
	"syscall"
	"testing"
	"time"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema"
)

// Eight writers insert at once, and the same batch again until it is taken, as the outbox does, while the engine is
// killed again and again: no row is lost and none is there twice, not even before any merge.
func TestKilledEngineLosesNothing(t *testing.T) {
	const writers, batches, kills = 8, 60, 5
	engine := chdbtest.StartOwn(t)
	db := open(t, engine.Database(t))
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for writer := range writers {
		all.Go(func() {
			for n := range batches {
				batch := logged(writer, n)
				for db.Insert(t.Context(), &batch) != nil && t.Context().Err() == nil {
					<-time.After(20 * time.Millisecond) // the engine needs the machine to start
				}
			}
		})
	}
	for range kills {
		killEngine(t, engine)
	}
	all.Wait()
	want := fmt.Sprintf("%d\t%d\n", writers*batches, writers*batches)
	for _, table := range []string{"traffic_samples", "authentications"} {
		if got := query(t, db, "SELECT count(), uniqExact(line_no, observed_at) FROM "+table); got != want {
			t.Errorf("%s: %s rows, expected %s", table, got, want)
		}
	}
	if got := query(t, db, "SELECT count() FROM traffic_latest FINAL"); got != itoa(writers)+"\n" {
		t.Errorf("traffic_latest: %s", got)
	}
	if got := query(t, db, fmt.Sprintf("SELECT countIf(observed_at = toDateTime64(%d, 3)) FROM traffic_latest FINAL", base.Add((batches-1)*time.Minute).Unix())); got != itoa(writers)+"\n" {
		t.Errorf("newest in traffic_latest: %s", got)
	}
}

// base is the time of the first row of logged.
var base = time.Date(2026, 1, 10, 0, 0, 0, 0, time.UTC)

// logged is the n-th batch of a writer: its own line, minute n.
func logged(writer, n int) schema.Batch {
	k, at := key(writer), base.Add(time.Duration(n)*time.Minute)
	return schema.Batch{
		Traffic:         []schema.TrafficSample{{LineKey: k, Scope: schema.ScopeLine, ObservedAt: at, ReceivedAt: at, Restriction: schema.RestrictionNone}},
		Authentications: []schema.Authentication{{LineKey: k, EventTime: at, SessionType: schema.SessionDomestic, Result: schema.AuthOK, ObservedAt: at}},
	}
}

// killEngine kills the engine's process and waits until another has taken its place.
func killEngine(t *testing.T, engine *chdbtest.Engine) {
	t.Helper()
	pid := engine.Supervisor.PID()
	if pid == 0 {
		t.Fatal("the engine does not run")
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := engine.AwaitRestart(t.Context(), pid); err != nil {
		t.Fatal(err)
	}
}
