package unom_test

import (
	"slices"
	"testing"
	"time"

	"kaisen/internal/simulator"
	"kaisen/internal/simulator/simulatortest"
)

const gib = 1 << 30

// topUp buys a line more volume and goes on to when it is there.
func topUp(c *simulatortest.Client, l simulator.LineTruth) {
	c.T.Helper()
	c.Order("POST", l.ContractID+"/lines/"+l.LineNo+"/dataVolume", simulatortest.VolumeBody)
	c.Clock(simulator.ClockChange{Advance: "2m"})
}

func count(codes []string, code string) int {
	n := 0
	for _, one := range codes {
		if one == code {
			n++
		}
	}
	return n
}

// Volume that is added is there as soon as the order is done, once in the options for each time, until the month ends.
func TestAddedVolume(t *testing.T) {
	simulatortest.InEveryStyle(t, func(t *testing.T, c *simulatortest.Client) {
		l := c.Capped()
		had := count(l.OptionCodes, "T6000084")
		for n := 1; n <= 2; n++ {
			before := c.Truth(l)
			topUp(c, l)
			now := c.Truth(l)
			used := now.Traffic[0].MonthBytes - before.Traffic[0].MonthBytes
			gained := *now.Traffic[0].RemainingBytes - *before.Traffic[0].RemainingBytes
			if gained+used < gib-1<<20 || gained+used > gib+1<<20 {
				t.Errorf("%d. time: remaining grew by %d, while %d were used", n, gained, used)
			}
			if got := count(now.OptionCodes, "T6000084"); got != had+n {
				t.Errorf("%d. time: %d codes, want %d", n, got, had+n)
			}
			compareTraffic(t, c, now)
			compareLists(t, c, l.ContractID, c.Lines())
			for i := 1; i < 32; i++ {
				if now.Traffic[0].Daily[i] != before.Traffic[0].Daily[i] {
					t.Errorf("%d. time: the past changed: %v → %v", n, before.Traffic[0].Daily[i], now.Traffic[0].Daily[i])
				}
			}
		}
		c.Clock(simulator.ClockChange{Now: time.Date(2026, 4, 1, 0, 0, 0, 0, simulatortest.Tokyo)})
		if got := count(c.Truth(l).OptionCodes, "T6000084"); got != had {
			t.Errorf("next month: %d codes, want %d", got, had)
		}
		compareTraffic(t, c, c.Truth(l))
	})
}

// A line that has used up its volume is restricted and slow; added volume ends both, from that second on.
func TestAddedVolumeLiftsTheRestriction(t *testing.T) {
	cfg := simulatortest.Frozen(time.Date(2026, 3, 25, 10, 0, 0, 0, simulatortest.Tokyo))
	cfg.Lines = 100
	c := simulatortest.NewClient(t, cfg)
	var l simulator.LineTruth
	for _, one := range c.Lines() {
		if one.Share == nil && one.Traffic[0].Restriction == "monthly" && one.PlanCode == "T3000001" {
			l = one
		}
	}
	if l.LineNo == "" {
		t.Fatal("no restricted line")
	}
	c.Clock(simulator.ClockChange{Advance: "2h"})
	slow := c.Truth(l).Traffic[0].TodayBytes - l.Traffic[0].TodayBytes
	compareTraffic(t, c, c.Truth(l))
	topUp(c, l)
	now := c.Truth(l)
	if now.Traffic[0].Restriction != "none" || *now.Traffic[0].RemainingBytes == 0 || now.Traffic[0].MonthlyLimitStart != nil {
		t.Errorf("%s, %d left", now.Traffic[0].Restriction, *now.Traffic[0].RemainingBytes)
	}
	compareTraffic(t, c, now)
	c.Clock(simulator.ClockChange{Advance: "2h"})
	later := c.Truth(l)
	if fast := later.Traffic[0].TodayBytes - now.Traffic[0].TodayBytes; fast < 10*slow {
		t.Errorf("%d bytes in two hours, %d while it was slow", fast, slow)
	}
	compareTraffic(t, c, later)
	if sum := monthSum(later.Traffic[0]); sum != later.Traffic[0].MonthBytes {
		t.Errorf("month %d, days %d", later.Traffic[0].MonthBytes, sum)
	}
}

// A member's added volume is the group's.
func TestAddedVolumeOfAMember(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	group := groupTraffic(c)
	var l simulator.LineTruth
	for _, l = range c.Lines() {
		if len(l.Traffic) == 2 && l.Traffic[0].RemainingBytes != nil {
			break
		}
	}
	topUp(c, l)
	now := groupTraffic(c)
	sum, was := *now.RemainingBytes+now.MonthBytes, *group.RemainingBytes+group.MonthBytes
	if sum < was+gib-1<<20 || sum > was+gib+1<<20 {
		t.Errorf("the pool grew by %d", sum-was)
	}
	for i := 1; i < 32; i++ {
		if now.Daily[i] != group.Daily[i] {
			t.Errorf("the past changed: %v → %v", group.Daily[i], now.Daily[i])
		}
	}
	for _, member := range c.Lines() {
		compareTraffic(t, c, member)
	}
}

// A pool that was used up is slow; a member's added volume makes it fast again from the next day on.
func TestAddedVolumeOfAUsedUpPool(t *testing.T) {
	for seed := range uint64(40) {
		cfg := simulatortest.Frozen(time.Date(2026, 3, 20, 10, 0, 0, 0, simulatortest.Tokyo))
		cfg.Seed = seed + 1
		c := simulatortest.NewClient(t, cfg)
		if groupTraffic(c).Restriction != "monthly" {
			continue
		}
		before := groupTraffic(c)
		slow := before.Daily[1].Bytes
		var l simulator.LineTruth
		for _, l = range c.Lines() {
			if len(l.Traffic) == 2 && l.Traffic[0].RemainingBytes != nil {
				break
			}
		}
		for range 3 {
			topUp(c, l)
		}
		c.Clock(simulator.ClockChange{Now: time.Date(2026, 3, 22, 0, 0, 0, 0, simulatortest.Tokyo)})
		now := groupTraffic(c)
		if i := slices.IndexFunc(now.Daily, func(d simulator.DateBytes) bool { return d.Date == "2026-03-19" }); now.Daily[i].Bytes != slow {
			t.Errorf("19 March changed: %d, was %d", now.Daily[i].Bytes, slow)
		}
		if now.Daily[1].Bytes < 5*slow {
			t.Errorf("%d bytes on a day with volume, %d on one without", now.Daily[1].Bytes, slow)
		}
		compareTraffic(t, c, c.Truth(l))
		return
	}
	t.Fatal("no seed with a pool that is used up by then")
}
