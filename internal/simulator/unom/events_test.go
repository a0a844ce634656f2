package unom_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"kaisen/internal/simulator"
	"kaisen/internal/simulator/simulatortest"
)

// pickLine is a line of the first contract that is in no group and on Com's RADIUS.
func pickLine(c *simulatortest.Client) simulator.LineTruth {
	for _, l := range c.Lines() {
		if l.Share == nil && l.Session != nil && l.Listed {
			return l
		}
	}
	c.T.Fatal("no ordinary line")
	return simulator.LineTruth{}
}

func TestInjectedBytes(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	was := pickLine(c)
	today, month := was.Traffic[0].TodayBytes, was.Traffic[0].MonthBytes
	add := simulator.Event{Type: "traffic", Contract: was.ContractID, Line: was.LineNo, Bytes: 5_000_000, At: simulatortest.Noon().Add(time.Hour)}
	yesterday := add
	yesterday.At = simulatortest.Noon().Add(-24 * time.Hour)
	correction := simulator.Event{
		Type: "day", Contract: was.ContractID, Line: was.LineNo, Day: "2026-03-10", Bytes: 77, VisibleAt: simulatortest.Noon().Add(time.Minute),
	}
	c.Inject(add, yesterday, correction)

	now := c.Truth(was)
	if got := now.Traffic[0]; got.TodayBytes != today || got.MonthBytes != month+5_000_000 || got.Daily[1].Bytes != was.Traffic[0].Daily[1].Bytes+5_000_000 {
		t.Errorf("at once: today %d, month %d", got.TodayBytes-today, got.MonthBytes-month)
	}
	compareTraffic(t, c, now)
	c.Clock(simulator.ClockChange{Advance: "1m"})
	now = c.Truth(was)
	if got := now.Traffic[0].Daily[10]; got.Date != "2026-03-10" || got.Bytes != 77 {
		t.Errorf("corrected day: %+v", got)
	}
	if sum := monthSum(now.Traffic[0]); sum != now.Traffic[0].MonthBytes {
		t.Errorf("month %d, days %d", now.Traffic[0].MonthBytes, sum)
	}
	compareTraffic(t, c, now)
	c.Clock(simulator.ClockChange{Now: simulatortest.Noon().Add(time.Hour - time.Second)})
	before := c.Truth(was).Traffic[0].TodayBytes
	c.Clock(simulator.ClockChange{Advance: "1s"})
	if after := c.Truth(was).Traffic[0].TodayBytes; after < before+5_000_000 || after > before+6_000_000 {
		t.Errorf("at its time today grew by %d", after-before)
	}
}

// Enough bytes at a known second restrict a line from that second on.
func TestInjectedBytesRestrict(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(time.Date(2026, 3, 2, 9, 0, 0, 0, simulatortest.Tokyo)))
	l := pickLine(c)
	for _, other := range c.Lines() {
		if other.Character == "normal" && other.Share == nil && other.Traffic[0].RemainingBytes != nil && other.Traffic[0].Restriction == "none" {
			l = other
		}
	}
	at := c.Carrier.Now().Add(10 * time.Minute)
	c.Inject(simulator.Event{Type: "traffic", Contract: l.ContractID, Line: l.LineNo, Bytes: 100 << 30, At: at})
	c.Clock(simulator.ClockChange{Now: at})
	now := c.Truth(l)
	if got := now.Traffic[0]; got.Restriction != "monthly" || *got.RemainingBytes != 0 || !got.MonthlyLimitStart.Equal(at) {
		t.Errorf("%s, %d left, since %v", got.Restriction, *got.RemainingBytes, got.MonthlyLimitStart)
	}
	compareTraffic(t, c, now)
}

func TestInjectedStates(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	l := pickLine(c)
	path := simulatortest.Base + l.ContractID + "/lines/" + l.LineNo
	event := func(e simulator.Event) {
		e.Contract, e.Line = l.ContractID, l.LineNo
		c.Inject(e)
	}
	check := func(what string, traffic, session, share int, listed bool) {
		t.Helper()
		now := c.Truth(l)
		for suffix, want := range map[string]int{"/traffic": traffic, "/session": session, "/dataShare/traffic": share} {
			if w := c.Do("GET", path+suffix, ""); w.Code != want {
				t.Errorf("%s: %s %d, want %d", what, suffix, w.Code, want)
			}
		}
		list := fmt.Sprint(simulatortest.Rows(t, c.Get(l.ContractID+"/lines"), "linesList"))
		if strings.Contains(list, l.LineNo) != listed || now.Listed != listed || now.Exists != (traffic == 200) {
			t.Errorf("%s: listed %v, truth %v, exists %v", what, !listed, now.Listed, now.Exists)
		}
	}
	check("at first", 200, 200, 404, true)
	event(simulator.Event{Type: "gone", At: simulatortest.Noon().Add(time.Minute)})
	check("before it goes", 200, 200, 404, true)
	c.Clock(simulator.ClockChange{Advance: "1m"})
	check("gone", 404, 404, 404, true)
	event(simulator.Event{Type: "back"})
	event(simulator.Event{Type: "unlist"})
	check("back, not listed", 200, 200, 404, false)
	event(simulator.Event{Type: "list"})
	event(simulator.Event{Type: "radius", Radius: "mcop"})
	check("another RADIUS", 200, 403, 404, true)
	event(simulator.Event{Type: "radius", Radius: "com"})
	event(simulator.Event{Type: "share", Status: "registered"})
	check("in the group", 200, 200, 200, true)
	if now := c.Truth(l); now.Share.Status != "registered" || len(now.Traffic) != 2 {
		t.Errorf("in the group: %+v", now.Share)
	}
	for _, member := range c.Lines() {
		compareTraffic(t, c, member)
	}
	event(simulator.Event{Type: "share", Status: "none"})
	check("out of it again", 200, 200, 404, true)
}

// A line that joins brings its bytes of today and later, not its past; one that leaves takes none away.
func TestJoiningLineBringsNoPast(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	l, group := pickLine(c), groupTraffic(c)
	c.Inject(simulator.Event{Type: "share", Contract: l.ContractID, Line: l.LineNo, Status: "registered"})
	now := groupTraffic(c)
	if now.Daily[1] != group.Daily[1] || now.TodayBytes != group.TodayBytes+c.Truth(l).Traffic[0].TodayBytes {
		t.Errorf("yesterday %v → %v, today %d → %d", group.Daily[1], now.Daily[1], group.TodayBytes, now.TodayBytes)
	}
	c.Clock(simulator.ClockChange{Advance: "24h"})
	before := groupTraffic(c)
	c.Inject(simulator.Event{Type: "share", Contract: l.ContractID, Line: l.LineNo, Status: "none"})
	after := groupTraffic(c)
	if before.Daily[1] != after.Daily[1] || before.TodayBytes == after.TodayBytes {
		t.Errorf("it left: yesterday %v → %v, today %d → %d", before.Daily[1], after.Daily[1], before.TodayBytes, after.TodayBytes)
	}
}

func groupTraffic(c *simulatortest.Client) simulator.TrafficTruth {
	for _, l := range c.Lines() {
		if len(l.Traffic) == 2 {
			return l.Traffic[1]
		}
	}
	c.T.Fatal("no group")
	return simulator.TrafficTruth{}
}

// One line's figures can turn at their own time, or stand still for a while.
func TestLateAndFrozenLines(t *testing.T) {
	midnight := time.Date(2026, 4, 1, 0, 0, 0, 0, simulatortest.Tokyo)
	c := simulatortest.NewClient(t, simulatortest.Frozen(midnight.Add(-time.Hour)))
	l := pickLine(c)
	c.Inject(
		simulator.Event{Type: "turn_delay", Contract: l.ContractID, Line: l.LineNo, Delay: "3m"},
		simulator.Event{Type: "freeze", Contract: l.ContractID, Line: l.LineNo, From: midnight.Add(time.Hour), To: midnight.Add(2 * time.Hour)},
	)
	at := func(when time.Time) simulator.LineTruth {
		c.Clock(simulator.ClockChange{Now: when})
		return c.Truth(l)
	}
	compareLate(t, c, at(midnight.Add(3*time.Minute-time.Second)))
	compareTraffic(t, c, at(midnight.Add(3*time.Minute)))
	still := at(midnight.Add(time.Hour))
	compareTraffic(t, c, still)
	at(midnight.Add(2*time.Hour - time.Second))
	compareTraffic(t, c, still)
	compareTraffic(t, c, at(midnight.Add(2*time.Hour)))
}

// An injected row of the session log is what call 26 then says.
func TestInjectedSession(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	l := pickLine(c)
	for _, kind := range []string{"start", "stop", "start"} {
		c.Clock(simulator.ClockChange{Advance: "1s"})
		now := c.Carrier.Now()
		c.Inject(simulator.Event{
			Log: "session_events", Contract: l.ContractID, Line: l.LineNo, Count: 1, From: now, To: now, Event: kind, SessionType: "roaming",
		})
		got := c.Truth(l)
		if got.Session.Connected != (kind == "start") || got.Session.SessionType != "roaming" {
			t.Errorf("after %s: %+v", kind, got.Session)
		}
		compareSession(t, c, got)
	}
}

func TestEventsOverHTTP(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	l := pickLine(c)
	good := fmt.Sprintf(`{"type":"gone","contract":%q,"line":%q}`, l.ContractID, l.LineNo)
	if w := c.Do("POST", "/_sim/events", "["+good+"]"); w.Code != 200 || c.Truth(l).Exists {
		t.Errorf("array: %d %s", w.Code, w.Body)
	}
	if w := c.Do("POST", "/_sim/events", strings.Replace(good, "gone", "back", 1)); w.Code != 200 || !c.Truth(l).Exists {
		t.Errorf("object: %d %s", w.Code, w.Body)
	}
	bad := strings.Replace(good, "gone", "gnoe", 1) + `,{"contract":"N9"},{"type":"day","contract":"N000000001","line":"` + l.LineNo +
		`","day":"2026-03-20","visible_at":"2026-03-20T13:00:00+09:00"},{"log":"authentications","contract":"N000000001","result":"maybe","lines":["1"]},` +
		`{"type":"share","contract":"N000000001","line":"` + l.LineNo + `","status":"friend"}`
	w := c.Do("POST", "/_sim/events", "["+good+","+bad+"]")
	for _, want := range []string{
		`event 1: type \"gnoe\"`, `event 2: contract \"N9\"`, `event 3: day 2026-03-20: not over`, `event 4: result \"maybe\"`, `; count 0`,
		`needs from`, `line \"1\"`, `event 5: status \"friend\"`,
	} {
		if w.Code != 400 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%d lacks %s: %s", w.Code, want, w.Body)
		}
	}
	if !c.Truth(l).Exists {
		t.Error("a good event among bad ones was applied")
	}
	if w := c.Do("POST", "/_sim/events", `{"typ":"gone"}`); w.Code != 400 {
		t.Errorf("unknown key: %d", w.Code)
	}
}

// The truth over HTTP is the truth in Go, as of any second; what was served is on record and bounded.
func TestTruthOverHTTP(t *testing.T) {
	cfg := simulatortest.Frozen(simulatortest.Noon())
	cfg.ServedMax = 3
	c := simulatortest.NewClient(t, cfg)
	var got struct {
		At       time.Time
		TimeZone string `json:"time_zone"`
		Lines    []json.RawMessage
	}
	ask := func(query string) int {
		t.Helper()
		w := c.Do("GET", "/_sim/truth?"+query, "")
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatalf("%v in %s", err, w.Body)
		}
		return len(got.Lines)
	}
	if n := ask(""); n != 40 || !got.At.Equal(simulatortest.Noon()) || got.TimeZone != "Asia/Tokyo" {
		t.Errorf("%d lines at %s", n, got.At)
	}
	l := c.Lines()[7]
	at := simulatortest.Noon().Add(-100 * time.Hour)
	if n := ask("line=" + l.LineNo + "&at=2026-03-16T08:34:56%2B09:00&days=3"); n != 1 || !got.At.Equal(at) {
		t.Fatalf("%d lines at %s", n, got.At)
	}
	for want := range c.Carrier.Truth(simulator.TruthQuery{At: at, Line: l.LineNo, Days: 3}) {
		if text, _ := json.Marshal(want); string(text) != string(got.Lines[0]) || len(want.Traffic[0].Daily) != 3 {
			t.Errorf("HTTP %s\nGo %s", got.Lines[0], text)
		}
	}
	if w := c.Do("GET", "/_sim/truth?at=yesterday&days=0", ""); w.Code != 400 || !strings.Contains(w.Body.String(), "days") || !strings.Contains(w.Body.String(), "RFC 3339") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for range 5 {
		c.Get(l.ContractID + "/lines/" + l.LineNo + "/traffic")
		c.Clock(simulator.ClockChange{Advance: "1m"})
	}
	served := c.Carrier.Served()
	if len(served.Traffic) != 3 || served.DroppedTraffic != 2 || !served.Traffic[0].At.Equal(simulatortest.Noon().Add(2*time.Minute)) {
		t.Errorf("served: %+v", served)
	}
	for _, s := range served.Traffic {
		for want := range c.Carrier.Truth(simulator.TruthQuery{At: s.At, Line: s.LineNo}) {
			if *s.TodayBytes != want.Traffic[0].TodayBytes || *s.MonthBytes != want.Traffic[0].MonthBytes {
				t.Errorf("served %+v, true then: %+v", s, want.Traffic[0])
			}
		}
	}
}
