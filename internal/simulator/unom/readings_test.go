package unom_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kaisen/internal/simulator"
	"kaisen/internal/simulator/simulatortest"
)

// read is a client of a carrier with one reading. Two lines of its fleet are over their volume, as its share group is, and
// three have none.
func read(t *testing.T, name, value string) *simulatortest.Client {
	cfg := simulatortest.Frozen(simulatortest.Noon())
	cfg.Seed, cfg.SessionPeriod = 20, 4*time.Hour
	cfg.Readings = map[string]string{name: value}
	c := simulatortest.NewClient(t, cfg)
	for _, l := range []simulator.LineTruth{c.Lines()[0], c.Lines()[10]} {
		c.Inject(simulator.Event{Type: "traffic", Contract: l.ContractID, Line: l.LineNo, Bytes: 1 << 38})
	}
	return c
}

// figure is a figure of an answer; none: it is NULL.
func figure(answer map[string]any, key string) string {
	text, ok := answer[key].(string)
	if !ok {
		return "none"
	}
	return text
}

// told is what calls 03 and 09 say of a line.
func told(c *simulatortest.Client, l simulator.LineTruth) (line, share map[string]any) {
	line = c.Get(l.ContractID + "/lines/" + l.LineNo + "/traffic")
	if len(l.Traffic) > 1 {
		share = c.Get(l.ContractID + "/lines/" + l.LineNo + "/dataShare/traffic")
	}
	return line, share
}

// A stop has the time of its session's start, and is there from its own time on.
func TestStopsHaveTheTimeOfTheirStart(t *testing.T) {
	c := read(t, "session_stop_time", "start")
	for step := range 3 {
		want, got := map[string]int{}, map[string]int{}
		now := c.Carrier.Now()
		from := now.Add(-24 * time.Hour)
		for _, l := range c.Lines() {
			for _, s := range l.Sessions {
				if l.ContractID == c.Carrier.Contracts()[0] && !s.Start.Before(from) {
					want[l.LineNo+s.Start.Format("20060102150405")+"01"]++
					if s.Stop != nil {
						want[l.LineNo+s.Start.Format("20060102150405")+"02"]++
					}
				}
			}
		}
		for _, row := range logRows(c, "sessions", from, now.Add(time.Second)) {
			got[fmt.Sprint(row["lineNo"], row["sessionTime"], row["eventType"])]++
		}
		if fmt.Sprint(want) != fmt.Sprint(got) || len(want) < 50 {
			t.Errorf("step %d: %d rows are told, want %d", step, len(got), len(want))
		}
		c.Clock(simulator.ClockChange{Advance: "5h"})
	}
}

// The oldest second that a log can be asked for is answered, the one before is refused.
func TestReachOfTheLogs(t *testing.T) {
	for value, oldest := range map[string]time.Time{
		"seconds":        time.Date(2026, 2, 18, 12, 34, 56, 0, simulatortest.Tokyo),
		"calendar":       time.Date(2026, 2, 18, 0, 0, 0, 0, simulatortest.Tokyo),
		"calendar_short": time.Date(2026, 2, 19, 0, 0, 0, 0, simulatortest.Tokyo),
	} {
		c := read(t, "log_reach", value)
		for ago, status := range map[time.Duration]int{0: 200, time.Second: 400} {
			url := fmt.Sprintf("%s%s/sessions?startTime=%s&endTime=%s", simulatortest.Base, c.Carrier.Contracts()[0],
				oldest.Add(-ago).Format("20060102150405"), oldest.Add(time.Hour).Format("20060102150405"))
			if w := c.Do("GET", url, ""); w.Code != status {
				t.Errorf("%s: from %s before the oldest second: %d, want %d", value, ago, w.Code, status)
			}
		}
	}
}

// Call 09 tells each member its own use, with the group's volume and restriction; call 03 has the group's restriction too.
func TestReadingsOfTheShareGroup(t *testing.T) {
	own, both := read(t, "share_figures", "line"), read(t, "member_restriction", "both")
	members := 0
	for _, l := range own.Lines() {
		if len(l.Traffic) < 2 {
			continue
		}
		members++
		group := l.Traffic[1]
		line, share := told(own, l)
		for _, key := range []string{"trafficThisMonth", "traffic1dayAgo", "traffic30daysAgo", "traffic2monthAgo"} {
			if figure(line, key) != figure(share, key) {
				t.Errorf("%s: call 09 says %s, call 03 %s", key, figure(share, key), figure(line, key))
			}
		}
		if left := figure(share, "remainedDataVolume"); left != strconv.FormatUint(*group.RemainingBytes, 10) || group.Restriction == "none" {
			t.Errorf("remaining %s of a group of %+v", left, group)
		}
		line, share = told(both, l)
		for _, key := range []string{"limitStatus1", "limitStatus2"} {
			if figure(line, key) != figure(share, key) {
				t.Errorf("%s: call 03 says %s, call 09 %s", key, figure(line, key), figure(share, key))
			}
		}
	}
	if members < 4 {
		t.Errorf("%d members", members)
	}
}

// Of a line without a volume 0 remains, whatever it uses, and its course says so; of a volume that is used up a last MiB
// remains where 0 is no volume, and 0 where it may be either.
func TestRemainingZero(t *testing.T) {
	for value, usedUp := range map[string]string{"used_up": "0", "no_volume": "1048576", "both": "0"} {
		c := read(t, "remaining_zero", value)
		none, full := 0, 0
		for _, l := range c.Lines() {
			line, _ := told(c, l)
			left := figure(line, "remainedDataVolume")
			switch truth := l.Traffic[0].RemainingBytes; {
			case truth == nil:
				if none++; left != map[bool]string{true: "none", false: "0"}[value == "used_up"] || figure(line, "limitStatus2") != "0" {
					t.Errorf("%s: %s remains of a line without a volume: %v", value, left, line)
				}
			case *truth == 0:
				if full++; left != usedUp {
					t.Errorf("%s: %s remains of a volume used up", value, left)
				}
			}
		}
		courses := map[any]int{}
		for _, contract := range c.Carrier.Contracts() {
			for _, p := range simulatortest.Rows(t, c.Get(contract+"/products"), "productInfoList") {
				if p["productCode"] == "T3001330" {
					courses[p["courseType"]]++
				}
			}
		}
		want := map[bool]string{true: "map[04:2]", false: "map[01:1 99:1]"}[value == "used_up"]
		if none < 2 || full < 2 || fmt.Sprint(courses) != want {
			t.Errorf("%s: %d lines without a volume, %d at its end; courses %v, want %s", value, none, full, courses, want)
		}
	}
}

// Figures are the true ones rounded; months lack what lines that roam used abroad, and only that.
func TestUnitAndMonth(t *testing.T) {
	usual, rounded, home := read(t, "figure_unit", "bytes"), read(t, "figure_unit", "mebibytes"), read(t, "month_figure", "without_roaming")
	abroad, exact := 0, 0
	for _, l := range usual.Lines() {
		a, _ := told(usual, l)
		b, _ := told(rounded, l)
		c, _ := told(home, l)
		for _, key := range []string{"trafficThisMonth", "traffic2monthAgo", "trafficToday", "traffic1dayAgo", "traffic9daysAgo"} {
			is, _ := strconv.ParseInt(figure(a, key), 10, 64)
			mib, _ := strconv.ParseInt(figure(b, key), 10, 64)
			if mib%(1<<20) != 0 || max(mib-is, is-mib) > 1<<19 {
				t.Errorf("%s: %d in whole MiB is %d", key, is, mib)
			}
			at, _ := strconv.ParseInt(figure(c, key), 10, 64)
			roams := len(l.OptionCodes) > 0 && key[len(key)-1] != 'y' && key != "traffic9daysAgo" && key != "traffic1dayAgo"
			switch {
			case at == is:
				exact++
			case at > is || !roams:
				t.Errorf("%s of line %s: %d without roaming, %d with", key, l.LineNo, at, is)
			default:
				abroad++
			}
		}
	}
	if abroad < 3 || exact < 50 {
		t.Errorf("%d figures lack something, %d do not", abroad, exact)
	}
}

// A search that finds nothing has the form of the reading, whatever it searches.
func TestEmptyAnswers(t *testing.T) {
	for value, want := range map[string]struct {
		status int
		bodies []string
	}{
		"null":    {200, []string{`{"contractId": "N000000002","LIST": null}`, `{"contractId": "N000000002","LIST": "NULL"}`}},
		"missing": {200, []string{`{"contractId": "N000000002"}`, `{}`}},
		"204":     {204, []string{""}},
	} {
		c := read(t, "empty_answer", value)
		for path, list := range map[string]string{
			"orders?status=accepting": "orderList", "orders?status=complete": "orderList", "dataShare": "linesList",
			"sessions?startTime=20260320000000&endTime=20260320000000":        "searchList",
			"authentications?startTime=20260320000000&endTime=20260320000000": "resultList",
		} {
			w := c.Do("GET", simulatortest.Base+"N000000002/"+path, "")
			if body := strings.Replace(w.Body.String(), list, "LIST", 1); w.Code != want.status || !slices.Contains(want.bodies, body) {
				t.Errorf("%s: %s answers %d %s", value, path, w.Code, w.Body)
			}
		}
	}
	for value, message := range map[string]string{"400": "Bad Request", "404": "Not Found"} {
		c := read(t, "empty_answer", value)
		status, _ := strconv.Atoi(value)
		simulatortest.CheckRefusal(t, c.Do("GET", simulatortest.Base+"N000000002/orders?status=complete", ""), status, false, message)
	}
}
