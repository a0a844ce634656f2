package simulator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kaisen/internal/simulator"
)

// aSecond is more than a line uses in the last second of a day.
const aSecond = 1 << 16

func listedLine(c *client, contract, no string) map[string]any {
	c.t.Helper()
	for _, row := range rows(c.t, c.get(contract+"/lines"), "linesList") {
		if row["lineNo"] == no {
			return row
		}
	}
	return nil
}

// A line that was ordered is there from its day on, with what was ordered, in every call.
func TestAddedLine(t *testing.T) {
	inEveryStyle(t, func(t *testing.T, c *client) {
		contract := c.carrier.Contracts()[0]
		known := map[string]bool{}
		for _, l := range c.lines() {
			known[l.LineNo] = true
		}
		c.order("POST", contract+"/lines", deliveryBody("20260410", lineBody("T3001326", "T2000537", "1")))
		opens := time.Date(2026, 4, 10, 0, 0, 0, 0, tokyo)
		c.clock(simulator.ClockChange{Now: opens.Add(-time.Second)})
		if len(c.lines()) != len(known) || len(rows(t, c.get(contract+"/lines"), "linesList")) != len(known)/2 {
			t.Error("the line is there before its day")
		}
		c.clock(simulator.ClockChange{Now: opens})
		l := addedLine(t, c, known)
		if row := listedLine(c, contract, l.LineNo); row["planCode"] != "T3001326" || row["startDate"] != "20260410" || row["accessType"] != "1" ||
			row["authenticationId"] != "nttcom" || row["sbyIpAddress"] != "192.168.1.2" || fmt.Sprint(row["optionCodeList"]) != "[T6000036]" ||
			row["deviceName"] != "UNO SIM 3G SIM" || row["simType"] != "標準SIM" || row["note"] != nil {
			t.Errorf("row %v", row)
		}
		for _, at := range []time.Time{opens, opens.Add(30 * time.Hour), opens.AddDate(0, 1, 0)} {
			c.clock(simulator.ClockChange{Now: at})
			now := c.truth(l)
			compareTraffic(t, c, now)
			compareSession(t, c, now)
			compareLogs(t, c, now)
			for _, r := range append(now.Authentications, now.SessionEvents...) {
				if r.Time.Before(opens) {
					t.Errorf("a log row of %s", r.Time)
				}
			}
		}
		if total := c.truth(l).Traffic[0].Monthly[1].Bytes; total == 0 {
			t.Error("the line used nothing in its first month")
		}
		c.clock(simulator.ClockChange{Now: opens.Add(-time.Second)})
		checkRefusal(t, c.do("GET", base+contract+"/lines/"+l.LineNo+"/traffic", ""), 404, false, "The requested lineNo is not found")
	})
}

func addedLine(t *testing.T, c *client, known map[string]bool) simulator.LineTruth {
	t.Helper()
	for _, l := range c.lines() {
		if !known[l.LineNo] {
			return l
		}
	}
	t.Fatal("no new line")
	return simulator.LineTruth{}
}

// A line that is removed answers 404 from its day on, is not listed, and leaves the group. What was before stays.
func TestRemovedLine(t *testing.T) {
	c := newClient(t, frozen(noon()))
	var l simulator.LineTruth
	for _, l = range c.lines() {
		if l.Share != nil && l.Share.Status == "registered" && l.Session != nil {
			break
		}
	}
	c.order("DELETE", l.ContractID+"/lines/"+l.LineNo+"?requestDate=20260402&agreement=yes", "")
	ends := time.Date(2026, 4, 2, 0, 0, 0, 0, tokyo)
	c.clock(simulator.ClockChange{Now: ends.Add(-time.Second)})
	if last := c.truth(l); !last.Exists || !last.Listed || last.Share == nil {
		t.Errorf("the day before: %+v", last.Share)
	}
	group := c.group()
	c.clock(simulator.ClockChange{Now: ends})
	for _, call := range []string{"/traffic", "/session", "/dataShare/traffic"} {
		checkRefusal(t, c.do("GET", base+l.ContractID+"/lines/"+l.LineNo+call, ""), 404, false, "The requested lineNo is not found")
	}
	if now := c.truth(l); now.Exists || now.Listed || now.Share != nil || listedLine(c, l.ContractID, l.LineNo) != nil {
		t.Errorf("there %v, listed %v, share %v", now.Exists, now.Listed, now.Share)
	}
	if now := c.group(); now.Daily[1].Bytes-group.TodayBytes > 6*aSecond {
		t.Errorf("the group's yesterday lost the line: %d, was %d", now.Daily[1].Bytes, group.TodayBytes)
	}
	c.clock(simulator.ClockChange{Now: ends.AddDate(0, 0, 20)})
	for _, r := range c.truth(l).SessionEvents {
		if r.Time.After(ends) {
			t.Errorf("a session event at %s", r.Time)
		}
	}
	for _, row := range c.all("sessions", ends.Add(time.Second), c.carrier.Now(), false) {
		if row["lineNo"] == l.LineNo {
			t.Errorf("a row of the log after its end: %v", row)
		}
	}
}

// A course changes on the 1st, and with it the volume that there is to use; what was used before does not change.
func TestChangedCourse(t *testing.T) {
	c := newClient(t, frozen(noon()))
	l := c.capped()
	plan, other := "T3001328", "T3000001"
	if l.PlanCode == plan {
		plan, other = other, plan
	}
	c.order("PUT", l.ContractID+"/lines/"+l.LineNo+"/courses", courseBody(plan, "20260401"))
	first := time.Date(2026, 4, 1, 0, 0, 0, 0, tokyo)
	c.clock(simulator.ClockChange{Now: first.Add(-time.Second)})
	before := c.truth(l)
	if before.PlanCode != l.PlanCode || listedLine(c, l.ContractID, l.LineNo)["planCode"] != l.PlanCode {
		t.Errorf("plan %s before the 1st", before.PlanCode)
	}
	compareTraffic(t, c, before)
	c.clock(simulator.ClockChange{Now: first})
	now := c.truth(l)
	if now.PlanCode != plan || listedLine(c, l.ContractID, l.LineNo)["planCode"] != plan || now.Traffic[0].Monthly[1].Bytes-before.Traffic[0].MonthBytes > aSecond {
		t.Errorf("plan %s, last month %d, was %d", now.PlanCode, now.Traffic[0].Monthly[1].Bytes, before.Traffic[0].MonthBytes)
	}
	volumes := map[string]uint64{"T3000001": 1 << 30, "T3001328": 20 << 30}
	for _, code := range now.OptionCodes {
		if code == "T6000084" {
			volumes[plan] += 1 << 30
		}
	}
	if left := *now.Traffic[0].RemainingBytes; left > volumes[plan] || left < volumes[plan]-(1<<24) {
		t.Errorf("%d left of %d in the first second", left, volumes[plan])
	}
	for _, at := range []time.Time{first, first.AddDate(0, 0, 20)} {
		c.clock(simulator.ClockChange{Now: at})
		compareTraffic(t, c, c.truth(l))
	}
}

// The zero course may be had on any day until the end of next month; then nothing remains and nothing is restricted.
func TestZeroCourse(t *testing.T) {
	c := newClient(t, frozen(noon()))
	l := c.capped()
	c.order("PUT", l.ContractID+"/lines/"+l.LineNo+"/courses", courseBody("T3000010", "20260415"))
	day := time.Date(2026, 4, 15, 0, 0, 0, 0, tokyo)
	c.clock(simulator.ClockChange{Now: day.Add(-time.Second)})
	yesterday := c.truth(l)
	compareTraffic(t, c, yesterday)
	c.clock(simulator.ClockChange{Now: day})
	now := c.truth(l)
	if now.PlanCode != "T3000010" || now.Traffic[0].RemainingBytes != nil || now.Traffic[0].Daily[1].Bytes-yesterday.Traffic[0].TodayBytes > aSecond {
		t.Errorf("plan %s, remaining %v, yesterday %d → %d", now.PlanCode, now.Traffic[0].RemainingBytes,
			yesterday.Traffic[0].TodayBytes, now.Traffic[0].Daily[1].Bytes)
	}
	compareTraffic(t, c, now)
}

// What changes at once does so with the order's last step, and is in call 02, in every style.
func TestChangesAtOnce(t *testing.T) {
	tests := []struct {
		name, path, body string
		want             map[string]any
	}{
		{"addresses", "/ipAddresses", `{"agreement":"yes","lineInfo":{"actIpAddress":" 192.168.7.1","roamingIpAddress":"192.168.7.3"}}`,
			map[string]any{"actIpAddress": "192.168.7.1", "roamingIpAddress": "192.168.7.3"}},
		{"IMEI", "/imei", `{"agreement":"yes","lineInfo":{"imei":"863401011006836","imeiOption":"2"}}`,
			map[string]any{"imei": "863401011006836", "imeiOption": "2"}},
		{"ID alone again", "/imei", `{"agreement":"yes","lineInfo":{"imei":"P0000001","imeiOption":"1"}}`,
			map[string]any{"imei": "P0000001", "imeiOption": "1"}},
		{"access", "/accessTypes", `{"agreement":"yes","lineInfo":{"accessCode":"1","actIpAddress":"192.168.8.1","sbyIpAddress":"192.168.8.2"}}`,
			map[string]any{"accessType": "1", "actIpAddress": "192.168.8.1", "sbyIpAddress": "192.168.8.2"}},
		{"access by its new name", "/accessTypes", `{"agreement":"yes","lineInfo":{"accessType":"2"}}`, map[string]any{"accessType": "2"}},
		{"authentication", "/radiusAuth", `{"agreement":"yes","lineInfo":{"authenticationId":"nttcom","authenticationPassword":"＊＊＊＊＊"}}`,
			map[string]any{"authenticationId": "nttcom"}},
		{"password alone", "/radiusAuth", `{"agreement":"yes","lineInfo":{"authenticationPassword":"secret9"}}`, nil},
	}
	for _, style := range styles() {
		cfg := frozen(noon())
		cfg.Style = style
		c := newClient(t, cfg)
		l := c.pick()
		for _, test := range tests {
			t.Run(string(style)+" "+test.name, func(t *testing.T) {
				before := listedLine(c, l.ContractID, l.LineNo)
				id := c.order("PUT", l.ContractID+"/lines/"+l.LineNo+test.path, test.body)
				c.clock(simulator.ClockChange{Advance: "1m59s"})
				if got := listedLine(c, l.ContractID, l.LineNo); fmt.Sprint(got) != fmt.Sprint(before) {
					t.Errorf("too early: %v", got)
				}
				c.clock(simulator.ClockChange{Advance: "1s"})
				for key, value := range test.want {
					before[key] = value
				}
				if got := listedLine(c, l.ContractID, l.LineNo); fmt.Sprint(got) != fmt.Sprint(before) {
					t.Errorf("row %v,\nwant %v", got, before)
				}
				if status, _ := c.status(l.ContractID, id); status != "03" {
					t.Errorf("status %s", status)
				}
			})
		}
		compareLists(t, c, l.ContractID, c.lines())
	}
}

// Logs are searched by the ID that a line has now; its old one is free for another line.
func TestChangedAuthentication(t *testing.T) {
	c := newClient(t, frozen(noon()))
	l := c.pick()
	c.order("PUT", l.ContractID+"/lines/"+l.LineNo+"/radiusAuth", `{"agreement":"yes","lineInfo":{"authenticationId":"fresh@ntt-com001"}}`)
	c.clock(simulator.ClockChange{Advance: "2m"})
	compareLogs(t, c, c.truth(l))
	old := fmt.Sprintf("%s/sessions?startTime=%s&endTime=%s&authSearchKey=%s@ntt-com001", l.ContractID,
		stamp(noon().AddDate(0, 0, -29)), stamp(noon()), l.AuthenticationID)
	if got := rows(t, c.get(old), "searchList"); len(got) != 0 {
		t.Errorf("%d rows by the old ID", len(got))
	}
	var other simulator.LineTruth
	for _, other = range c.lines() {
		if other.LineNo != l.LineNo && other.ContractID == l.ContractID && other.Session != nil {
			break
		}
	}
	id := c.order("PUT", l.ContractID+"/lines/"+other.LineNo+"/radiusAuth", `{"agreement":"yes","lineInfo":{"authenticationId":"`+l.AuthenticationID+`"}}`)
	c.clock(simulator.ClockChange{Advance: "2m"})
	if status, _ := c.status(l.ContractID, id); status != "03" || c.truth(other).AuthenticationID != l.AuthenticationID {
		t.Errorf("status %s, ID %s", status, c.truth(other).AuthenticationID)
	}
	compareLogs(t, c, c.truth(other))
}

// A cap on roaming charges is set, replaced and taken away; without one a line cannot lose it.
func TestRoaming(t *testing.T) {
	c := newClient(t, frozen(noon()))
	var l simulator.LineTruth
	for _, l = range c.lines() {
		if !slices.ContainsFunc(l.OptionCodes, isCap) && slices.Contains(l.OptionCodes, "T6000084") && l.Session != nil {
			break
		}
	}
	at := l.ContractID + "/lines/" + l.LineNo + "/roaming"
	checkRefusal(t, c.do("DELETE", base+at+"?agreement=yes", ""), 404, false, "The roaming-option is not found.")
	for _, step := range []struct {
		method, query, body string
		want                []string
	}{
		{"PUT", "", `{"agreement":"yes","lineInfo":{"roamingCode":"T6000036"}}`, []string{"T6000036"}},
		{"POST", "", `{"agreement":"yes","lineInfo":{"roamingCode":"T6000047"}}`, []string{"T6000047"}},
		{"DELETE", "?agreement=yes", "", nil},
		{"PUT", "", `{"agreement":"yes","lineInfo":{"roamingCode":"T6000040"}}`, []string{"T6000040"}},
		{"PUT", "", `{"agreement":"yes","lineInfo":{"roamingCode":""}}`, nil},
	} {
		c.order(step.method, at+step.query, step.body)
		c.clock(simulator.ClockChange{Advance: "2m"})
		now := c.truth(l)
		if want := append(step.want, l.OptionCodes...); !slices.Equal(now.OptionCodes, want) {
			t.Errorf("%s: options %v, want %v", step.method, now.OptionCodes, want)
		}
		if row := listedLine(c, l.ContractID, l.LineNo); strings.Trim(fmt.Sprint(row["optionCodeList"]), "[]") != strings.Join(now.OptionCodes, " ") {
			t.Errorf("call 02: %v", row["optionCodeList"])
		}
		compareTraffic(t, c, now)
	}
}

func isCap(code string) bool { return code >= "T6000036" && code <= "T6000047" }
