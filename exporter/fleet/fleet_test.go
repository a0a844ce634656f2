package fleet

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/exporter/exposition"
	"kaisen/exporter/fleet/fleettest"
	"kaisen/schema"
)

// TestAbsent: what is not in the carrier's answer is no series.
func TestAbsent(t *testing.T) {
	now := time.Now()
	some := schema.Some[uint64]
	session := func(kind schema.SessionType, connected schema.Opt[bool]) schema.Batch {
		return schema.Batch{Sessions: []schema.SessionSample{{LineKey: fleettest.LineKey("1"), ObservedAt: now, ReceivedAt: now, SessionType: kind, Connected: connected}}}
	}
	sample := func(month, remaining schema.Opt[uint64]) schema.Batch {
		return fleettest.Traffic(schema.TrafficSample{LineKey: fleettest.LineKey("1"), Scope: schema.ScopeLine, ObservedAt: now, ReceivedAt: now, MonthBytes: month, RemainingBytes: remaining, Restriction: schema.RestrictionNone})
	}
	var unknown schema.Opt[uint64]
	tests := []struct {
		name   string
		batch  schema.Batch
		metric string
		want   []float64 // empty: absent
	}{
		{"remaining", sample(some(1), unknown), "kaisen_line_remaining_bytes", nil},
		{"remaining 0 is a value", sample(some(1), some(0)), "kaisen_line_remaining_bytes", []float64{0}},
		{"month", sample(unknown, some(1)), "kaisen_line_month_bytes", nil},
		{"today", sample(some(1), some(1)), "kaisen_line_today_bytes", nil},
		{"status", sample(some(1), some(1)), "kaisen_line_limit_status", nil},
		{"ratio without remaining", sample(some(1), unknown), "kaisen_line_remaining_ratio", nil},
		{"ratio without month", sample(unknown, some(1)), "kaisen_line_remaining_ratio", nil},
		{"ratio of nothing", sample(some(0), some(0)), "kaisen_line_remaining_ratio", nil},
		{"ratio of an unused month", sample(some(0), some(7)), "kaisen_line_remaining_ratio", []float64{1}},
		{"ratio of a used-up month", sample(some(7), some(0)), "kaisen_line_remaining_ratio", []float64{0}},
		{"ratio of a sum beyond 64 bits", sample(some(math.MaxUint64), some(math.MaxUint64)), "kaisen_line_remaining_ratio", []float64{0.5}},
		{"info of a line the inventory never had", sample(some(1), some(1)), "kaisen_line_info", nil},
		{"connected", session(schema.SessionRoaming, schema.Opt[bool]{}), "kaisen_line_session_connected", nil},
		{"roaming of nobody knows", session(schema.SessionRoaming, schema.Opt[bool]{}), "kaisen_line_session_roaming", nil},
		{"roaming of an unknown type", session(schema.SessionUnknown, schema.Some(true)), "kaisen_line_session_roaming", nil},
		{"roaming of a domestic session", session(schema.SessionDomestic, schema.Some(true)), "kaisen_line_session_roaming", []float64{0}},
		{"roaming of a line that is no longer abroad", session(schema.SessionRoaming, schema.Some(false)), "kaisen_line_session_roaming", []float64{0}},
		{"pool without a group", sample(some(1), some(1)), "kaisen_data_share_remaining_bytes", nil},
		{"members without a group", sample(some(1), some(1)), "kaisen_data_share_members", nil},
		{"a log that is not read", sample(some(1), some(1)), "kaisen_authentications_total", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := New(DefaultConfig())
			f.Write(test.batch)
			var got []float64
			for _, value := range shown(t, f).Of(test.metric) {
				got = append(got, value)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.metric, diff)
			}
		})
	}
}

// TestRestrictionIsAStateSet: whatever the code, all five states are there and exactly one of them holds.
func TestRestrictionIsAStateSet(t *testing.T) {
	for _, code := range append(schema.Restrictions(), "", "no such code") {
		t.Run(fmt.Sprintf("%q", code), func(t *testing.T) {
			f := New(DefaultConfig())
			sample := fleettest.Answer("1", schema.ScopeLine)
			sample.Restriction = code
			f.Write(fleettest.Traffic(sample))
			want := make(fleettest.Series)
			for _, state := range schema.Restrictions() {
				holds := state == code || (state == schema.RestrictionUnknown && (code == "" || code == "no such code"))
				want[fleettest.Key("kaisen_line_restriction", "source", "hq", "contract_id", "N123456789", "line_no", "1", "scope", "line", "restriction", string(state))] = oneIf(holds)
			}
			if diff := cmp.Diff(want, shown(t, f).Of("kaisen_line_restriction")); diff != "" {
				t.Errorf("states (-want +got):\n%s", diff)
			}
		})
	}
}

// TestOlderNeverReplacesNewer, by the carrier's clock, except where the newer has gone stale.
func TestOlderNeverReplacesNewer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := New(Config{MaxLines: 10, StaleAfter: func(string, string) time.Duration { return time.Hour }})
		write := func(observed time.Duration, today uint64) {
			sample := fleettest.Answer("1", schema.ScopeLine)
			sample.ObservedAt = sample.ObservedAt.Add(observed)
			sample.TodayBytes = schema.Some(today)
			f.Write(fleettest.Traffic(sample))
		}
		today := func() float64 {
			return shown(t, f)[fleettest.Key("kaisen_line_today_bytes", "source", "hq", "contract_id", "N123456789", "line_no", "1", "scope", "line")]
		}
		steps := []struct {
			observed time.Duration
			bytes    uint64
			want     float64
		}{{0, 100, 100}, {-time.Second, 200, 100}, {0, 300, 300}, {2 * time.Hour, 400, 400}, {time.Hour, 500, 400}}
		for _, step := range steps {
			write(step.observed, step.bytes)
			if got := today(); got != step.want {
				t.Errorf("after %d observed at %+v: %v, want %v", step.bytes, step.observed, got, step.want)
			}
		}
		time.Sleep(time.Hour + time.Millisecond)
		write(-time.Hour, 600) // the carrier's clock was set back
		if got := today(); got != 600 {
			t.Errorf("after the stale: %v, want 600", got)
		}
	})
}

// TestInventory: a line leaves with its state and comes back with it, and an unlisted one is shown.
func TestInventory(t *testing.T) {
	f := New(DefaultConfig())
	f.Write(fleettest.Traffic(fleettest.Answer("1", schema.ScopeLine)))
	if got := len(shown(t, f)); got != 12 {
		t.Errorf("a line that the inventory never had has %d series, want 12", got)
	}
	for _, step := range []struct {
		state  schema.LineState
		series int
	}{{schema.LineActive, 13}, {schema.LineNotFound, 0}, {schema.LineActive, 13}, {schema.LineRemoved, 0}} {
		f.Write(schema.Batch{Lines: []schema.Line{fleettest.Inventory("1", step.state)}})
		f.Write(fleettest.Traffic(fleettest.Answer("1", schema.ScopeLine))) // an answer that was under way
		if got := len(shown(t, f)); got != step.series {
			t.Errorf("%s: %d series, want %d", step.state, got, step.series)
		}
	}
	late := fleettest.Inventory("1", schema.LineActive)
	late.ObservedAt = late.ObservedAt.Add(-time.Minute)
	f.Write(schema.Batch{Lines: []schema.Line{late}})
	if got := len(shown(t, f)); got != 0 {
		t.Errorf("an older inventory brought %d series back", got)
	}
}

// TestInfoFollowsInventory: new labels take the place of the old ones.
func TestInfoFollowsInventory(t *testing.T) {
	f := New(DefaultConfig())
	row := fleettest.Inventory("1", schema.LineActive)
	f.Write(schema.Batch{Lines: []schema.Line{row}})
	row.PlanCode, row.DataShare = "T3001329", schema.Opt[schema.ShareStatus]{}
	f.Write(schema.Batch{Lines: []schema.Line{row}})
	want := fleettest.Series{fleettest.Key("kaisen_line_info", "source", "hq", "contract_id", "N123456789", "line_no", "1", "plan_code", "T3001329",
		"access", "lte", "sim_type", "標準SIM", "device_name", "UNO SIM LTE SIM ", "data_share", "none"): 1}
	if diff := cmp.Diff(want, shown(t, f)); diff != "" {
		t.Errorf("info (-want +got):\n%s", diff)
	}
}

// TestCapIsStable: after a restart the same lines are exported as before, in whatever order the store has them.
func TestCapIsStable(t *testing.T) {
	seen := time.Now().Add(-24 * time.Hour)
	var rows []schema.Line
	for i := range 20 {
		row := fleettest.Inventory(fmt.Sprintf("0900000%04d", 19-i), schema.LineActive) // the later, the smaller the number
		row.FirstSeen = seen.Add(time.Duration(i/2) * time.Minute)                      // two at a time
		rows = append(rows, row)
	}
	exported := func(rows []schema.Line) string {
		f := New(Config{MaxLines: 7, StaleAfter: func(string, string) time.Duration { return 0 }})
		f.Restore(schema.State{Lines: rows})
		return strings.Join(slices.Sorted(maps.Keys(shown(t, f))), "\n")
	}
	want := exported(rows)
	if !strings.Contains(want, "09000000019") || !strings.Contains(want, "09000000012") || strings.Contains(want, "09000000013") {
		t.Errorf("not the seven that were first seen first: %s", want)
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	if got := exported(rows); got != want {
		t.Errorf("in another order: %s, want %s", got, want)
	}
}

// TestHelpTexts fit both text formats as they are.
func TestHelpTexts(t *testing.T) {
	for _, family := range families(newCodes(), nil) {
		if family.Help == "" || strings.ContainsAny(family.Help, "\\\"\n") {
			t.Errorf("%s: %q", family.Name, family.Help)
		}
	}
}

// scrapeNow is what a scrape would get now, without asking for a rendering.
func scrapeNow(t *testing.T, f *Fleet) fleettest.Series {
	t.Helper()
	var body bytes.Buffer
	if err := f.exposition.Write(&body, exposition.Text, false, nil); err != nil {
		t.Fatal(err)
	}
	return fleettest.Parse(t, body.Bytes(), "text/plain; version=0.0.4")
}

// shown is what a fleet shows now.
func shown(t *testing.T, f *Fleet) fleettest.Series {
	t.Helper()
	f.exposition.Render()
	return scrapeNow(t, f)
}
