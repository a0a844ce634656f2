package app

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/internal/simulator"
	"kaisen/schema"
)

const selectConnections = `SELECT contract_id, line_no, connected, CAST(connected AND session_type = 'roaming' AS Bool) FROM line_status WHERE isNotNull(connected)`

// connections are which lines have a session by the carrier, at home or abroad.
func (r *fixture) connections() (rows []string) {
	for l := range r.sim.Truth(simulator.TruthQuery{}) {
		if l.Session != nil {
			rows = append(rows, fmt.Sprintf("%s\t%s\t%v\t%v", l.ContractID, l.LineNo, l.Session.Connected, l.Session.Connected && l.Session.SessionType == "roaming"))
		}
	}
	return rows
}

// Once call 26 has been asked about every line, the session log tells whether they are connected, for as long as its answers hold:
// in line_status, and on /metrics without another request of call 26 about most of them; and it tells what is so.
func TestTheSessionLogTellsTheTruth(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(c *simulator.Config) { c.SessionPeriod = 4 * time.Hour })
	r.only("lines", "session", "sessions")
	intervals := r.cfg.Sources[0].Jobs
	session := intervals["session"]
	r.sweep()
	r.same("line_status by call 26", selectConnections, r.connections())
	var found schema.Batch
	for _, contract := range r.sim.Contracts() {
		found.Findings = append(found.Findings, schema.CarrierFinding{Source: "hq", ContractID: contract, Operation: "session",
			Reading: "session_state", Value: "log", Evidence: "by hand", ObservedAt: r.sim.Now()})
	}
	r.store(&found)
	r.only("lines", "sessions")
	byLog := 0
	for range 6 {
		r.advance(5 * time.Hour)
		r.sweep()
		r.same("line_status by the log", selectConnections, r.connections())
		told := r.query("SELECT told_by, count() FROM line_connections GROUP BY told_by ORDER BY told_by")
		if len(told) == 1 && strings.HasPrefix(told[0], "log\t") {
			byLog++
		}
	}
	if byLog == 0 {
		t.Errorf("the log never told of all lines: %q", r.query("SELECT told_by, count() FROM line_connections GROUP BY told_by"))
	}

	session.Interval = intervals["sessions"].Interval * 3
	intervals["session"] = session
	before := r.requests("session")
	r.advance(time.Minute) // or the log would be read so far already
	address := run(t, r.app())
	r.eventually("a gauge of every line", func() bool {
		return len(gauges(t, address, "kaisen_line_session_connected")) == len(r.connections())
	})
	var got, want []string
	for _, series := range gauges(t, address, "kaisen_line_session_connected") {
		got = append(got, series[strings.Index(series, "line_no="):])
	}
	for _, row := range r.connections() {
		fields := strings.Split(row, "\t")
		want = append(want, fmt.Sprintf(`line_no="%s"} %d`, fields[1], map[string]int{"true": 1, "false": 0}[fields[2]]))
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("gauges (-carrier +shown):\n%s", diff)
	}
	if asked, lines := r.requests("session")-before, len(want); asked > uint64(2*lines) {
		t.Errorf("call 26 was asked %d times about %d lines", asked, lines)
	}
}
