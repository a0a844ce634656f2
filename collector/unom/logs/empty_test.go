package logs

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"kaisen/collector"
	"kaisen/collector/collectortest"
	"kaisen/collector/unom/api"
	"kaisen/collector/unom/readings"
	"kaisen/schema"
)

// sessionsOnly is a configuration with the log of sessions alone.
func sessionsOnly(interval time.Duration) func(map[string]collector.JobConfig) {
	return func(jobs map[string]collector.JobConfig) {
		jobs["sessions"] = collector.JobConfig{Interval: interval, Lookback: 30 * 24 * time.Hour}
	}
}

// A log that is refused whatever is asked is a failure, at first and later, however empty answers are worded; so is a
// 404 in a page, and one for a contract that nothing has shown to be known.
func TestRefusalsAreNotEmpty(t *testing.T) {
	for name, tt := range map[string]struct {
		empty string
		make  func(*meaning)
	}{
		"every query is refused":   {readings.Empty400, func(m *meaning) { m.broken = true }},
		"a log without a row, 400": {readings.Empty400, func(m *meaning) { m.happened = nil }},
		"a page":                   {readings.Empty404, func(m *meaning) { m.page, m.happened = true, nil }},
		"a contract not known":     {readings.Empty404, func(m *meaning) { m.happened = nil }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &meaning{fakeCarrier: &fakeCarrier{}, readingsOf: readingsOf{readings.StopTimeOwn, readings.LogReachSeconds, readings.LogEndInside, tt.empty}}
				u := newAccount(m, &collectortest.Sink{}, sessionsOnly(10*time.Minute))
				tt.make(m)
				if err := sweepOnce(t, u, "sessions").Err(); err == nil {
					t.Error("the first sweep went well")
				}
				m.broken, m.page, m.happened = false, false, nil
				m.live(rand.New(rand.NewPCG(1, 2)), 3, time.Hour)
				if err := sweepOnce(t, u, "sessions").Err(); err != nil {
					t.Fatalf("an answer: %v", err)
				}
				tt.make(m)
				failed := 0
				for range 6 * 30 {
					time.Sleep(10 * time.Minute)
					if sweepOnce(t, u, "sessions").Err() != nil {
						failed++
					}
				}
				if failed < 6*3 {
					t.Errorf("%d of %d sweeps failed in 30 hours", failed, 6*30)
				}
			})
		})
	}
}

// A window that a passing refusal has made empty, and that is behind the overlap when the carrier has recovered, is read
// by the second reading.
func TestWhatWasTakenForEmptyIsReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &meaning{fakeCarrier: &fakeCarrier{}, readingsOf: readingsOf{readings.StopTimeOwn, readings.LogReachSeconds, readings.LogEndInside, readings.Empty400}}
		m.live(rand.New(rand.NewPCG(1, 2)), 3, -6*time.Hour)
		hidden := m.happened[len(m.happened)/2:]
		m.happened = m.happened[:len(m.happened)/2]
		sink := &collectortest.Sink{}
		u := newAccount(m, sink, sessionsOnly(30*time.Minute))
		if err := sweepOnce(t, u, "sessions").Err(); err != nil {
			t.Fatal(err)
		}
		before := len(sink.All().SessionEvents)
		m.happened = append(m.happened, hidden...)
		for range 2*26 + 2 {
			time.Sleep(30 * time.Minute)
			if err := sweepOnce(t, u, "sessions").Err(); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(sink.All().SessionEvents) - before; n != len(hidden) {
			t.Errorf("%d rows were found again, want %d", n, len(hidden))
		}
	})
}

// A process that is started anew for each sweep reads all of the log again within a day all the same, for one request a
// sweep beside the log's own.
func TestSecondReadingGoesOnAfterRestarts(t *testing.T) {
	for _, interval := range []time.Duration{5 * time.Minute, time.Hour, 24 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			m := &meaning{fakeCarrier: &fakeCarrier{}, readingsOf: readingsOf{readings.StopTimeStart, readings.LogReachSeconds, readings.LogEndInside, readings.EmptyList}}
			m.live(rand.New(rand.NewPCG(3, 4)), 3, 0)
			sink := &collectortest.Sink{}
			start := func() *account {
				u, rows := newAccount(m, sink, sessionsOnly(interval)), sink.All()
				if n := len(rows.Watermarks); n > 0 {
					u.Restore(schema.State{SessionEvents: recent(rows), Watermarks: rows.Watermarks[n-1:], Findings: rows.Findings})
				}
				return u
			}
			sweepOnce(t, start(), "sessions")
			before, asked, sweeps := len(sink.All().SessionEvents), m.requests, 0
			var late []happened
			for i := range 60 { // of every half day of the log, but for the last day of it, a row that was not there
				at := time.Now().Add(-time.Duration(12*i+30)*time.Hour + time.Second).Truncate(time.Second)
				if at.After(m.edge().Add(50 * time.Hour)) {
					late = append(late, happened{api.SessionEvent{LineNo: lineNo(1), At: at, Type: schema.SessionDomestic, Event: schema.SessionStart}, at})
				}
			}
			m.happened = append(m.happened, late...)
			for began := time.Now(); time.Since(began) < 49*time.Hour; sweeps++ {
				time.Sleep(interval)
				if err := sweepOnce(t, start(), "sessions").Err(); err != nil {
					t.Fatal(err)
				}
			}
			found := 0
			for _, row := range sink.All().SessionEvents[before:] {
				for _, h := range late {
					if row.EventTime.Equal(h.row.At) && row.Event == h.row.Event {
						found++
					}
				}
			}
			if found != len(late) {
				t.Errorf("every %s: %d of %d late rows found", interval, found, len(late))
			}
			if n := m.requests - asked; n > 4*sweeps+100 {
				t.Errorf("every %s: %d requests in %d sweeps", interval, n, sweeps)
			}
		})
	}
}

// A carrier whose logs reach less far than they did, or count the end second otherwise, costs no row and no lasting failure.
func TestReadingsThatChange(t *testing.T) {
	for _, to := range []readingsOf{
		{readings.StopTimeStart, readings.LogReachSeconds, readings.LogEndOutside, readings.Empty400}, {readings.StopTimeStart, readings.LogReachCalendarShort, readings.LogEndInside, readings.Empty404},
	} {
		synctest.Test(t, func(t *testing.T) {
			m := &meaning{fakeCarrier: &fakeCarrier{}, readingsOf: readingsOf{readings.StopTimeStart, readings.LogReachCalendar, readings.LogEndInside, readings.EmptyList}}
			m.live(rand.New(rand.NewPCG(5, 6)), 8, 2*24*time.Hour)
			sink := &collectortest.Sink{}
			u := newAccount(m, sink, sessionsOnly(20*time.Minute))
			for range 3 * 24 {
				sweepOnce(t, u, "sessions")
				time.Sleep(20 * time.Minute)
			}
			m.reach, m.end, m.empty = to.reach, to.end, to.empty
			m.live(rand.New(rand.NewPCG(7, 8)), 8, 2*24*time.Hour)
			failed := 0
			for range 3 * 72 {
				if sweepOnce(t, u, "sessions").Err() != nil {
					failed++
				}
				time.Sleep(20 * time.Minute)
			}
			if failed > 0 {
				t.Errorf("%d sweeps failed", failed)
			}
			stored := map[string]bool{}
			for _, row := range sink.All().SessionEvents {
				stored[eventText(row.LineNo, row.EventTime, row.Event)] = true
			}
			for _, h := range m.happened {
				if old := time.Since(h.row.At) > 26*24*time.Hour; !old && time.Since(h.since) > 25*time.Hour && !stored[eventText(h.row.LineNo, h.row.At, h.row.Event)] {
					t.Errorf("lost: %s", eventText(h.row.LineNo, h.row.At, h.row.Event))
				}
			}
			found := map[string]string{}
			for _, f := range sink.All().Findings {
				found[f.Reading] = f.Value
			}
			if found[readings.LogEnd] != to.end || found[readings.EmptyAnswer] != to.empty || to.reach == readings.LogReachCalendarShort && found[readings.LogReach] != to.reach {
				t.Errorf("found %v, want %v", found, to)
			}
		})
	}
}

// Where a query about all of the log is refused whatever it begins with, the log is read all the same.
func TestWindowsThatMayNotBeLong(t *testing.T) {
	for _, reach := range []string{readings.LogReachSeconds, readings.LogReachCalendar, readings.LogReachCalendarShort} {
		synctest.Test(t, func(t *testing.T) {
			time.Sleep(5 * time.Hour)
			m := &meaning{fakeCarrier: &fakeCarrier{}, readingsOf: readingsOf{readings.StopTimeOwn, reach, readings.LogEndInside, readings.EmptyList}, span: 48 * time.Hour}
			m.live(rand.New(rand.NewPCG(9, 10)), 3, 0)
			sink, from := &collectortest.Sink{}, m.edge().Add(20*time.Hour)
			if err := sweepOnce(t, newAccount(m, sink, sessionsOnly(10*time.Minute)), "sessions").Err(); err != nil {
				t.Fatalf("%s: %v", reach, err)
			}
			there, stored := 0, 0
			for _, h := range m.happened {
				if h.row.At.After(from) && !h.since.After(time.Now()) {
					there++
				}
			}
			for _, row := range sink.All().SessionEvents {
				if row.EventTime.After(from) {
					stored++
				}
			}
			if stored < there || there == 0 {
				t.Errorf("%s: %d rows of %d", reach, stored, there)
			}
		})
	}
}
