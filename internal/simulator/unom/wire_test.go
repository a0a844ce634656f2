package unom_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/internal/simulator"
	"kaisen/internal/simulator/simulatortest"
)

// What the wire says must be the truth, in every style, for every call and line, at a quiet time, in the first
// second of a month and at a leap day.
func TestAnswersTellTheTruth(t *testing.T) {
	times := []time.Time{
		simulatortest.Noon(), time.Date(2026, 3, 1, 0, 0, 0, 0, simulatortest.Tokyo), time.Date(2024, 2, 29, 23, 59, 59, 0, simulatortest.Tokyo),
	}
	for _, style := range []simulator.Style{simulator.StyleDocument, simulator.StyleModern, simulator.StyleMixed} {
		for _, at := range times {
			t.Run(fmt.Sprint(style, at.Format(" 2006-01-02 15:04:05")), func(t *testing.T) {
				cfg := simulatortest.Frozen(at)
				cfg.Style, cfg.Lines = style, 24
				c := simulatortest.NewClient(t, cfg)
				lines := c.Lines()
				for _, l := range lines {
					compareTraffic(t, c, l)
					compareSession(t, c, l)
					compareLogs(t, c, l)
				}
				for _, id := range c.Carrier.Contracts() {
					compareLists(t, c, id, lines)
				}
			})
		}
	}
}

func compareTraffic(t *testing.T, c *simulatortest.Client, l simulator.LineTruth) {
	t.Helper()
	for _, want := range l.Traffic {
		path := l.ContractID + "/lines/" + l.LineNo + "/traffic"
		if want.Scope == "data_share" {
			path = l.ContractID + "/lines/" + l.LineNo + "/dataShare/traffic"
		}
		if diff := cmp.Diff(wireOf(l, want), limitTimes(c.Get(path), want)); diff != "" {
			t.Errorf("%s (-truth +wire):\n%s", path, diff)
		}
	}
}

// wireOf is what a traffic answer must say, in the form of read.
func wireOf(l simulator.LineTruth, want simulator.TrafficTruth) map[string]any {
	out := map[string]any{
		"contractId": l.ContractID, "lineNo": l.LineNo,
		"limitStatus2":     strconv.Itoa(int(want.LimitStatus2)),
		"trafficThisMonth": digits(want.MonthBytes), "trafficToday": digits(want.TodayBytes),
		"traffic1monthAgo": digits(want.Monthly[1].Bytes), "traffic2monthAgo": digits(want.Monthly[2].Bytes),
	}
	if want.LimitStatus1 != nil {
		out["limitStatus1"] = strconv.Itoa(int(*want.LimitStatus1))
	}
	addMinute(out, "monthlyLimitStartTime", want.MonthlyLimitStart)
	addMinute(out, "dailyLimitStartTime", want.DailyLimitStart)
	if want.RemainingBytes != nil {
		out["remainedDataVolume"] = digits(*want.RemainingBytes)
	}
	for i := 1; i <= 30; i++ {
		key := fmt.Sprintf("traffic%ddaysAgo", i)
		if i == 1 {
			key = "traffic1dayAgo"
		}
		out[key] = digits(want.Daily[i].Bytes)
	}
	return out
}

func digits(n uint64) string { return strconv.FormatUint(n, 10) }

func addMinute(to map[string]any, key string, at *time.Time) {
	if at != nil {
		to[key] = at.Format("2006/01/02:15:04")
	}
}

// limitTimes brings the three forms of the limits' times into one. The empty one says nothing: what it should be
// is filled in, where it may be empty.
func limitTimes(answer map[string]any, want simulator.TrafficTruth) map[string]any {
	for key, at := range map[string]*time.Time{
		"monthlyLimitStartTime": want.MonthlyLimitStart, "dailyLimitStartTime": want.DailyLimitStart,
	} {
		if text, ok := answer[key].(string); ok {
			answer[key] = strings.TrimSuffix(strings.Replace(text, "T", ":", 1), "+09:00")
		} else {
			addMinute(answer, key, at)
		}
	}
	return answer
}

func compareSession(t *testing.T, c *simulatortest.Client, l simulator.LineTruth) {
	t.Helper()
	path := l.ContractID + "/lines/" + l.LineNo + "/session"
	if l.Session == nil {
		if w := c.Do("GET", simulatortest.Base+path, ""); w.Code != 403 {
			t.Errorf("%s: %d, want 403", path, w.Code)
		}
		return
	}
	want := map[string]any{"contractId": l.ContractID, "lineNo": l.LineNo, "sessionType": "0", "sessionStatus": "0", "resultCode": "0"}
	if l.Session.SessionType == "roaming" {
		want["sessionType"] = "1"
	}
	if l.Session.Connected {
		want["sessionStatus"] = "1"
	}
	if diff := cmp.Diff(want, c.Get(path)); diff != "" {
		t.Errorf("%s (-truth +wire):\n%s", path, diff)
	}
	if n := len(l.SessionEvents); n > 0 && (l.SessionEvents[n-1].Event == "start") != l.Session.Connected {
		t.Errorf("%s: connected %v after event %v", path, l.Session.Connected, l.SessionEvents[n-1])
	}
}

// compareLogs asks for the whole 30 days of a line, which few lines fill 1,000 rows of.
func compareLogs(t *testing.T, c *simulatortest.Client, l simulator.LineTruth) {
	t.Helper()
	now := c.Carrier.Now()
	span := fmt.Sprintf("?startTime=%s&endTime=%s&", simulatortest.Stamp(now.AddDate(0, 0, -30)), simulatortest.Stamp(now.Add(time.Second)))
	for _, key := range []string{"lineNoSearchKey=" + l.LineNo, "authSearchKey=" + l.AuthenticationID + "@" + domain(c, l)} {
		got := simulatortest.Rows(t, c.Get(l.ContractID+"/authentications"+span+key), "resultList")
		if diff := cmp.Diff(wireRows(l.LineNo, l.Authentications), got); diff != "" {
			t.Errorf("authentications of %s (-truth +wire):\n%s", l.LineNo, diff)
		}
		got = simulatortest.Rows(t, c.Get(l.ContractID+"/sessions"+span+key), "searchList")
		if diff := cmp.Diff(wireRows(l.LineNo, l.SessionEvents), got); diff != "" {
			t.Errorf("session events of %s (-truth +wire):\n%s", l.LineNo, diff)
		}
	}
}

func domain(c *simulatortest.Client, l simulator.LineTruth) string {
	return c.Get(l.ContractID)["domainName"].(string)
}

func wireRows(lineNo string, log []simulator.LogTruth) []map[string]any {
	out := make([]map[string]any, len(log))
	for i, r := range log {
		out[i] = map[string]any{"lineNo": lineNo, "sessionTime": simulatortest.Stamp(r.Time), "sessionType": "0"}
		if r.SessionType == "roaming" {
			out[i]["sessionType"] = "1"
		}
		if r.Result != "" {
			out[i]["authenticationResult"] = map[string]string{"ok": "01", "ng": "02"}[r.Result]
		}
		if r.Event != "" {
			out[i]["eventType"] = map[string]string{"start": "01", "stop": "02"}[r.Event]
		}
	}
	return out
}

func compareLists(t *testing.T, c *simulatortest.Client, id string, lines []simulator.LineTruth) {
	t.Helper()
	var want, members []map[string]any
	for _, l := range lines {
		if l.ContractID != id {
			continue
		}
		if l.Listed {
			want = append(want, listRow(l))
		}
		if l.Share != nil {
			code := map[string]string{"reserved": "01", "registered": "02", "removal_reserved": "03"}[l.Share.Status]
			members = append(members, map[string]any{"lineNo": l.LineNo, "status": code, "reserveId": l.Share.ReserveID})
		}
	}
	got := c.Get(id + "/lines")
	if diff := cmp.Diff(want, simulatortest.Rows(t, got, "linesList")); diff != "" || got["contractId"] != id {
		t.Errorf("lines of %s, contractId %v (-truth +wire):\n%s", id, got["contractId"], diff)
	}
	if contract := c.Get(id); contract["contractId"] != id || contract["billingPostalNumber"] == nil {
		t.Errorf("contract %s: %v", id, contract)
	}
	if members == nil {
		if w := c.Do("GET", simulatortest.Base+id+"/dataShare", ""); w.Code != 404 {
			t.Errorf("dataShare of %s: %d, want 404", id, w.Code)
		}
		return
	}
	wire := simulatortest.Rows(t, c.Get(id+"/dataShare"), "linesList")
	for _, list := range [][]map[string]any{members, wire} { // who joined last is last in the carrier's list
		slices.SortFunc(list, func(a, b map[string]any) int { return strings.Compare(a["lineNo"].(string), b["lineNo"].(string)) })
	}
	if diff := cmp.Diff(members, wire); diff != "" {
		t.Errorf("members of %s (-truth +wire):\n%s", id, diff)
	}
}

func listRow(l simulator.LineTruth) map[string]any {
	row := map[string]any{
		"lineNo": l.LineNo, "startDate": strings.ReplaceAll(l.StartDate, "-", ""), "planCode": l.PlanCode,
		"accessType": l.Access, "simType": l.SIMType, "simNumber": l.SIMNumber, "deviceName": l.DeviceName, "imei": l.IMEI,
		"authenticationType": l.AuthenticationType, "actIpAddress": l.ACTIPAddress, "sbyIpAddress": l.SBYIPAddress,
		"roamingIpAddress": l.RoamingIPAddress, "authenticationId": l.AuthenticationID, "imeiOption": l.IMEIOption,
	}
	if l.Note != "" {
		row["note"] = l.Note
	}
	if len(l.OptionCodes) > 0 {
		var codes []any
		for _, code := range l.OptionCodes {
			codes = append(codes, code)
		}
		row["optionCodeList"] = codes
	}
	return row
}
