package exporter

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/schema"
)

func lineKey(lineNo string) schema.LineKey {
	return schema.LineKey{Source: "hq", ContractID: "N123456789", LineNo: lineNo}
}

// answer is a traffic answer of now, with every figure.
func answer(lineNo string, scope schema.Scope) schema.TrafficSample {
	now := time.Now()
	return schema.TrafficSample{
		LineKey: lineKey(lineNo), Scope: scope, ObservedAt: now, ReceivedAt: now,
		MonthBytes: schema.Some[uint64](3_000_000_000), TodayBytes: schema.Some[uint64](123_456), RemainingBytes: schema.Some[uint64](1_000_000_000),
		LimitStatus1: schema.Some[uint8](1), LimitStatus2: schema.Some[uint8](0), Restriction: schema.RestrictionRecent,
	}
}

func traffic(samples ...schema.TrafficSample) schema.Batch { return schema.Batch{Traffic: samples} }

func inventory(lineNo string, state schema.LineState) schema.Line {
	return schema.Line{
		LineKey: lineKey(lineNo), State: state, ObservedAt: time.Now(),
		PlanCode: "T3001328", Access: "lte", SIMType: "標準SIM", DeviceName: "UNO SIM LTE SIM ", DataShare: schema.Some(schema.ShareRegistered),
	}
}

// TestExposition is the whole text of one line and its contract, byte for byte. A bubble's clock starts at
// 2000-01-01T00:00:00Z, 946684800.
func TestExposition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := NewFleet(DefaultFleetConfig())
		now := time.Now()
		f.Write(schema.Batch{
			Lines:    []schema.Line{inventory("09012345678", schema.LineActive)},
			Traffic:  []schema.TrafficSample{answer("09012345678", schema.ScopeLine), {LineKey: lineKey("09012345678"), Scope: schema.ScopeDataShare, ObservedAt: now.Add(-time.Minute), ReceivedAt: now, RemainingBytes: schema.Some[uint64](math.MaxUint64), Restriction: schema.RestrictionUnknown}},
			Sessions: []schema.SessionSample{{LineKey: lineKey("09012345678"), ObservedAt: now.Add(1500 * time.Millisecond), ReceivedAt: now, SessionType: schema.SessionRoaming, Connected: schema.Some(true)}},
			Members:  []schema.DataShareMember{{LineKey: lineKey("09012345678"), Status: schema.ShareRegistered, Member: true, ObservedAt: now}},
			Authentications: []schema.Authentication{
				{LineKey: lineKey("09012345678"), SessionType: schema.SessionDomestic, Result: schema.AuthOK},
				{LineKey: lineKey("09012345678"), SessionType: schema.SessionDomestic, Result: schema.AuthOK, Ordinal: 1},
			},
			SessionEvents: []schema.SessionEvent{{LineKey: lineKey("09012345678"), SessionType: schema.SessionUnknown, Event: schema.SessionStop}},
		})
		f.render()
		body, contentType := get(t, scrapeOf(f), acceptText, "identity")
		if want := "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"; contentType != want {
			t.Errorf("content type %q, want %q", contentType, want)
		}
		var samples []string
		for line := range strings.Lines(string(body)) {
			if !strings.HasPrefix(line, "# HELP") {
				samples = append(samples, strings.TrimSuffix(line, "\n"))
			}
		}
		const line = `source="hq",contract_id="N123456789",line_no="09012345678"`
		const contract = `source="hq",contract_id="N123456789"`
		want := []string{
			`# TYPE kaisen_line_remaining_bytes gauge`,
			`kaisen_line_remaining_bytes{` + line + `,scope="line"} 1e+09`,
			`kaisen_line_remaining_bytes{` + line + `,scope="data_share"} 1.8446744073709552e+19`,
			`# TYPE kaisen_line_remaining_ratio gauge`,
			`kaisen_line_remaining_ratio{` + line + `,scope="line"} 0.25`,
			`# TYPE kaisen_line_month_bytes gauge`,
			`kaisen_line_month_bytes{` + line + `,scope="line"} 3e+09`,
			`# TYPE kaisen_line_today_bytes gauge`,
			`kaisen_line_today_bytes{` + line + `,scope="line"} 123456`,
			`# TYPE kaisen_line_limit_status gauge`,
			`kaisen_line_limit_status{` + line + `,scope="line",status="1"} 1`,
			`kaisen_line_limit_status{` + line + `,scope="line",status="2"} 0`,
			`# TYPE kaisen_line_restriction gauge`,
			`kaisen_line_restriction{` + line + `,scope="line",restriction="none"} 0`,
			`kaisen_line_restriction{` + line + `,scope="line",restriction="recent"} 1`,
			`kaisen_line_restriction{` + line + `,scope="line",restriction="monthly"} 0`,
			`kaisen_line_restriction{` + line + `,scope="line",restriction="monthly_and_recent"} 0`,
			`kaisen_line_restriction{` + line + `,scope="line",restriction="unknown"} 0`,
			`kaisen_line_restriction{` + line + `,scope="data_share",restriction="none"} 0`,
			`kaisen_line_restriction{` + line + `,scope="data_share",restriction="recent"} 0`,
			`kaisen_line_restriction{` + line + `,scope="data_share",restriction="monthly"} 0`,
			`kaisen_line_restriction{` + line + `,scope="data_share",restriction="monthly_and_recent"} 0`,
			`kaisen_line_restriction{` + line + `,scope="data_share",restriction="unknown"} 1`,
			`# TYPE kaisen_line_session_connected gauge`,
			`kaisen_line_session_connected{` + line + `} 1`,
			`# TYPE kaisen_line_session_roaming gauge`,
			`kaisen_line_session_roaming{` + line + `} 1`,
			`# TYPE kaisen_line_info gauge`,
			`kaisen_line_info{` + line + `,plan_code="T3001328",access="lte",sim_type="標準SIM",device_name="UNO SIM LTE SIM ",data_share="registered"} 1`,
			`# TYPE kaisen_line_observed_timestamp_seconds gauge`,
			`kaisen_line_observed_timestamp_seconds{` + line + `,job="traffic"} 9.466848e+08`,
			`kaisen_line_observed_timestamp_seconds{` + line + `,job="data_share"} 9.4668474e+08`,
			`kaisen_line_observed_timestamp_seconds{` + line + `,job="session"} 9.466848015e+08`,
			`# TYPE kaisen_data_share_remaining_bytes gauge`,
			`kaisen_data_share_remaining_bytes{` + contract + `} 1.8446744073709552e+19`,
			`# TYPE kaisen_data_share_members gauge`,
			`kaisen_data_share_members{` + contract + `} 1`,
			`# TYPE kaisen_authentications_total counter`,
			`kaisen_authentications_total{` + contract + `,result="ok",session_type="domestic"} 2`,
			`kaisen_authentications_total{` + contract + `,result="ok",session_type="roaming"} 0`,
			`kaisen_authentications_total{` + contract + `,result="ng",session_type="domestic"} 0`,
			`kaisen_authentications_total{` + contract + `,result="ng",session_type="roaming"} 0`,
			`# TYPE kaisen_session_events_total counter`,
			`kaisen_session_events_total{` + contract + `,event="start",session_type="domestic"} 0`,
			`kaisen_session_events_total{` + contract + `,event="start",session_type="roaming"} 0`,
			`kaisen_session_events_total{` + contract + `,event="stop",session_type="domestic"} 0`,
			`kaisen_session_events_total{` + contract + `,event="stop",session_type="roaming"} 0`,
			`kaisen_session_events_total{` + contract + `,event="stop",session_type="unknown"} 1`,
		}
		if diff := cmp.Diff(want, samples); diff != "" {
			t.Errorf("exposition (-want +got):\n%s", diff)
		}
	})
}

// TestAbsent: what the carrier did not tell is no series.
func TestAbsent(t *testing.T) {
	now := time.Now()
	some := schema.Some[uint64]
	session := func(kind schema.SessionType, connected schema.Opt[bool]) schema.Batch {
		return schema.Batch{Sessions: []schema.SessionSample{{LineKey: lineKey("1"), ObservedAt: now, ReceivedAt: now, SessionType: kind, Connected: connected}}}
	}
	sample := func(month, remaining schema.Opt[uint64]) schema.Batch {
		return traffic(schema.TrafficSample{LineKey: lineKey("1"), Scope: schema.ScopeLine, ObservedAt: now, ReceivedAt: now, MonthBytes: month, RemainingBytes: remaining, Restriction: schema.RestrictionNone})
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
		{"info of a line the inventory never told", sample(some(1), some(1)), "kaisen_line_info", nil},
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
			f := NewFleet(DefaultFleetConfig())
			f.Write(test.batch)
			var got []float64
			for _, value := range shown(t, f).of(test.metric) {
				got = append(got, value)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.metric, diff)
			}
		})
	}
}

// TestRestrictionIsAStateSet: whatever the word, all five states are there and exactly one of them holds.
func TestRestrictionIsAStateSet(t *testing.T) {
	for _, word := range append(schema.Restrictions(), "", "no such word") {
		t.Run(fmt.Sprintf("%q", word), func(t *testing.T) {
			f := NewFleet(DefaultFleetConfig())
			sample := answer("1", schema.ScopeLine)
			sample.Restriction = word
			f.Write(traffic(sample))
			want := make(seriesMap)
			for _, state := range schema.Restrictions() {
				holds := state == word || (state == schema.RestrictionUnknown && (word == "" || word == "no such word"))
				want[series("kaisen_line_restriction", "source", "hq", "contract_id", "N123456789", "line_no", "1", "scope", "line", "restriction", string(state))] = oneIf(holds)
			}
			if diff := cmp.Diff(want, shown(t, f).of("kaisen_line_restriction")); diff != "" {
				t.Errorf("states (-want +got):\n%s", diff)
			}
		})
	}
}

// TestOlderNeverReplacesNewer, by the carrier's clock, except where the newer has gone stale.
func TestOlderNeverReplacesNewer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := NewFleet(FleetConfig{MaxLines: 10, StaleAfter: func(string, string) time.Duration { return time.Hour }})
		write := func(observed time.Duration, today uint64) {
			sample := answer("1", schema.ScopeLine)
			sample.ObservedAt = sample.ObservedAt.Add(observed)
			sample.TodayBytes = schema.Some(today)
			f.Write(traffic(sample))
		}
		today := func() float64 {
			return shown(t, f)[series("kaisen_line_today_bytes", "source", "hq", "contract_id", "N123456789", "line_no", "1", "scope", "line")]
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
	f := NewFleet(DefaultFleetConfig())
	f.Write(traffic(answer("1", schema.ScopeLine)))
	if got := len(shown(t, f)); got != 12 {
		t.Errorf("a line that the inventory never told has %d series, want 12", got)
	}
	for _, step := range []struct {
		state  schema.LineState
		series int
	}{{schema.LineActive, 13}, {schema.LineNotFound, 0}, {schema.LineActive, 13}, {schema.LineRemoved, 0}} {
		f.Write(schema.Batch{Lines: []schema.Line{inventory("1", step.state)}})
		f.Write(traffic(answer("1", schema.ScopeLine))) // an answer that was under way
		if got := len(shown(t, f)); got != step.series {
			t.Errorf("%s: %d series, want %d", step.state, got, step.series)
		}
	}
	late := inventory("1", schema.LineActive)
	late.ObservedAt = late.ObservedAt.Add(-time.Minute)
	f.Write(schema.Batch{Lines: []schema.Line{late}})
	if got := len(shown(t, f)); got != 0 {
		t.Errorf("an older inventory brought %d series back", got)
	}
}

// TestInfoFollowsInventory: new labels take the place of the old ones.
func TestInfoFollowsInventory(t *testing.T) {
	f := NewFleet(DefaultFleetConfig())
	row := inventory("1", schema.LineActive)
	f.Write(schema.Batch{Lines: []schema.Line{row}})
	row.PlanCode, row.DataShare = "T3001329", schema.Opt[schema.ShareStatus]{}
	f.Write(schema.Batch{Lines: []schema.Line{row}})
	want := seriesMap{series("kaisen_line_info", "source", "hq", "contract_id", "N123456789", "line_no", "1", "plan_code", "T3001329",
		"access", "lte", "sim_type", "標準SIM", "device_name", "UNO SIM LTE SIM ", "data_share", "none"): 1}
	if diff := cmp.Diff(want, shown(t, f)); diff != "" {
		t.Errorf("info (-want +got):\n%s", diff)
	}
}
