package fleet

import (
	"testing"
	"testing/synctest"
	"time"

	"kaisen/exporter/fleet/fleettest"
	"kaisen/schema"
)

// sessionRows are what the session log has at a time, and how far it is read.
func sessionRows(read time.Time, rows ...schema.SessionEvent) schema.Batch {
	key := fleettest.LineKey("1")
	return schema.Batch{SessionEvents: rows,
		Watermarks: []schema.LogWatermark{{Source: key.Source, ContractID: key.ContractID, Log: "session_events", Watermark: read, ObservedAt: read}}}
}

func sessionState(value string, at time.Time) schema.Batch {
	key := fleettest.LineKey("1")
	return schema.Batch{Findings: []schema.CarrierFinding{{Source: key.Source, ContractID: key.ContractID, Operation: "session",
		Reading: "session_state", Value: value, ObservedAt: at}}}
}

func sessionEvent(session schema.SessionType, kind schema.SessionEventKind, at time.Time) schema.SessionEvent {
	return schema.SessionEvent{LineKey: fleettest.LineKey("1"), EventTime: at, SessionType: session, Event: kind, ObservedAt: at}
}

// TestConnectionByTheLog: a believed log moves the line between two answers of call 26, and says until when that is known; a log
// that is not believed, or leaves a doubt, does not.
func TestConnectionByTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		f := New(staleConfig()) // of job session after 15 minutes
		key := fleettest.LineKey("1")
		answer := schema.SessionSample{LineKey: key, ObservedAt: began, ReceivedAt: began, SessionType: schema.SessionDomestic, Connected: schema.Some(true)}
		all := schema.Batch{Lines: []schema.Line{fleettest.Inventory("1", schema.LineActive)}, Sessions: []schema.SessionSample{answer}}
		f.Write(all)
		name := Name{key.Source, key.ContractID, "1"}
		expect := func(step string, known, connected, roaming bool, observed time.Time) {
			t.Helper()
			view, _ := f.Detail(name, time.Now())
			want := schema.Opt[bool]{V: connected, Known: known}
			if view.Connected != want || view.Roaming.Known != known || view.Roaming.V != roaming {
				t.Errorf("%s: connected %+v, roaming %+v", step, view.Connected, view.Roaming)
			}
			series := shown(t, f)
			at, fresh := series[`kaisen_line_observed_timestamp_seconds{contract_id="`+key.ContractID+`", job="session", line_no="1", source="`+key.Source+`"}`]
			if fresh != known || fresh && at != float64(observed.UnixMilli())/1000 {
				t.Errorf("%s: observed at %v (%v), want %v", step, at, fresh, observed)
			}
		}
		write := func(b schema.Batch) { f.Write(b); all.Append(b) }
		pass := func(rows ...schema.SessionEvent) time.Time {
			time.Sleep(10 * time.Minute)
			write(sessionRows(time.Now(), rows...))
			return time.Now()
		}
		pass(sessionEvent(schema.SessionDomestic, schema.SessionStop, began.Add(5*time.Minute)))
		expect("not believed", true, true, false, began)
		write(sessionState("log", time.Now()))
		expect("believed", true, false, false, began.Add(10*time.Minute))
		read := pass()
		expect("nothing new", true, false, false, read)
		read = pass(sessionEvent(schema.SessionRoaming, schema.SessionStart, began.Add(25*time.Minute)))
		expect("abroad", true, true, true, read)

		again := New(staleConfig())
		again.Restore(schema.State(all))
		f, read = again, time.Now()
		expect("after a restart", true, true, true, read)

		pass(sessionEvent(schema.SessionDomestic, schema.SessionStart, began.Add(35*time.Minute)))
		expect("a doubt: the last answer is too old", false, false, false, began)
		answer.ObservedAt, answer.ReceivedAt = time.Now(), time.Now()
		write(schema.Batch{Sessions: []schema.SessionSample{answer}})
		expect("call 26 was asked", true, true, false, time.Now())
		read = pass()
		expect("and the log goes on from there", true, true, false, read)
		write(sessionState("call_26", time.Now()))
		expect("not believed any more", true, true, false, answer.ObservedAt)
		time.Sleep(15 * time.Minute)
		expect("and too old", false, false, false, began)
	})
}

// TestAMembersOwnFiguresHoldLonger: once it has left its group, no longer.
func TestAMembersOwnFiguresHoldLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := New(staleConfig()) // of job traffic after 45 minutes
		f.Write(schema.Batch{Lines: []schema.Line{fleettest.Inventory("1", schema.LineActive)}, Traffic: []schema.TrafficSample{fleettest.Answer("1", schema.ScopeLine)}})
		member := func(is bool) {
			f.Write(schema.Batch{Members: []schema.DataShareMember{{LineKey: fleettest.LineKey("1"), Status: schema.ShareRegistered, Member: is, ObservedAt: time.Now()}}})
		}
		silent := func() int { return f.Conditions(time.Now())[0].Silent }
		member(true)
		time.Sleep(4 * time.Hour)
		if n := silent(); n != 0 {
			t.Errorf("%d members silent after four hours", n)
		}
		member(false)
		if n := silent(); n != 1 {
			t.Errorf("%d silent of those that are members no more", n)
		}
	})
}
