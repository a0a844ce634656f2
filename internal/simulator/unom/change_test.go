package unom_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kaisen/internal/simulator"
	"kaisen/internal/simulator/simulatortest"
)

// aSecond is more than a line uses in the last second of a day.
const aSecond = 1 << 16

func listedLine(c *simulatortest.Client, contract, no string) map[string]any {
	c.T.Helper()
	for _, row := range simulatortest.Rows(c.T, c.Get(contract+"/lines"), "linesList") {
		if row["lineNo"] == no {
			return row
		}
	}
	return nil
}

// A line that was ordered is there from its day on, with what was ordered, in every call.
func TestAddedLine(t *testing.T) {
	simulatortest.InEveryStyle(t, func(t *testing.T, c *simulatortest.Client) {
		contract := c.Carrier.Contracts()[0]
		known := map[string]bool{}
		for _, l := range c.Lines() {
			known[l.LineNo] = true
		}
		c.Order("POST", contract+"/lines", simulatortest.DeliveryBody("20260410", simulatortest.LineBody("T3001326", "T2000537", "1")))
		opens := time.Date(2026, 4, 10, 0, 0, 0, 0, simulatortest.Tokyo)
		c.Clock(simulator.ClockChange{Now: opens.Add(-time.Second)})
		if len(c.Lines()) != len(known) || len(simulatortest.Rows(t, c.Get(contract+"/lines"), "linesList")) != len(known)/2 {
			t.Error("the line is there before its day")
		}
		c.Clock(simulator.ClockChange{Now: opens})
		l := addedLine(t, c, known)
		if row := listedLine(c, contract, l.LineNo); row["planCode"] != "T3001326" || row["startDate"] != "20260410" || row["accessType"] != "1" ||
			row["authenticationId"] != "nttcom" || row["sbyIpAddress"] != "192.168.1.2" || fmt.Sprint(row["optionCodeList"]) != "[T6000036]" ||
			row["deviceName"] != "UNO SIM 3G SIM" || row["simType"] != "標準SIM" || row["note"] != nil {
			t.Errorf("row %v", row)
		}
		for _, at := range []time.Time{opens, opens.Add(30 * time.Hour), opens.AddDate(0, 1, 0)} {
			c.Clock(simulator.ClockChange{Now: at})
			now := c.Truth(l)
			compareTraffic(t, c, now)
			compareSession(t, c, now)
			compareLogs(t, c, now)
			for _, r := range append(now.Authentications, now.SessionEvents...) {
				if r.Time.Before(opens) {
					t.Errorf("a log row of %s", r.Time)
				}
			}
		}
		if total := c.Truth(l).Traffic[0].Monthly[1].Bytes; total == 0 {
			t.Error("the line used nothing in its first month")
		}
		c.Clock(simulator.ClockChange{Now: opens.Add(-time.Second)})
		simulatortest.CheckRefusal(t, c.Do("GET", simulatortest.Base+contract+"/lines/"+l.LineNo+"/traffic", ""), 404, false, "The requested lineNo is not found")
	})
}

func addedLine(t *testing.T, c *simulatortest.Client, known map[string]bool) simulator.LineTruth {
	t.Helper()
	for _, l := range c.Lines() {
		if !known[l.LineNo] {
			return l
		}
	}
	t.Fatal("no new line")
	return simulator.LineTruth{}
}

// A line that is removed answers 404 from its day on, is not listed, and leaves the group. What was before stays.
func TestRemovedLine(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	var l simulator.LineTruth
	for _, l = range c.Lines() {
		if l.Share != nil && l.Share.Status == "registered" && l.Session != nil {
			break
		}
	}
	c.Order("DELETE", l.ContractID+"/lines/"+l.LineNo+"?requestDate=20260402&agreement=yes", "")
	ends := time.Date(2026, 4, 2, 0, 0, 0, 0, simulatortest.Tokyo)
	c.Clock(simulator.ClockChange{Now: ends.Add(-time.Second)})
	if last := c.Truth(l); !last.Exists || !last.Listed || last.Share == nil {
		t.Errorf("the day before: %+v", last.Share)
	}
	group := groupTraffic(c)
	c.Clock(simulator.ClockChange{Now: ends})
	for _, call := range []string{"/traffic", "/session", "/dataShare/traffic"} {
		simulatortest.CheckRefusal(t, c.Do("GET", simulatortest.Base+l.ContractID+"/lines/"+l.LineNo+call, ""), 404, false, "The requested lineNo is not found")
	}
	if now := c.Truth(l); now.Exists || now.Listed || now.Share != nil || listedLine(c, l.ContractID, l.LineNo) != nil {
		t.Errorf("there %v, listed %v, share %v", now.Exists, now.Listed, now.Share)
	}
	if now := groupTraffic(c); now.Daily[1].Bytes-group.TodayBytes > 6*aSecond {
		t.Errorf("the group's yesterday lost the line: %d, was %d", now.Daily[1].Bytes, group.TodayBytes)
	}
	c.Clock(simulator.ClockChange{Now: ends.AddDate(0, 0, 20)})
	for _, r := range c.Truth(l).SessionEvents {
		if r.Time.After(ends) {
			t.Errorf("a session event at %s", r.Time)
		}
	}
	for _, row := range allRows(c, "sessions", ends.Add(time.Second), c.Carrier.Now(), false) {
		if row["lineNo"] == l.LineNo {
			t.Errorf("a row of the log after its end: %v", row)
		}
	}
}

// A course changes on the 1st, and with it the volume that there is to use; what was used before does not change.
func TestChangedCourse(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	l := c.Capped()
	plan, other := "T3001328", "T3000001"
	if l.PlanCode == plan {
		plan, other = other, plan
	}
	c.Order("PUT", l.ContractID+"/lines/"+l.LineNo+"/courses", simulatortest.CourseBody(plan, "20260401"))
	first := time.Date(2026, 4, 1, 0, 0, 0, 0, simulatortest.Tokyo)
	c.Clock(simulator.ClockChange{Now: first.Add(-time.Second)})
	before := c.Truth(l)
	if before.PlanCode != l.PlanCode || listedLine(c, l.ContractID, l.LineNo)["planCode"] != l.PlanCode {
		t.Errorf("plan %s before the 1st", before.PlanCode)
	}
	compareTraffic(t, c, before)
	c.Clock(simulator.ClockChange{Now: first})
	now := c.Truth(l)
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
		c.Clock(simulator.ClockChange{Now: at})
		compareTraffic(t, c, c.Truth(l))
	}
}

// The zero course may be had on any day until the end of next month; then nothing remains and nothing is restricted.
func TestZeroCourse(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	l := c.Capped()
	c.Order("PUT", l.ContractID+"/lines/"+l.LineNo+"/courses", simulatortest.CourseBody("T3000010", "20260415"))
	day := time.Date(2026, 4, 15, 0, 0, 0, 0, simulatortest.Tokyo)
	c.Clock(simulator.ClockChange{Now: day.Add(-time.Second)})
	yesterday := c.Truth(l)
	compareTraffic(t, c, yesterday)
	c.Clock(simulator.ClockChange{Now: day})
	now := c.Truth(l)
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
	for _, style := range simulatortest.Styles() {
		cfg := simulatortest.Frozen(simulatortest.Noon())
		cfg.Style = style
		c := simulatortest.NewClient(t, cfg)
		l := pickLine(c)
		for _, test := range tests {
			t.Run(string(style)+" "+test.name, func(t *testing.T) {
				before := listedLine(c, l.ContractID, l.LineNo)
				id := c.Order("PUT", l.ContractID+"/lines/"+l.LineNo+test.path, test.body)
				c.Clock(simulator.ClockChange{Advance: "1m59s"})
				if got := listedLine(c, l.ContractID, l.LineNo); fmt.Sprint(got) != fmt.Sprint(before) {
					t.Errorf("too early: %v", got)
				}
				c.Clock(simulator.ClockChange{Advance: "1s"})
				for key, value := range test.want {
					before[key] = value
				}
				if got := listedLine(c, l.ContractID, l.LineNo); fmt.Sprint(got) != fmt.Sprint(before) {
					t.Errorf("row %v,\nwant %v", got, before)
				}
				if status, _ := c.Status(l.ContractID, id); status != "03" {
					t.Errorf("status %s", status)
				}
			})
		}
		compareLists(t, c, l.ContractID, c.Lines())
	}
}

// Logs are searched by the ID that a line has now; its old one is free for another line.
func TestChangedAuthentication(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	l := pickLine(c)
	c.Order("PUT", l.ContractID+"/lines/"+l.LineNo+"/radiusAuth", `{"agreement":"yes","lineInfo":{"authenticationId":"fresh@ntt-com001"}}`)
	c.Clock(simulator.ClockChange{Advance: "2m"})
	compareLogs(t, c, c.Truth(l))
	old := fmt.Sprintf("%s/sessions?startTime=%s&endTime=%s&authSearchKey=%s@ntt-com001", l.ContractID,
		simulatortest.Stamp(simulatortest.Noon().AddDate(0, 0, -29)), simulatortest.Stamp(simulatortest.Noon()), l.AuthenticationID)
	if got := simulatortest.Rows(t, c.Get(old), "searchList"); len(got) != 0 {
		t.Errorf("%d rows by the old ID", len(got))
	}
	var other simulator.LineTruth
	for _, other = range c.Lines() {
		if other.LineNo != l.LineNo && other.ContractID == l.ContractID && other.Session != nil {
			break
		}
	}
	id := c.Order("PUT", l.ContractID+"/lines/"+other.LineNo+"/radiusAuth", `{"agreement":"yes","lineInfo":{"authenticationId":"`+l.AuthenticationID+`"}}`)
	c.Clock(simulator.ClockChange{Advance: "2m"})
	if status, _ := c.Status(l.ContractID, id); status != "03" || c.Truth(other).AuthenticationID != l.AuthenticationID {
		t.Errorf("status %s, ID %s", status, c.Truth(other).AuthenticationID)
	}
	compareLogs(t, c, c.Truth(other))
}

// A cap on roaming charges is set, replaced and taken away; without one a line cannot lose it.
func TestRoaming(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	var l simulator.LineTruth
	for _, l = range c.Lines() {
		if !slices.ContainsFunc(l.OptionCodes, isCap) && slices.Contains(l.OptionCodes, "T6000084") && l.Session != nil {
			break
		}
	}
	at := l.ContractID + "/lines/" + l.LineNo + "/roaming"
	simulatortest.CheckRefusal(t, c.Do("DELETE", simulatortest.Base+at+"?agreement=yes", ""), 404, false, "The roaming-option is not found.")
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
		c.Order(step.method, at+step.query, step.body)
		c.Clock(simulator.ClockChange{Advance: "2m"})
		now := c.Truth(l)
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
