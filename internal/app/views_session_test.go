package app

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kaisen/internal/simulator"
)

// A session that is open has no length to compare: it grows.
const selectDurations = `SELECT contract_id, line_no, session_type, toUnixTimestamp(started_at), toUnixTimestamp(stopped_at),
	if(outcome = 'open', 0, duration_seconds), outcome FROM session_durations`

// The carrier's own sessions, at home and abroad, and among them stops and starts that nothing explains, rows alike, and
// starts and stops within one second.
func TestSessionDurationsAreTheTruth(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(c *simulator.Config) { c.SessionPeriod = 4 * time.Hour })
	now, contract := r.sim.Now(), r.sim.Contracts()[0]
	happen := func(event, kind string, ago time.Duration, count int) {
		at := now.Add(-ago)
		r.inject(simulator.Event{Contract: contract, Log: "session_events", Event: event, SessionType: kind, Count: count, From: at, To: at})
	}
	lines := 15 // of the contract; a count of n times that many is n rows of each line
	happen("start", "domestic", 50*time.Hour, lines)
	happen("stop", "domestic", 30*time.Hour, 3*lines)
	happen("start", "domestic", 30*time.Hour, 2*lines)
	happen("stop", "roaming", 25*time.Hour, 2*lines)
	happen("stop", "roaming", 20*time.Hour, lines)
	happen("start", "roaming", 20*time.Hour, lines)
	happen("start", "roaming", time.Hour, lines)
	r.only("lines", "sessions")
	r.sweep()

	var want []string
	outcomes := map[string]int{}
	for l := range r.sim.Truth(simulator.TruthQuery{}) {
		for _, kind := range []string{"domestic", "roaming"} {
			for _, s := range sessionsOf(l.SessionEvents, kind) {
				outcomes[kind+" "+s.outcome]++
				want = append(want, fmt.Sprintf("%s\t%s\t%s\t%s", l.ContractID, l.LineNo, kind, s))
			}
		}
	}
	for _, kind := range []string{"domestic", "roaming"} {
		for _, outcome := range []string{"complete", "open", "lost_stop", "lost_start"} {
			if outcomes[kind+" "+outcome] == 0 {
				t.Errorf("no %s session with outcome %s: the test proves less than it should", kind, outcome)
			}
		}
	}
	r.same("session_durations", selectDurations, want)
}

// session is a start and a stop, one of which may not be in the log.
type session struct {
	started, stopped *int64
	outcome          string
}

func (s session) String() string {
	length := `\N`
	switch s.outcome {
	case "complete":
		length = fmt.Sprint(*s.stopped - *s.started)
	case "open":
		length = "0"
	}
	return strings.Join([]string{null(s.started), null(s.stopped), length, s.outcome}, "\t")
}

// sessionsOf walks through a line's log as a person would: a second at a time, with a session open or none.
func sessionsOf(log []simulator.LogTruth, kind string) []session {
	var found []session
	var open *int64
	walk := func(at int64, event string) {
		switch {
		case event == "stop" && open != nil:
			found, open = append(found, session{open, &at, "complete"}), nil
		case event == "stop":
			found = append(found, session{nil, &at, "lost_start"})
		case open != nil:
			found, open = append(found, session{open, nil, "lost_stop"}), &at
		default:
			open = &at
		}
	}
	rows := slices.DeleteFunc(slices.Clone(log), func(row simulator.LogTruth) bool { return row.SessionType != kind })
	for len(rows) > 0 {
		at, left := rows[0].Time.Unix(), map[string]int{}
		for len(rows) > 0 && rows[0].Time.Unix() == at {
			left[rows[0].Event]++
			rows = rows[1:]
		}
		next, other := "start", "stop"
		if open != nil {
			next, other = other, next
		}
		for ; left[next]+left[other] > 0; next, other = other, next {
			if left[next] > 0 {
				left[next]--
				walk(at, next)
			}
		}
	}
	if open != nil {
		found = append(found, session{open, nil, "open"})
	}
	return found
}
