package fleet

import (
	"testing"
	"time"

	"kaisen/exporter/fleet/fleettest"
	"kaisen/schema"
)

func contractSeries(name string, pairs ...string) string {
	return fleettest.Key(name, append([]string{"source", "hq", "contract_id", "N123456789"}, pairs...)...)
}

// TestPoolIsTheNewestOfAnyMember, whichever line it was asked for through.
func TestPoolIsTheNewestOfAnyMember(t *testing.T) {
	f := New(DefaultConfig())
	now := time.Now()
	for _, step := range []struct {
		line      string
		observed  time.Duration
		remaining schema.Opt[uint64]
		want      float64
		known     bool
	}{
		{"1", 0, schema.Some[uint64](500), 500, true},
		{"2", time.Second, schema.Some[uint64](400), 400, true},
		{"1", time.Second / 2, schema.Some[uint64](450), 400, true},
		{"3", 2 * time.Second, schema.Opt[uint64]{}, 0, false}, // the newest answer is that it is not known
		{"1", 3 * time.Second, schema.Some[uint64](0), 0, true},
	} {
		sample := fleettest.Answer(step.line, schema.ScopeDataShare)
		sample.ObservedAt, sample.RemainingBytes = now.Add(step.observed), step.remaining
		f.Write(fleettest.Traffic(sample))
		got, known := shown(t, f)[contractSeries("kaisen_data_share_remaining_bytes")]
		if got != step.want || known != step.known {
			t.Errorf("after %+v: %v, %t", step, got, known)
		}
	}
}

// TestMembers counts those that draw from the pool now.
func TestMembers(t *testing.T) {
	f := New(DefaultConfig())
	now := time.Now()
	for _, step := range []struct {
		line   string
		status schema.ShareStatus
		member bool
		at     time.Duration
		want   float64
	}{
		{"1", schema.ShareReserved, true, 0, 0},
		{"1", schema.ShareRegistered, true, 1, 1},
		{"2", schema.ShareRemovalReserved, true, 1, 2},
		{"3", schema.ShareUnknown, true, 1, 2},
		{"1", schema.ShareRegistered, true, 2, 2},
		{"2", schema.ShareRegistered, true, 0, 2}, // older than what is known
		{"2", schema.ShareRemovalReserved, false, 3, 1},
		{"1", schema.ShareRegistered, false, 3, 0},
	} {
		row := schema.DataShareMember{LineKey: fleettest.LineKey(step.line), Status: step.status, Member: step.member, ObservedAt: now.Add(step.at * time.Second)}
		f.Write(schema.Batch{Members: []schema.DataShareMember{row}})
		if got, known := shown(t, f)[contractSeries("kaisen_data_share_members")]; got != step.want || !known {
			t.Errorf("after %+v: %v", step, got)
		}
	}
}

// TestCounters: one for each code, at 0 from when the log is read, and what has no documented code only once it came.
func TestCounters(t *testing.T) {
	f := New(DefaultConfig())
	f.Write(schema.Batch{Watermarks: []schema.LogWatermark{
		{Source: "hq", ContractID: "N123456789", Log: "authentications"}, {Source: "hq", ContractID: "N123456789", Log: "session_events"},
	}})
	names := []string{"kaisen_authentications_total", "kaisen_session_events_total"}
	for _, name := range names {
		if got := shown(t, f).Of(name); len(got) != 4 {
			t.Errorf("%s before the first row: %v, want four series at 0", name, got)
		}
	}
	var b schema.Batch
	for range 3 {
		b.Authentications = append(b.Authentications, schema.Authentication{LineKey: fleettest.LineKey("1"), Result: schema.AuthNG, SessionType: schema.SessionRoaming})
		b.SessionEvents = append(b.SessionEvents, schema.SessionEvent{LineKey: fleettest.LineKey("2"), Event: schema.SessionStart, SessionType: schema.SessionDomestic})
	}
	b.Authentications = append(b.Authentications, schema.Authentication{LineKey: fleettest.LineKey("1"), Result: "99", SessionType: "7"})
	f.Write(b)
	f.Write(b)
	got := shown(t, f)
	for key, want := range map[string]float64{
		contractSeries(names[0], "result", "ng", "session_type", "roaming"):      6,
		contractSeries(names[0], "result", "ok", "session_type", "domestic"):     0,
		contractSeries(names[0], "result", "unknown", "session_type", "unknown"): 2,
		contractSeries(names[1], "event", "start", "session_type", "domestic"):   6,
		contractSeries(names[1], "event", "stop", "session_type", "roaming"):     0,
	} {
		if value, known := got[key]; value != want || !known {
			t.Errorf("%s is %v, want %v", key, value, want)
		}
	}
	if n := len(got.Of(names[0])) + len(got.Of(names[1])); n != 5+4 {
		t.Errorf("%d counters, want 9", n)
	}
}
