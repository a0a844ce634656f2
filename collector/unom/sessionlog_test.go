package unom

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/collectortest"
	"kaisen/collector/unom/api"
	"kaisen/collector/unom/readings"
	"kaisen/schema"
)

// A log that is right comes to be believed, and call 26 is then asked about once a day; what it says is so at each moment.
func TestALogThatIsRightComesToBeBelieved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const lines = 40
		n, sink, reg := newNetwork(lines), new(collectortest.Sink), prometheus.NewRegistry()
		u := watching(n, sink, func(cfg *settings) { cfg.Metrics = reg })
		if counters := collectortest.Gauges(t, reg, "kaisen_session_checks_total"); len(counters) != 2 {
			t.Errorf("before the first check: %q, want both from 0", counters)
		}
		defer start(t, u)()
		if first := n.askedIn(time.Hour); first < 4*lines {
			t.Errorf("%d requests in the first hour, before the log has shown anything; want each line's of each interval", first)
		}
		time.Sleep(23 * time.Hour)
		if is := u.believed(); is != readings.SessionStateLog {
			t.Fatalf("after a day the log is %q", is)
		}
		for range 24 {
			time.Sleep(59 * time.Minute)
			if told := follows(t, u, n); told < lines-2 {
				t.Errorf("the log tells of %d lines of %d", told, lines)
			}
		}
		if day := n.askedIn(24 * time.Hour); day < lines || day > 2*lines {
			t.Errorf("%d requests a day of %d lines; want one of each, and few for doubts", day, lines)
		}
		if behind := u.Behind(n.began, time.Now())[JobSession]; behind > 0 {
			t.Errorf("the job is %s behind, although the log tells of all", behind)
		}
		agree, disagree := u.gauges.checks.WithLabelValues("hq", contract, "agree"), u.gauges.checks.WithLabelValues("hq", contract, "disagree")
		if testutil.ToFloat64(agree) < 100 || testutil.ToFloat64(disagree) > 0 {
			t.Errorf("%v checks agree, %v do not", testutil.ToFloat64(agree), testutil.ToFloat64(disagree))
		}
	})
}

// A log that is wrong, silent, late or without a session's end is never believed: call 26 is asked as if there were none.
func TestALogThatIsWrongIsNotBelieved(t *testing.T) {
	odd := func(row api.SessionEvent) bool { return row.At.Unix()%3 == 0 }
	for name, is := range map[string]func(*network){
		"it loses rows":               func(n *network) { n.loses = odd },
		"it has none":                 func(n *network) { n.loses = func(api.SessionEvent) bool { return true } },
		"it is half an hour late":     func(n *network) { n.late = 30 * time.Minute },
		"a stop has its start's time": func(n *network) { n.byStart = true },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const lines = 20
				n := newNetwork(lines)
				is(n)
				u := watching(n, new(collectortest.Sink), nil)
				defer start(t, u)()
				time.Sleep(48 * time.Hour)
				if u.believed() == readings.SessionStateLog {
					t.Error("it is believed")
				}
				if asked := n.askedIn(2 * time.Hour); asked < 8*lines-lines/2 {
					t.Errorf("%d requests in two hours, want %d", asked, 8*lines)
				}
			})
		})
	}
}

// Rows that are as late as a log may be without being wrong do not cost it its trust.
func TestALogMayBeLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(20)
		n.late = 8 * time.Minute
		u := watching(n, new(collectortest.Sink), nil)
		defer start(t, u)()
		time.Sleep(48 * time.Hour)
		if is := u.believed(); is != readings.SessionStateLog {
			t.Errorf("the log is %q", is)
		}
		if wrong := testutil.ToFloat64(u.gauges.checks.WithLabelValues("hq", contract, "disagree")); wrong > 0 {
			t.Errorf("%v checks disagree", wrong)
		}
	})
}

// A log that was believed and begins to be wrong loses that, and has it again once it is right for longer than it took before.
func TestTrustIsLostAndEarnedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const lines = 30
		n, sink := newNetwork(lines), new(collectortest.Sink)
		u := watching(n, sink, nil)
		defer start(t, u)()
		time.Sleep(24 * time.Hour)
		if u.believed() != readings.SessionStateLog {
			t.Fatal("not believed after a day")
		}
		n.change(func() { n.loses = func(row api.SessionEvent) bool { return row.At.After(n.began.Add(24 * time.Hour)) } })
		time.Sleep(24 * time.Hour)
		if u.believed() != readings.SessionStateCall26 {
			t.Fatal("a log that has become silent is still believed a day later")
		}
		if asked := n.askedIn(time.Hour); asked < 4*lines-lines/2 {
			t.Errorf("%d requests an hour after that, want %d", asked, 4*lines)
		}
		n.change(func() { n.loses = nil })
		time.Sleep(48 * time.Hour)
		if u.believed() != readings.SessionStateLog {
			t.Error("the log is right again, and not believed two days later")
		}
		var found []string
		for _, f := range sink.All().Findings {
			if f.Reading == readings.SessionState && (len(found) == 0 || found[len(found)-1] != f.Value) {
				found = append(found, f.Value)
			}
		}
		if want := []string{"log", "call_26", "log"}; !slices.Equal(found, want) {
			t.Errorf("findings %q, want %q", found, want)
		}
	})
}

// Where the log leaves a doubt of one line, that line is asked in its turn, and no other; where the log is not read, all are.
func TestADoubtIsAsked(t *testing.T) {
	first := lineNo(0)
	row := func(session schema.SessionType, event schema.SessionEventKind, ago time.Duration) api.SessionEvent {
		return api.SessionEvent{LineNo: first, At: time.Now().Truncate(time.Second).Add(-ago), Type: session, Event: event}
	}
	const lines = 12
	for name, tt := range map[string]struct {
		occurs func(*network)
		all    bool
	}{
		"a start and a stop of one second": {occurs: func(n *network) {
			n.more = []api.SessionEvent{row(schema.SessionDomestic, schema.SessionStart, time.Minute), row(schema.SessionDomestic, schema.SessionStop, time.Minute)}
		}},
		"home and abroad at once": {occurs: func(n *network) {
			n.more = []api.SessionEvent{row(schema.SessionDomestic, schema.SessionStart, 2*time.Minute), row(schema.SessionRoaming, schema.SessionStart, time.Minute)}
		}},
		"an unknown event": {occurs: func(n *network) {
			n.more = []api.SessionEvent{row(schema.SessionDomestic, schema.SessionEventUnknown, time.Minute)}
		}},
		"the log fails":          {all: true, occurs: func(n *network) { n.logErr = &carrier.Error{Kind: carrier.KindServer, Status: 500} }},
		"the log cannot be read": {all: true, occurs: func(n *network) { n.logErr = &carrier.Error{Kind: carrier.KindMalformed, Status: 200} }},
		"the contract has no log": {all: true, occurs: func(n *network) {
			n.logErr = &carrier.Error{Kind: carrier.KindNotAllowed, Reason: api.ReasonNotComRadius, Status: 403}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newNetwork(lines)
				u := watching(n, new(collectortest.Sink), nil)
				defer start(t, u)()
				time.Sleep(47*time.Hour + 33*time.Minute) // the line has no session, and none begins before 48 hours and 8 minutes
				if u.believed() != readings.SessionStateLog {
					t.Fatal("not believed")
				}
				before := map[string]int{}
				for i := range lines {
					before[lineNo(i)] = n.calls("session " + lineNo(i))
				}
				n.change(func() { tt.occurs(n) })
				time.Sleep(33 * time.Minute)
				asked := 0
				for i := range lines {
					if n.calls("session "+lineNo(i)) > before[lineNo(i)] {
						asked++
					}
				}
				if n.calls("session "+first) == before[first] {
					t.Error("the line was not asked")
				}
				if tt.all && asked < lines || !tt.all && asked > 4 {
					t.Errorf("%d lines of %d were asked", asked, lines)
				}
			})
		})
	}
}

// A restarted process believes the log as the one before did, and asks no more than that.
func TestTrustSurvivesARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const lines = 30
		n, sink := newNetwork(lines), new(collectortest.Sink)
		stop := start(t, watching(n, sink, nil))
		time.Sleep(48 * time.Hour)
		stop()
		time.Sleep(time.Minute)
		state := stateOf(sink)
		// Of what was before the overlap the database tells only the last row of each line.
		since := state.Watermarks[0].Watermark.Add(-collector.LogOverlap)
		last := map[schema.LineKey]schema.SessionEvent{}
		for _, row := range state.SessionEvents {
			last[row.LineKey] = row
		}
		state.SessionEvents = slices.DeleteFunc(state.SessionEvents, func(row schema.SessionEvent) bool {
			return row.EventTime.Before(since) && last[row.LineKey] != row
		})
		again := watching(n, new(collectortest.Sink), nil)
		again.Restore(state)
		defer start(t, again)()
		if asked := n.askedIn(time.Hour); asked > 6 {
			t.Errorf("%d requests in the hour after a restart, want a few checks", asked)
		}
		if told := follows(t, again, n); told < lines-2 {
			t.Errorf("the log tells of %d lines of %d", told, lines)
		}
	})
}

// A part of a fleet that does not read the contract's log goes on with call 26, whatever another part has found.
func TestAPartWithoutTheLogAsksCall26(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const lines = 40
		n := newNetwork(lines)
		shard := collector.Shard{Index: 1, Count: 2}
		if shard.Owns(contract) {
			shard.Index = 2
		}
		deps := collectortest.Deps(new(collectortest.Sink), prometheus.NewRegistry())
		deps.Shard = shard
		u := New(collector.Account{Source: "hq", Zone: tokyo, Workers: 4, Settings: &Settings{Contracts: []string{contract}},
			Jobs: map[string]collector.JobConfig{JobLines: {Interval: time.Hour}, JobSession: {Interval: 15 * time.Minute}, JobSessions: {Interval: 5 * time.Minute}}},
			nil, n, newGauges(prometheus.NewRegistry()), deps)
		at := time.Now()
		u.Restore(schema.State{Findings: []schema.CarrierFinding{
			{Source: "hq", ContractID: contract, Operation: JobSession, Reading: readings.SessionState, Value: readings.SessionStateLog, ObservedAt: at},
			{Source: "hq", ContractID: contract, Operation: JobSessions, Reading: readings.StopTime, Value: readings.StopTimeOwn, ObservedAt: at}}})
		defer start(t, u)()
		synctest.Wait()
		own := len(u.fleet.of(contract))
		time.Sleep(15 * time.Minute)
		if asked := n.askedIn(2 * time.Hour); own == 0 || asked < 8*own-own/2 {
			t.Errorf("%d requests in two hours about %d lines", asked, own)
		}
	})
}

// What the log tells of a line counts from an answer of call 26 on that is later than the last rows that were lost, and than the line's
// coming back.
func TestWhatWasLostIsADoubt(t *testing.T) {
	at := time.Now()
	sample := func(ago time.Duration) *schema.SessionSample {
		return &schema.SessionSample{ObservedAt: at.Add(-ago), SessionType: schema.SessionDomestic, Connected: schema.Some(true)}
	}
	var c connection
	log := sessionLog{believed: true, read: at}
	tells := func() bool { _, known := c.now(log); return known }
	if tells() {
		t.Error("told of a line that call 26 has not")
	}
	c.answer(sample(3 * time.Hour))
	if !tells() {
		t.Error("not told although nothing was lost")
	}
	if log.gap = at.Add(-2 * time.Hour); tells() {
		t.Error("told although rows were lost since")
	}
	if c.answer(sample(time.Hour)); !tells() {
		t.Error("not told although call 26 has answered since")
	}
	if c.forget(); tells() {
		t.Error("told of a line that has left")
	}
	c.answer(sample(time.Minute))
	unsaid := sample(0)
	unsaid.ObservedAt, unsaid.Connected, unsaid.ResultCode = at.Add(-30*time.Second), schema.Opt[bool]{}, 1
	if c.answer(unsaid); tells() {
		t.Error("told although the last answer did not say")
	}
}
