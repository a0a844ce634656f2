package app

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"kaisen/collector/unom"
	"kaisen/internal/chdb/chdbtest"
	"kaisen/internal/config"
)

// A database that comes after the start gives its memory all the same: what was known stays known, and what changed
// meanwhile is told as a change.
func TestTheMemoryOfADatabaseThatComesLate(t *testing.T) {
	r := newFixture(t, nil)
	r.sweep()
	const firstSeen = `SELECT contract_id, line_no, toUnixTimestamp(first_seen) FROM lines FINAL ORDER BY 1, 2`
	before := r.query(firstSeen)
	open := r.behindDoor()
	r.advance(24 * time.Hour)
	r.pollWithoutDatabase()
	open.Store(true)
	r.eventually("what was seen meanwhile is stored, with what was known before", r.knownSinceYesterday)
	if after := r.query(firstSeen); !slices.Equal(before, after) {
		t.Errorf("first seen\n%v, now\n%v", before, after)
	}
}

// What an earlier kaisen has left in the spool is known too, though the next one begins before the database has it.
func TestTheMemoryOfASpoolThatWaitsForADatabase(t *testing.T) {
	r := newFixture(t, nil)
	open := r.behindDoor()
	stop := r.pollWithoutDatabase()
	stop()
	r.advance(24 * time.Hour)
	r.pollWithoutDatabase()
	open.Store(true)
	r.eventually("what was seen by both is stored", r.knownSinceYesterday)
}

// behindDoor has the database be away until the door is open, and gives the fixture's kaisens a spool, and jobs that begin at once.
func (r *fixture) behindDoor() (open *atomic.Bool) {
	r.t.Helper()
	target, err := url.Parse(r.dsn)
	if err != nil {
		r.t.Fatal(err)
	}
	open = new(atomic.Bool)
	forward := chdbtest.Forward(target.Host)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if !open.Load() {
			http.Error(w, "not yet", http.StatusServiceUnavailable)
			return
		}
		forward.ServeHTTP(w, req)
	}))
	r.t.Cleanup(proxy.Close)
	late := *target
	late.Host = proxy.Listener.Addr().String()
	r.cfg.Store.DSN, r.cfg.Store.Spool = config.NewDSN(late.String()), r.t.TempDir()
	r.cfg.Sources[0].Jobs = map[string]config.Job{unom.JobLines: {Interval: config.Duration(time.Second)}, unom.JobTraffic: {Interval: config.Duration(time.Minute)}}
	return open
}

// pollWithoutDatabase runs a kaisen that does not wait for its database, until it has polled all lines.
func (r *fixture) pollWithoutDatabase() (stop func()) {
	r.t.Helper()
	polled := len(r.sim.Served().Traffic)
	a := r.app()
	a.restoreWait = 50 * time.Millisecond
	stop = begin(r.t, a)
	r.eventually("the lines are polled without a database", func() bool { return len(r.sim.Served().Traffic) >= polled+30 })
	return stop
}

// knownSinceYesterday reports whether all lines are stored as first seen a day before they were seen last.
func (r *fixture) knownSinceYesterday() bool {
	rows, err := ask(r.dsn, `SELECT countIf(last_seen > first_seen + INTERVAL 12 HOUR) FROM lines FINAL`)
	return err == nil && slices.Equal(rows, []string{"30"}) // at first there may be no table
}
