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

	target, err := url.Parse(r.dsn)
	if err != nil {
		t.Fatal(err)
	}
	var open atomic.Bool
	forward := chdbtest.Forward(target.Host)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if !open.Load() {
			http.Error(w, "not yet", http.StatusServiceUnavailable)
			return
		}
		forward.ServeHTTP(w, req)
	}))
	t.Cleanup(proxy.Close)
	late := *target
	late.Host = proxy.Listener.Addr().String()

	r.advance(24 * time.Hour)
	r.cfg.Store.DSN, r.cfg.Store.Spool = config.NewDSN(late.String()), t.TempDir()
	r.cfg.Sources[0].Jobs = map[string]config.Job{unom.JobLines: {Interval: config.Duration(time.Second)}, unom.JobTraffic: {Interval: config.Duration(time.Minute)}}
	polled := len(r.sim.Served().Traffic)
	a := r.app()
	a.restoreWait = 50 * time.Millisecond
	run(t, a)
	r.eventually("the lines are polled without a database", func() bool { return len(r.sim.Served().Traffic) >= polled+30 })
	open.Store(true)
	r.eventually("what was seen meanwhile is stored, with what was known before", func() bool {
		rows := r.query(`SELECT countIf(last_seen > first_seen + INTERVAL 12 HOUR) FROM lines FINAL`)
		return slices.Equal(rows, []string{"30"})
	})
	if after := r.query(firstSeen); !slices.Equal(before, after) {
		t.Errorf("first seen\n%v, now\n%v", before, after)
	}
}
