package unom_test

import (
	"testing"
	"time"

	"kaisen/internal/simulator"
	"kaisen/internal/simulator/simulatortest"
)

// reserve sends call 22 or 23, which must be taken, and returns the reservation's number.
func reserve(c *simulatortest.Client, method, path, body string) string {
	c.T.Helper()
	answer := c.Change(method, path, body)
	id, _ := answer["reserveId"].(string)
	if answer["resultCode"] != "0001" || len(id) != 15 || answer["referenceErrorInfo"] != nil {
		c.T.Fatalf("%s %s: %v", method, path, answer)
	}
	return id
}

// checkRefused compares what a change of the group is refused with.
func checkRefused(c *simulatortest.Client, method, path, body, result, message string) {
	c.T.Helper()
	answer := c.Change(method, path, body)
	info, _ := answer["referenceErrorInfo"].(map[string]any)
	if answer["resultCode"] != result || answer["reserveId"] != nil || info["messageId"] != message {
		c.T.Errorf("%s %s: %v, want %s, %s", method, path, answer, result, message)
	}
}

// linesAlone are lines of a contract that are in no group.
func linesAlone(c *simulatortest.Client, contract string, n int) (lines []simulator.LineTruth) {
	for _, l := range c.Lines() {
		if l.ContractID == contract && l.Share == nil && l.Traffic[0].RemainingBytes != nil && len(lines) < n {
			lines = append(lines, l)
		}
	}
	return lines
}

// In a contract without a group the first lines that join make one: reserved now, in it from the 1st on, with the sum
// of their volumes and none of their past.
func TestGroupIsMade(t *testing.T) {
	simulatortest.InEveryStyle(t, func(t *testing.T, c *simulatortest.Client) {
		contract := c.Carrier.Contracts()[1]
		lines := linesAlone(c, contract, 3)
		simulatortest.CheckRefusal(t, c.Do("GET", simulatortest.Base+contract+"/dataShare", ""), 404, false, "The Requested lineGroup is not found.")
		id := reserve(c, "POST", contract+"/dataShare", simulatortest.JoinBody(lines...))
		if id[:8] != "20260320" {
			t.Errorf("number %s", id)
		}
		compareLists(t, c, contract, c.Lines())
		first := time.Date(2026, 4, 1, 0, 0, 0, 0, simulatortest.Tokyo)
		c.Clock(simulator.ClockChange{Now: first.Add(-time.Second)})
		for _, l := range lines {
			if now := c.Truth(l); now.Share.Status != "reserved" || now.Share.ReserveID != id || len(now.Traffic) != 1 {
				t.Errorf("before the 1st: %+v", now.Share)
			}
		}
		c.Clock(simulator.ClockChange{Now: first.Add(8 * time.Hour)})
		var volume, today uint64
		for _, l := range lines {
			now := c.Truth(l)
			compareTraffic(t, c, now)
			volume += *now.Traffic[0].RemainingBytes + now.Traffic[0].MonthBytes
			today += now.Traffic[0].TodayBytes
		}
		group := c.Truth(lines[0]).Traffic[1]
		if group.TodayBytes != today || group.Daily[1].Bytes != 0 || group.MonthBytes != today {
			t.Errorf("the group: today %d, yesterday %v, want %d and none", group.TodayBytes, group.Daily[1], today)
		}
		if sum := *group.RemainingBytes + group.MonthBytes; volume-sum > 4<<20 && sum-volume > 4<<20 {
			t.Errorf("the group has %d, its lines %d", sum, volume)
		}
		compareLists(t, c, contract, c.Lines())
	})
}

// A reservation can be taken back until it is done, that to join and that to leave.
func TestReservationIsCancelled(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	contract := c.Carrier.Contracts()[0]
	joining := linesAlone(c, contract, 3)
	var leaving simulator.LineTruth
	for _, leaving = range c.Lines() {
		if leaving.Share != nil && leaving.Share.Status == "registered" {
			break
		}
	}
	join := reserve(c, "POST", contract+"/dataShare", simulatortest.JoinBody(joining[:2]...))
	leave := reserve(c, "DELETE", contract+"/dataShare/lines/"+leaving.LineNo+"?agreement=yes", "")
	kept := reserve(c, "POST", contract+"/dataShare", simulatortest.JoinBody(joining[2]))
	if now := c.Truth(leaving); now.Share.Status != "removal_reserved" || now.Share.ReserveID != leave || len(now.Traffic) != 2 {
		t.Errorf("leaving: %+v", now.Share)
	}
	c.Clock(simulator.ClockChange{Advance: "1h"})
	for _, id := range []string{join, leave} {
		if back := reserve(c, "DELETE", contract+"/dataShare/reserves/"+id+"?agreement=yes", ""); back != id {
			t.Errorf("took back %s, asked for %s", back, id)
		}
	}
	compareLists(t, c, contract, c.Lines())
	c.Clock(simulator.ClockChange{Now: time.Date(2026, 4, 2, 0, 0, 0, 0, simulatortest.Tokyo)})
	for i, want := range []string{"", "", "registered"} {
		if share := c.Truth(joining[i]).Share; (share != nil) != (want != "") || share != nil && share.Status != want {
			t.Errorf("line %d: %+v, want %q", i, share, want)
		}
	}
	if now := c.Truth(leaving); now.Share.Status != "registered" {
		t.Errorf("it stayed: %+v", now.Share)
	}
	for _, id := range []string{join, leave, kept} { // cancelled or done
		checkRefused(c, "DELETE", contract+"/dataShare/reserves/"+id+"?agreement=yes", "", "0002", "100000035")
	}
	checkRefused(c, "DELETE", contract+"/dataShare/reserves/202603200009999?agreement=yes", "", "0003", "100000034")
	compareLists(t, c, contract, c.Lines())
}

// Those who have reserved since long ago can take it back too, by the number in call 10.
func TestOldReservationIsCancelled(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	for _, l := range c.Lines() {
		if l.Share == nil || l.Share.Status == "registered" {
			continue
		}
		reserve17(c, "DELETE", l.ContractID+"/dataShare/reserves/"+l.Share.ReserveID+"?agreement=yes")
		want := map[string]string{"reserved": "", "removal_reserved": "registered"}[l.Share.Status]
		if now := c.Truth(l).Share; (now != nil) != (want != "") || now != nil && now.Status != want {
			t.Errorf("%s: now %+v, want %q", l.Share.Status, now, want)
		}
	}
}

func reserve17(c *simulatortest.Client, method, path string) {
	c.T.Helper()
	if answer := c.Change(method, path, ""); answer["resultCode"] != "0001" || len(answer["reserveId"].(string)) != 17 {
		c.T.Fatalf("%s %s: %v", method, path, answer)
	}
}

// A member that leaves is gone on the 1st, with its volume; what it used for the group stays the group's.
func TestMemberLeaves(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	contract := c.Carrier.Contracts()[0]
	var l simulator.LineTruth
	for _, l = range c.Lines() {
		if l.Share != nil && l.Share.Status == "registered" && l.Traffic[0].RemainingBytes != nil {
			break
		}
	}
	reserve(c, "DELETE", contract+"/dataShare/lines/"+l.LineNo+"?agreement=yes", "")
	first := time.Date(2026, 4, 1, 0, 0, 0, 0, simulatortest.Tokyo)
	c.Clock(simulator.ClockChange{Now: first.Add(-time.Second)})
	before := groupTraffic(c)
	c.Clock(simulator.ClockChange{Now: first})
	after := groupTraffic(c)
	if c.Truth(l).Share != nil || after.Monthly[1].Bytes-before.MonthBytes > 6*aSecond {
		t.Errorf("share %+v; last month %d, was %d", c.Truth(l).Share, after.Monthly[1].Bytes, before.MonthBytes)
	}
	if *after.RemainingBytes+after.MonthBytes >= *before.RemainingBytes+before.MonthBytes {
		t.Error("the pool did not lose its volume")
	}
	simulatortest.CheckRefusal(t, c.Do("GET", simulatortest.Base+contract+"/lines/"+l.LineNo+"/dataShare/traffic", ""), 404, false, "The Requested lineGroup is not found.")
	compareLists(t, c, contract, c.Lines())
}

func TestGroupRefusals(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	contract, second := c.Carrier.Contracts()[0], c.Carrier.Contracts()[1]
	alone, other := linesAlone(c, contract, 1)[0], linesAlone(c, second, 1)[0]
	var registered, reserved simulator.LineTruth
	for _, l := range c.Lines() {
		if l.Share != nil && l.Share.Status == "registered" {
			registered = l
		} else if l.Share != nil {
			reserved = l
		}
	}
	checkRefused(c, "POST", contract+"/dataShare", simulatortest.JoinBody(registered), "0002", "100000031")
	checkRefused(c, "POST", contract+"/dataShare", simulatortest.JoinBody(alone, alone), "0002", "100000031")
	checkRefused(c, "POST", contract+"/dataShare", simulatortest.JoinBody(other), "0003", "100000033")
	checkRefused(c, "POST", contract+"/dataShare", `{"agreement":"no","linesList":[{"lineNo":"`+alone.LineNo+`"}]}`, "0002", "100000001")
	checkRefused(c, "DELETE", contract+"/dataShare/lines/"+alone.LineNo+"?agreement=yes", "", "0003", "100000032")
	checkRefused(c, "DELETE", contract+"/dataShare/lines/"+reserved.LineNo+"?agreement=yes", "", "0002", "100000036")
	simulatortest.CheckRefusal(t, c.Do("DELETE", simulatortest.Base+second+"/dataShare/lines/"+other.LineNo+"?agreement=yes", ""), 404, false, "The Requested lineGroup is not found.")
	if c.Truth(alone).Share != nil || c.Truth(other).Share != nil {
		t.Error("a refused line joined")
	}
}

// A disconnect ends the session at once: in call 26, in the log, and for good.
func TestDisconnect(t *testing.T) {
	simulatortest.InEveryStyle(t, func(t *testing.T, c *simulatortest.Client) {
		n := 0
		for _, l := range c.Lines() {
			if l.Session == nil {
				simulatortest.CheckRefusal(t, c.Do("DELETE", simulatortest.Base+l.ContractID+"/lines/"+l.LineNo+"/session?agreement=yes", ""), 403, false,
					"The order is not allowed by user RADIUS/MCOP")
				continue
			}
			if l.Session.Connected {
				n++
			}
			disconnect(c, l)
		}
		if n == 0 {
			t.Error("nobody was connected")
		}
		c.Clock(simulator.ClockChange{Advance: "26h"})
		for _, l := range c.Lines() {
			compareLogs(t, c, l)
			compareSession(t, c, l)
			for i := 1; i < len(l.SessionEvents); i++ {
				if l.SessionEvents[i].Event == l.SessionEvents[i-1].Event {
					t.Errorf("line %s: two %s in a row at %s", l.LineNo, l.SessionEvents[i].Event, l.SessionEvents[i].Time)
				}
			}
		}
	})
}

// disconnect ends a line's session, and compares call 26 and the log before and after.
func disconnect(c *simulatortest.Client, l simulator.LineTruth) {
	c.T.Helper()
	answer := c.Change("DELETE", l.ContractID+"/lines/"+l.LineNo+"/session?agreement=yes", "")
	if answer["resultCode"] != "0" || answer["lineNo"] != l.LineNo || answer["contractId"] != l.ContractID {
		c.T.Errorf("call 27: %v", answer)
	}
	now := c.Truth(l)
	if now.Session.Connected {
		c.T.Errorf("line %s is still connected", l.LineNo)
	}
	compareSession(c.T, c, now)
	events := now.SessionEvents
	if want := len(l.SessionEvents); l.Session.Connected {
		if last := events[len(events)-1]; len(events) != want+1 || last.Event != "stop" || !last.Time.Equal(c.Carrier.Now()) {
			c.T.Errorf("line %s: %d events, the last %+v", l.LineNo, len(events), last)
		}
	} else if len(events) != want {
		c.T.Errorf("line %s was not connected, but has %d events more", l.LineNo, len(events)-want)
	}
}

// A session that a test began can be ended as well.
func TestDisconnectInjected(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	l := pickLine(c)
	c.Clock(simulator.ClockChange{Advance: "1s"})
	now := c.Carrier.Now()
	c.Inject(simulator.Event{Log: "session_events", Contract: l.ContractID, Line: l.LineNo, Count: 1, From: now, To: now, SessionType: "roaming"})
	c.Clock(simulator.ClockChange{Advance: "5s"})
	disconnect(c, c.Truth(l))
	if got := c.Truth(l).Session; got.SessionType != "roaming" {
		t.Errorf("%+v", got)
	}
}
