package simulator_test

import (
	"fmt"
	"testing"
	"time"

	"kaisen/internal/simulator"
)

// reserve sends call 22 or 23, which must be taken, and returns the reservation's number.
func (c *client) reserve(method, path, body string) string {
	c.t.Helper()
	answer := c.change(method, path, body)
	id, _ := answer["reserveId"].(string)
	if answer["resultCode"] != "0001" || len(id) != 15 || answer["referenceErrorInfo"] != nil {
		c.t.Fatalf("%s %s: %v", method, path, answer)
	}
	return id
}

// refuses compares what a change of the group is refused with.
func (c *client) refuses(method, path, body, result, message string) {
	c.t.Helper()
	answer := c.change(method, path, body)
	info, _ := answer["referenceErrorInfo"].(map[string]any)
	if answer["resultCode"] != result || answer["reserveId"] != nil || info["messageId"] != message {
		c.t.Errorf("%s %s: %v, want %s, %s", method, path, answer, result, message)
	}
}

func joinBody(lines ...simulator.LineTruth) string {
	list := ""
	for i, l := range lines {
		if i > 0 {
			list += ","
		}
		list += fmt.Sprintf(`{"lineNo":%q}`, l.LineNo)
	}
	return `{"agreement":"yes","linesList":[` + list + `]}`
}

// alone are lines of a contract that are in no group.
func (c *client) alone(contract string, n int) (lines []simulator.LineTruth) {
	for _, l := range c.lines() {
		if l.ContractID == contract && l.Share == nil && l.Traffic[0].RemainingBytes != nil && len(lines) < n {
			lines = append(lines, l)
		}
	}
	return lines
}

// In a contract without a group the first lines that join make one: reserved now, in it from the 1st on, with the sum
// of their volumes and none of their past.
func TestGroupIsMade(t *testing.T) {
	inEveryStyle(t, func(t *testing.T, c *client) {
		contract := c.carrier.Contracts()[1]
		lines := c.alone(contract, 3)
		checkRefusal(t, c.do("GET", base+contract+"/dataShare", ""), 404, false, "The Requested lineGroup is not found.")
		id := c.reserve("POST", contract+"/dataShare", joinBody(lines...))
		if id[:8] != "20260320" {
			t.Errorf("number %s", id)
		}
		compareLists(t, c, contract, c.lines())
		first := time.Date(2026, 4, 1, 0, 0, 0, 0, tokyo)
		c.clock(simulator.ClockChange{Now: first.Add(-time.Second)})
		for _, l := range lines {
			if now := c.truth(l); now.Share.Status != "reserved" || now.Share.ReserveID != id || len(now.Traffic) != 1 {
				t.Errorf("before the 1st: %+v", now.Share)
			}
		}
		c.clock(simulator.ClockChange{Now: first.Add(8 * time.Hour)})
		var volume, today uint64
		for _, l := range lines {
			now := c.truth(l)
			compareTraffic(t, c, now)
			volume += *now.Traffic[0].RemainingBytes + now.Traffic[0].MonthBytes
			today += now.Traffic[0].TodayBytes
		}
		group := c.truth(lines[0]).Traffic[1]
		if group.TodayBytes != today || group.Daily[1].Bytes != 0 || group.MonthBytes != today {
			t.Errorf("the group: today %d, yesterday %v, want %d and none", group.TodayBytes, group.Daily[1], today)
		}
		if sum := *group.RemainingBytes + group.MonthBytes; volume-sum > 4<<20 && sum-volume > 4<<20 {
			t.Errorf("the group has %d, its lines %d", sum, volume)
		}
		compareLists(t, c, contract, c.lines())
	})
}

// A reservation can be taken back until it is done, that to join and that to leave.
func TestReservationIsCancelled(t *testing.T) {
	c := newClient(t, frozen(noon()))
	contract := c.carrier.Contracts()[0]
	joining := c.alone(contract, 3)
	var leaving simulator.LineTruth
	for _, leaving = range c.lines() {
		if leaving.Share != nil && leaving.Share.Status == "registered" {
			break
		}
	}
	join := c.reserve("POST", contract+"/dataShare", joinBody(joining[:2]...))
	leave := c.reserve("DELETE", contract+"/dataShare/lines/"+leaving.LineNo+"?agreement=yes", "")
	kept := c.reserve("POST", contract+"/dataShare", joinBody(joining[2]))
	if now := c.truth(leaving); now.Share.Status != "removal_reserved" || now.Share.ReserveID != leave || len(now.Traffic) != 2 {
		t.Errorf("leaving: %+v", now.Share)
	}
	c.clock(simulator.ClockChange{Advance: "1h"})
	for _, id := range []string{join, leave} {
		if back := c.reserve("DELETE", contract+"/dataShare/reserves/"+id+"?agreement=yes", ""); back != id {
			t.Errorf("took back %s, asked for %s", back, id)
		}
	}
	compareLists(t, c, contract, c.lines())
	c.clock(simulator.ClockChange{Now: time.Date(2026, 4, 2, 0, 0, 0, 0, tokyo)})
	for i, want := range []string{"", "", "registered"} {
		if share := c.truth(joining[i]).Share; (share != nil) != (want != "") || share != nil && share.Status != want {
			t.Errorf("line %d: %+v, want %q", i, share, want)
		}
	}
	if now := c.truth(leaving); now.Share.Status != "registered" {
		t.Errorf("it stayed: %+v", now.Share)
	}
	for _, id := range []string{join, leave, kept} { // cancelled or done
		c.refuses("DELETE", contract+"/dataShare/reserves/"+id+"?agreement=yes", "", "0002", "100000035")
	}
	c.refuses("DELETE", contract+"/dataShare/reserves/202603200009999?agreement=yes", "", "0003", "100000034")
	compareLists(t, c, contract, c.lines())
}

// Those who have reserved since long ago can take it back too, by the number that call 10 tells.
func TestOldReservationIsCancelled(t *testing.T) {
	c := newClient(t, frozen(noon()))
	for _, l := range c.lines() {
		if l.Share == nil || l.Share.Status == "registered" {
			continue
		}
		c.reserve17("DELETE", l.ContractID+"/dataShare/reserves/"+l.Share.ReserveID+"?agreement=yes")
		want := map[string]string{"reserved": "", "removal_reserved": "registered"}[l.Share.Status]
		if now := c.truth(l).Share; (now != nil) != (want != "") || now != nil && now.Status != want {
			t.Errorf("%s: now %+v, want %q", l.Share.Status, now, want)
		}
	}
}

func (c *client) reserve17(method, path string) {
	c.t.Helper()
	if answer := c.change(method, path, ""); answer["resultCode"] != "0001" || len(answer["reserveId"].(string)) != 17 {
		c.t.Fatalf("%s %s: %v", method, path, answer)
	}
}

// A member that leaves is gone on the 1st, with its volume; what it used for the group stays the group's.
func TestMemberLeaves(t *testing.T) {
	c := newClient(t, frozen(noon()))
	contract := c.carrier.Contracts()[0]
	var l simulator.LineTruth
	for _, l = range c.lines() {
		if l.Share != nil && l.Share.Status == "registered" && l.Traffic[0].RemainingBytes != nil {
			break
		}
	}
	c.reserve("DELETE", contract+"/dataShare/lines/"+l.LineNo+"?agreement=yes", "")
	first := time.Date(2026, 4, 1, 0, 0, 0, 0, tokyo)
	c.clock(simulator.ClockChange{Now: first.Add(-time.Second)})
	before := c.group()
	c.clock(simulator.ClockChange{Now: first})
	after := c.group()
	if c.truth(l).Share != nil || after.Monthly[1].Bytes-before.MonthBytes > 6*aSecond {
		t.Errorf("share %+v; last month %d, was %d", c.truth(l).Share, after.Monthly[1].Bytes, before.MonthBytes)
	}
	if *after.RemainingBytes+after.MonthBytes >= *before.RemainingBytes+before.MonthBytes {
		t.Error("the pool did not lose its volume")
	}
	checkRefusal(t, c.do("GET", base+contract+"/lines/"+l.LineNo+"/dataShare/traffic", ""), 404, false, "The Requested lineGroup is not found.")
	compareLists(t, c, contract, c.lines())
}

func TestGroupRefusals(t *testing.T) {
	c := newClient(t, frozen(noon()))
	contract, second := c.carrier.Contracts()[0], c.carrier.Contracts()[1]
	alone, other := c.alone(contract, 1)[0], c.alone(second, 1)[0]
	var registered, reserved simulator.LineTruth
	for _, l := range c.lines() {
		if l.Share != nil && l.Share.Status == "registered" {
			registered = l
		} else if l.Share != nil {
			reserved = l
		}
	}
	c.refuses("POST", contract+"/dataShare", joinBody(registered), "0002", "100000031")
	c.refuses("POST", contract+"/dataShare", joinBody(alone, alone), "0002", "100000031")
	c.refuses("POST", contract+"/dataShare", joinBody(other), "0003", "100000033")
	c.refuses("POST", contract+"/dataShare", `{"agreement":"no","linesList":[{"lineNo":"`+alone.LineNo+`"}]}`, "0002", "100000001")
	c.refuses("DELETE", contract+"/dataShare/lines/"+alone.LineNo+"?agreement=yes", "", "0003", "100000032")
	c.refuses("DELETE", contract+"/dataShare/lines/"+reserved.LineNo+"?agreement=yes", "", "0002", "100000036")
	checkRefusal(t, c.do("DELETE", base+second+"/dataShare/lines/"+other.LineNo+"?agreement=yes", ""), 404, false, "The Requested lineGroup is not found.")
	if c.truth(alone).Share != nil || c.truth(other).Share != nil {
		t.Error("a refused line joined")
	}
}

// A disconnect ends the session at once: in call 26, in the log, and for good.
func TestDisconnect(t *testing.T) {
	inEveryStyle(t, func(t *testing.T, c *client) {
		n := 0
		for _, l := range c.lines() {
			if l.Session == nil {
				checkRefusal(t, c.do("DELETE", base+l.ContractID+"/lines/"+l.LineNo+"/session?agreement=yes", ""), 403, false,
					"The order is not allowed by user RADIUS/MCOP")
				continue
			}
			if l.Session.Connected {
				n++
			}
			c.disconnect(l)
		}
		if n == 0 {
			t.Error("nobody was connected")
		}
		c.clock(simulator.ClockChange{Advance: "26h"})
		for _, l := range c.lines() {
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
func (c *client) disconnect(l simulator.LineTruth) {
	c.t.Helper()
	answer := c.change("DELETE", l.ContractID+"/lines/"+l.LineNo+"/session?agreement=yes", "")
	if answer["resultCode"] != "0" || answer["lineNo"] != l.LineNo || answer["contractId"] != l.ContractID {
		c.t.Errorf("call 27: %v", answer)
	}
	now := c.truth(l)
	if now.Session.Connected {
		c.t.Errorf("line %s is still connected", l.LineNo)
	}
	compareSession(c.t, c, now)
	events := now.SessionEvents
	if want := len(l.SessionEvents); l.Session.Connected {
		if last := events[len(events)-1]; len(events) != want+1 || last.Event != "stop" || !last.Time.Equal(c.carrier.Now()) {
			c.t.Errorf("line %s: %d events, the last %+v", l.LineNo, len(events), last)
		}
	} else if len(events) != want {
		c.t.Errorf("line %s was not connected, but has %d events more", l.LineNo, len(events)-want)
	}
}

// A session that a test began can be ended as well.
func TestDisconnectInjected(t *testing.T) {
	c := newClient(t, frozen(noon()))
	l := c.pick()
	c.clock(simulator.ClockChange{Advance: "1s"})
	now := c.carrier.Now()
	c.inject(simulator.Event{Log: "session_events", Contract: l.ContractID, Line: l.LineNo, Count: 1, From: now, To: now, SessionType: "roaming"})
	c.clock(simulator.ClockChange{Advance: "5s"})
	c.disconnect(c.truth(l))
	if got := c.truth(l).Session; got.SessionType != "roaming" {
		t.Errorf("%+v", got)
	}
}
