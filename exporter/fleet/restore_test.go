package fleet

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/exporter/fleet/fleettest"
	"kaisen/schema"
)

// TestRestore: after a restart the gauges are what they were, with the ages they have by now; the counters start over.
func TestRestore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		member := schema.DataShareMember{LineKey: fleettest.LineKey("1"), Status: schema.ShareRegistered, Member: true, ObservedAt: time.Now()}
		session := schema.SessionSample{LineKey: fleettest.LineKey("1"), ObservedAt: time.Now(), ReceivedAt: time.Now(), SessionType: schema.SessionDomestic, Connected: schema.Some(true)}
		authentication := schema.Authentication{LineKey: fleettest.LineKey("1"), SessionType: schema.SessionDomestic, Result: schema.AuthNG}
		watermark := schema.LogWatermark{Source: "hq", ContractID: "N123456789", Log: "authentications"}
		samples := []schema.TrafficSample{fleettest.Answer("1", schema.ScopeLine), fleettest.Answer("1", schema.ScopeDataShare), fleettest.Answer("gone", schema.ScopeLine)}
		lines := []schema.Line{fleettest.Inventory("1", schema.LineActive), fleettest.Inventory("gone", schema.LineRemoved), fleettest.Inventory("unpolled", schema.LineActive)}

		before := New(staleConfig())
		before.Write(schema.Batch{Traffic: samples, Lines: lines, Members: []schema.DataShareMember{member}, Sessions: []schema.SessionSample{session},
			Watermarks: []schema.LogWatermark{watermark}})
		time.Sleep(20 * time.Minute)
		after := New(staleConfig())
		after.Restore(schema.State{Traffic: samples, Lines: lines, Members: []schema.DataShareMember{member}, Sessions: []schema.SessionSample{session},
			Watermarks: []schema.LogWatermark{watermark}, Authentications: []schema.Authentication{authentication}})

		for _, age := range []time.Duration{20 * time.Minute, 30*time.Minute + time.Millisecond, 45*time.Minute + time.Millisecond, 3*time.Hour + time.Millisecond} {
			was, is := shown(t, before), shown(t, after)
			if diff := cmp.Diff(was, is); diff != "" {
				t.Errorf("at %s (-without a restart +with one):\n%s", age, diff)
			}
			if len(is) == 0 {
				t.Errorf("at %s: nothing is shown", age)
			}
			time.Sleep(10*time.Minute + time.Millisecond)
		}
		failures := fleettest.Key("kaisen_authentications_total", "source", "hq", "contract_id", "N123456789", "result", "ng", "session_type", "domestic")
		if got, known := shown(t, after)[failures]; got != 0 || !known {
			t.Errorf("restored log rows count as %v, want 0", got)
		}
	})
}

// TestRestoreDoesNotOverwrite what the first polls already brought.
func TestRestoreDoesNotOverwrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old := fleettest.Answer("1", schema.ScopeLine)
		time.Sleep(time.Minute)
		f := New(staleConfig())
		f.Write(fleettest.Traffic(fleettest.Answer("1", schema.ScopeLine)))
		want := shown(t, f)
		f.Restore(schema.State{Traffic: []schema.TrafficSample{old}})
		if diff := cmp.Diff(want, shown(t, f)); diff != "" {
			t.Errorf("after Restore (-want +got):\n%s", diff)
		}
	})
}

// TestRestoreWithoutReceipt: a row from before there was a received_at is as old as its observation, and a row from the
// future is no younger than now.
func TestRestoreWithoutReceipt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := New(staleConfig())
		old, future := fleettest.Answer("1", schema.ScopeLine), fleettest.Answer("2", schema.ScopeLine)
		old.ObservedAt, old.ReceivedAt = old.ObservedAt.Add(-44*time.Minute), time.Time{}
		future.ReceivedAt = future.ReceivedAt.Add(10 * time.Hour)
		f.Restore(schema.State{Traffic: []schema.TrafficSample{old, future}})
		for _, step := range []struct {
			wait   time.Duration
			series int
		}{{0, 24}, {2 * time.Minute, 12}, {44 * time.Minute, 0}} {
			time.Sleep(step.wait)
			if got := len(shown(t, f)); got != step.series {
				t.Errorf("after %s more: %d series, want %d", step.wait, got, step.series)
			}
		}
	})
}

// TestAnAnswerOfTheFutureGivesWay to the next one, whether the database had it or an answer brought it. A carrier that
// lives faster than we do, and is ahead by more each time, keeps the order of its answers.
func TestAnAnswerOfTheFutureGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := New(staleConfig())
		future := fleettest.Answer("1", schema.ScopeLine)
		future.ObservedAt, future.RemainingBytes = future.ObservedAt.AddDate(0, 0, 4), schema.Some[uint64](4)
		f.Restore(schema.State{Traffic: []schema.TrafficSample{future}})
		time.Sleep(time.Minute)
		next := fleettest.Answer("1", schema.ScopeLine)
		next.RemainingBytes = schema.Some[uint64](5)
		f.Write(fleettest.Traffic(next))
		if got := shown(t, f)[fleettest.Key("kaisen_line_remaining_bytes", "source", "hq", "contract_id", "N123456789", "line_no", fleettest.LineKey("1").LineNo, "scope", "line")]; got != 5 {
			t.Errorf("remaining is %v, want that of the next answer", got)
		}
	})
}
