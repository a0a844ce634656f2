package unom

import (
	"context"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/collectortest"
	"kaisen/collector/unom/api"
	"kaisen/collector/unom/readings"
	"kaisen/schema"
)

// network is a carrier whose lines come and go, by its own clock, as call 26 says; and a session log of that.
type network struct {
	*fakeCarrier
	began time.Time

	mu      sync.Mutex
	late    time.Duration               // how long after an event the log has its row
	loses   func(api.SessionEvent) bool // rows that the log never has; nil: none
	byStart bool                        // a stop has the time at which its session began
	more    []api.SessionEvent          // beside the sessions that lines have of themselves
	logErr  error                       // what the log answers instead
}

func newNetwork(lines int) *network {
	n := &network{fakeCarrier: &fakeCarrier{lines: listed(lines)}, began: time.Now().Truncate(time.Second)}
	for i := range lines {
		n.used(lineNo(i), 1)
	}
	return n
}

func (n *network) change(do func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	do()
}

// events are all of a line until a time: a session each one to two hours, some of them abroad, and what a test has added.
func (n *network) events(i int, until time.Time) []api.SessionEvent {
	period, length := time.Hour+time.Duration(i*37%60)*time.Minute+11*time.Second, 20*time.Minute+time.Duration(i*13%25)*time.Minute
	var all []api.SessionEvent
	for k := 0; ; k++ {
		start := n.began.Add(time.Duration(k)*period + time.Duration(i*7%50)*time.Minute + time.Duration(i)*time.Second)
		if start.After(until) {
			break
		}
		where := schema.SessionDomestic
		if (i+k)%5 == 0 {
			where = schema.SessionRoaming
		}
		all = append(all, api.SessionEvent{LineNo: lineNo(i), At: start, Type: where, Event: schema.SessionStart})
		if stop := start.Add(length); !stop.After(until) {
			all = append(all, api.SessionEvent{LineNo: lineNo(i), At: stop, Type: where, Event: schema.SessionStop})
		}
	}
	for _, row := range n.more {
		if row.LineNo == lineNo(i) && !row.At.After(until) {
			all = append(all, row)
		}
	}
	slices.SortStableFunc(all, func(a, b api.SessionEvent) int { return a.At.Compare(b.At) })
	return all
}

// truth is whether a line is connected at a time.
func (n *network) truth(i int, at time.Time) (is schema.Connection) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if all := n.events(i, at); len(all) > 0 {
		last := all[len(all)-1]
		is.Connected = last.Event == schema.SessionStart
		is.Roaming = is.Connected && last.Type == schema.SessionRoaming
	}
	return is
}

func (n *network) Session(_ context.Context, _, number string) (carrier.Answer[api.Session], error) {
	n.note("session " + number)
	i := slices.IndexFunc(n.lines, func(l api.Line) bool { return l.LineNo == number })
	is := n.truth(i, n.Now())
	answer := api.Session{LineNo: number, Type: schema.SessionDomestic, Connected: schema.Some(is.Connected)}
	if is.Roaming {
		answer.Type = schema.SessionRoaming
	}
	return answered(n.fakeCarrier, answer), nil
}

func (n *network) Sessions(_ context.Context, _ string, q api.LogQuery) (carrier.Answer[[]api.SessionEvent], error) {
	n.note("sessions")
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.logErr != nil {
		return carrier.Answer[[]api.SessionEvent]{}, n.logErr
	}
	var rows []api.SessionEvent
	seen := n.Now().Add(-n.late)
	for i := range n.lines {
		if q.LineNo != "" && q.LineNo != lineNo(i) {
			continue
		}
		start := time.Time{}
		for _, row := range n.events(i, seen) {
			if n.loses != nil && n.loses(row) {
				continue
			}
			if row.Event == schema.SessionStart {
				start = row.At
			} else if n.byStart {
				row.At = start
			}
			if !row.At.Before(q.Start) && row.At.Before(q.End) {
				rows = append(rows, row)
			}
		}
	}
	slices.SortStableFunc(rows, func(a, b api.SessionEvent) int { return a.At.Compare(b.At) })
	return answered(n.fakeCarrier, rows[:min(len(rows), api.MaxRows)]), nil
}

// watching is a collector of a network, of lines, their sessions and the log of these.
func watching(n *network, sink collector.Sink, edit func(*settings)) *Collector {
	return newUnom(n, sink, func(cfg *settings) {
		cfg.Jobs = map[string]collector.JobConfig{JobLines: {Interval: time.Hour}, JobSession: {Interval: 15 * time.Minute},
			JobSessions: {Interval: 5 * time.Minute, Lookback: 24 * time.Hour}}
		if edit != nil {
			edit(cfg)
		}
	})
}

// believed reports whether the log of the contract is.
func (c *Collector) believed() string {
	return c.Finding(contract, JobSession, readings.SessionState)
}

// asked is how often call 26 is asked in a time.
func (n *network) askedIn(d time.Duration) int {
	before := n.calls("session 0")
	time.Sleep(d)
	return n.calls("session 0") - before
}

// stateOf is what a database knows that has all of a sink's rows: the newest of each line, and of the log only what is needed.
func stateOf(sink *collectortest.Sink) (state schema.State) {
	all := sink.All()
	state.Lines, state.SessionEvents = all.Lines, all.SessionEvents
	newest := map[schema.LineKey]schema.SessionSample{}
	for _, row := range all.Sessions {
		newest[row.LineKey] = row
	}
	state.Sessions = slices.Collect(maps.Values(newest))
	state.Findings = all.Findings
	slices.Reverse(state.Findings)
	state.Watermarks = all.Watermarks[max(0, len(all.Watermarks)-1):]
	return state
}

// follows reports of a collector's lines whether the log tells of them, and fails where it tells what is not so.
func follows(t testing.TB, u *Collector, n *network) (told int) {
	t.Helper()
	synctest.Wait()
	log := u.sessionLog(contract)
	for i := range n.lines {
		l, known := u.fleet.get(contract, lineNo(i))
		if !known || !log.tells(n.Now()) {
			continue
		}
		l.mu.Lock()
		is, tells := l.session.now(log)
		l.mu.Unlock()
		if !tells {
			continue
		}
		told++
		if truth := n.truth(i, log.read.Add(-time.Second)); is != truth {
			t.Errorf("%s: line %d is %+v by the log, and %+v in truth", log.read, i, is, truth)
		}
	}
	return told
}
