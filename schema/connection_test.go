package schema

import (
	"testing"
	"time"
)

// Every doubt that the session log may leave, and what it tells where it leaves none.
func TestWhatTheLogTellsSinceAnAnswer(t *testing.T) {
	answered := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	off, home, abroad := Connection{}, Connection{Connected: true}, Connection{Connected: true, Roaming: true}
	type row struct {
		after   time.Duration
		session SessionType
		event   SessionEventKind
	}
	start := func(after time.Duration) row { return row{after, SessionDomestic, SessionStart} }
	stop := func(after time.Duration) row { return row{after, SessionDomestic, SessionStop} }
	out := func(after time.Duration) row { return row{after, SessionRoaming, SessionStart} }
	back := func(after time.Duration) row { return row{after, SessionRoaming, SessionStop} }
	const minute = time.Minute
	for _, tt := range []struct {
		name string
		was  Connection
		rows []row
		read time.Duration // after the answer; 0: an hour
		is   Connection
		told bool
	}{
		{name: "no row since: what the answer said holds", was: home, is: home, told: true},
		{name: "no row at all of a line that is off", is: off, told: true},
		{name: "a start", rows: []row{start(minute)}, is: home, told: true},
		{name: "a start abroad", rows: []row{out(minute)}, is: abroad, told: true},
		{name: "a stop", was: home, rows: []row{stop(minute)}, is: off, told: true},
		{name: "a stop without a start", rows: []row{stop(minute)}, is: off, told: true},
		{name: "a start without a stop before it", was: home, rows: []row{start(minute)}, is: home, told: true},
		{name: "the last row counts, in whatever order they came", rows: []row{stop(9 * minute), start(8 * minute), start(2 * minute)}, is: off, told: true},
		{name: "rows long before the answer say nothing", was: home, rows: []row{stop(-2 * minute)}, is: home, told: true},
		{name: "a row in the answer's own second is the later", rows: []row{start(0)}, is: home, told: true},
		{name: "a row just before the answer that agrees", was: home, rows: []row{start(-30 * time.Second)}, is: home, told: true},
		{name: "a row just before the answer that contradicts it", rows: []row{start(-30 * time.Second)}},
		{name: "a start and a stop of one second", was: home, rows: []row{start(minute), stop(minute)}},
		{name: "two starts of one second", rows: []row{start(minute), start(minute)}, is: home, told: true},
		{name: "from home abroad", was: home, rows: []row{stop(minute), out(2 * minute)}, is: abroad, told: true},
		{name: "from home abroad, the stop later", was: home, rows: []row{out(minute), stop(2 * minute)}, is: abroad, told: true},
		{name: "home and abroad at once", was: home, rows: []row{out(minute)}},
		{name: "home and abroad at once, and one has ended", was: home, rows: []row{out(minute), back(3 * minute)}, is: home, told: true},
		{name: "a stop of the other kind", was: home, rows: []row{back(minute)}, is: home, told: true},
		{name: "an unknown event", was: home, rows: []row{{minute, SessionDomestic, SessionEventUnknown}}},
		{name: "an unknown session", was: home, rows: []row{{minute, SessionUnknown, SessionStop}}},
		{name: "an unknown event long before", was: home, rows: []row{{-2 * minute, SessionUnknown, SessionStop}}, is: home, told: true},
		{name: "the log is not read so far", was: home, read: -minute},
		{name: "the answer is old", was: home, rows: []row{stop(minute)}, read: AnswerHolds + time.Second},
		{name: "the answer is just not too old", was: home, rows: []row{stop(minute)}, read: AnswerHolds, is: off, told: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var trace Trace
			for _, r := range tt.rows {
				trace.Add(r.session, r.event, answered.Add(r.after))
			}
			read := answered.Add(time.Hour)
			if tt.read != 0 {
				read = answered.Add(tt.read)
			}
			is, told := trace.Since(tt.was, answered, read)
			if told != tt.told || told && is != tt.is {
				t.Errorf("%+v, told %v; want %+v, %v", is, told, tt.is, tt.told)
			}
		})
	}
}
