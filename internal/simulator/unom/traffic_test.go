package unom_test

import (
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/internal/simulator"
	"kaisen/internal/simulator/simulatortest"
)

// The figures of days and months turn ten minutes after midnight: until then an answer is that of the end of the
// day before, and the truth is one day ahead of it.
func TestFiguresTurnLate(t *testing.T) {
	for _, midnight := range []time.Time{
		time.Date(2026, 3, 21, 0, 0, 0, 0, simulatortest.Tokyo), time.Date(2026, 4, 1, 0, 0, 0, 0, simulatortest.Tokyo), time.Date(2027, 1, 1, 0, 0, 0, 0, simulatortest.Tokyo),
	} {
		t.Run(midnight.Format(time.DateOnly), func(t *testing.T) {
			cfg := simulatortest.Frozen(midnight.Add(-time.Second))
			cfg.TurnDelay = 10 * time.Minute
			c := simulatortest.NewClient(t, cfg)
			for _, l := range c.Lines() {
				compareTraffic(t, c, l)
			}
			for _, late := range []time.Duration{0, time.Second, 10*time.Minute - time.Second} {
				c.Clock(simulator.ClockChange{Now: midnight.Add(late)})
				for _, l := range c.Lines() {
					compareLate(t, c, l)
				}
			}
			c.Clock(simulator.ClockChange{Now: midnight.Add(10 * time.Minute)})
			for _, l := range c.Lines() {
				compareTraffic(t, c, l)
			}
		})
	}
}

// compareLate compares every byte of the wire, one day behind, with the true days and months of the calendar.
func compareLate(t *testing.T, c *simulatortest.Client, l simulator.LineTruth) {
	t.Helper()
	for _, want := range l.Traffic {
		path := l.ContractID + "/lines/" + l.LineNo + "/traffic"
		if want.Scope == "data_share" {
			path = l.ContractID + "/lines/" + l.LineNo + "/dataShare/traffic"
		}
		late := want
		late.Daily, late.TodayBytes = want.Daily[1:], want.Daily[1].Bytes
		if want.Daily[0].Date[8:] == "01" {
			late.Monthly, late.MonthBytes = want.Monthly[1:], want.Monthly[1].Bytes
		} else {
			late.MonthBytes -= want.TodayBytes
		}
		if diff := cmp.Diff(bytesOnly(wireOf(l, late)), bytesOnly(c.Get(path))); diff != "" {
			t.Errorf("%s at %s (-truth +wire):\n%s", path, c.Carrier.Now(), diff)
		}
	}
}

func bytesOnly(answer map[string]any) map[string]any {
	maps.DeleteFunc(answer, func(key string, _ any) bool { return !strings.HasPrefix(key, "traffic") })
	return answer
}

// A line's bytes only grow within a day, reach the day's total at midnight, and a month is the sum of its days.
func TestBytesGrow(t *testing.T) {
	start := time.Date(2026, 3, 20, 0, 0, 0, 0, simulatortest.Tokyo)
	c := simulatortest.NewClient(t, simulatortest.Frozen(start))
	before := c.Lines()
	for range 24 * 4 {
		c.Clock(simulator.ClockChange{Advance: "15m"})
		for i, l := range c.Lines() {
			for j, now := range l.Traffic {
				was := before[i].Traffic[j]
				if now.Daily[0].Date == was.Daily[0].Date && (now.TodayBytes < was.TodayBytes || now.MonthBytes < was.MonthBytes) {
					t.Fatalf("line %s %s: bytes fell from %d to %d", l.LineNo, now.Scope, was.TodayBytes, now.TodayBytes)
				}
				if sum := monthSum(now); sum != now.MonthBytes {
					t.Fatalf("line %s %s: month %d, days %d", l.LineNo, now.Scope, now.MonthBytes, sum)
				}
			}
			before[i] = l
		}
	}
	for _, l := range before { // it is midnight of the 21st: the 20th is whole
		if l.Traffic[0].TodayBytes != 0 || l.Character == "constant" && l.Traffic[0].Daily[1].Bytes == 0 {
			t.Errorf("line %s (%s) at midnight: %v", l.LineNo, l.Character, l.Traffic[0].Daily[:2])
		}
	}
}

func monthSum(t simulator.TrafficTruth) (sum uint64) {
	for _, day := range t.Daily {
		if day.Date[:7] == t.Daily[0].Date[:7] {
			sum += day.Bytes
		}
	}
	return sum
}

// Over three months every character behaves as such, and restrictions follow from usage.
func TestRestrictionsFollowFromUsage(t *testing.T) {
	cfg := simulatortest.Frozen(time.Date(2026, 3, 1, 12, 0, 0, 0, simulatortest.Tokyo))
	cfg.Lines, cfg.Contracts = 64, 1
	c := simulatortest.NewClient(t, cfg)
	seen := map[string]int{}
	for range 60 {
		c.Clock(simulator.ClockChange{Advance: "24h"})
		for _, l := range c.Lines() {
			for _, now := range l.Traffic {
				seen[now.Scope+" "+now.Restriction]++
				checkRestriction(t, l, now)
			}
		}
	}
	for _, want := range []string{"line none", "line recent", "line monthly", "line monthly_and_recent"} {
		if seen[want] == 0 {
			t.Errorf("no %q among %v", want, seen)
		}
	}
}

func checkRestriction(t *testing.T, l simulator.LineTruth, now simulator.TrafficTruth) {
	t.Helper()
	monthly := now.Restriction == "monthly" || now.Restriction == "monthly_and_recent"
	recent := now.Restriction == "recent" || now.Restriction == "monthly_and_recent"
	codes := [2]int{-1, int(now.LimitStatus2)} // as the table 規制条件表 reads them
	if now.LimitStatus1 != nil {
		codes[0] = int(*now.LimitStatus1)
	}
	if shown := codes[0] == 2 || codes[0] == 3 || codes[1] == 1; shown != monthly {
		t.Errorf("line %s %s: codes %v, restriction %s", l.LineNo, now.Scope, codes, now.Restriction)
	}
	if shown := codes[0] == 1 || codes[0] == 3; shown != recent {
		t.Errorf("line %s %s: codes %v, restriction %s", l.LineNo, now.Scope, codes, now.Restriction)
	}
	if (now.MonthlyLimitStart != nil) != monthly || (now.DailyLimitStart != nil) != recent {
		t.Errorf("line %s %s: restriction %s since %v, %v", l.LineNo, now.Scope, now.Restriction, now.MonthlyLimitStart, now.DailyLimitStart)
	}
	if monthly && now.RemainingBytes != nil && *now.RemainingBytes != 0 {
		t.Errorf("line %s %s: %s with %d bytes left", l.LineNo, now.Scope, now.Restriction, *now.RemainingBytes)
	}
}

// The second at which a month's volume was used up is where the figures cross it.
func TestMonthlyLimitStart(t *testing.T) {
	cfg := simulatortest.Frozen(time.Date(2026, 3, 31, 23, 0, 0, 0, simulatortest.Tokyo))
	cfg.ShareLines = 0
	c := simulatortest.NewClient(t, cfg)
	checked := 0
	for _, l := range c.Lines() {
		since := l.Traffic[0].MonthlyLimitStart
		if since == nil {
			continue
		}
		checked++
		c.Clock(simulator.ClockChange{Now: *since})
		if before := c.Truth(l).Traffic[0]; before.Restriction == "monthly" {
			t.Errorf("line %s: restricted at %s already", l.LineNo, since)
		}
		c.Clock(simulator.ClockChange{Now: since.Add(time.Minute)})
		if after := c.Truth(l).Traffic[0]; after.Restriction != "monthly" && after.Restriction != "monthly_and_recent" {
			t.Errorf("line %s: not restricted a minute after %s", l.LineNo, since)
		}
		c.Clock(simulator.ClockChange{Now: cfg.Start})
	}
	if checked == 0 {
		t.Error("no line was restricted by the end of the month")
	}
}

// All members of the group get the same answer, which is the sum of the members' own figures.
func TestShareGroupSums(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	var group *simulator.TrafficTruth
	var sum, members uint64
	for _, l := range c.Lines() {
		if l.Share == nil || l.Share.Status == "reserved" {
			if w := c.Do("GET", simulatortest.Base+l.ContractID+"/lines/"+l.LineNo+"/dataShare/traffic", ""); w.Code != 404 {
				t.Errorf("line %s outside the pool: %d", l.LineNo, w.Code)
			}
			continue
		}
		members++
		sum += l.Traffic[0].TodayBytes
		if group == nil {
			group = &l.Traffic[1]
		} else if diff := cmp.Diff(*group, l.Traffic[1]); diff != "" {
			t.Errorf("line %s is told another group:\n%s", l.LineNo, diff)
		}
	}
	if members != 5 || group.TodayBytes != sum {
		t.Errorf("%d members' today %d, the group's %d", members, sum, group.TodayBytes)
	}
}

func TestSameSeedSameTruth(t *testing.T) {
	read := func(seed uint64) []simulator.LineTruth {
		cfg := simulatortest.Frozen(simulatortest.Noon())
		cfg.Seed = seed
		c := simulatortest.NewClient(t, cfg)
		c.Clock(simulator.ClockChange{Advance: "1000h"})
		later := c.Lines()
		c.Clock(simulator.ClockChange{Advance: "-500h"})
		return append(later, c.Lines()...)
	}
	first, again, other := read(7), read(7), read(8)
	for i := range first {
		if !reflect.DeepEqual(first[i], again[i]) { // cmp is too slow for all that matches
			t.Errorf("the same seed, another truth:\n%s", cmp.Diff(first[i], again[i]))
		}
	}
	if reflect.DeepEqual(first, other) {
		t.Error("another seed, the same truth")
	}
}
