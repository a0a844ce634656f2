package main

import (
	"fmt"
	"io"
	"time"

	"kaisen/collector/schedule"
)

// urgentRows writes rows of collector/schedule/urgent.csv: what urgency asks beyond once an interval, in requests an hour and line
// on each day of a month, for so many fleets of each size.
func urgentRows(to io.Writer, interval time.Duration, seed uint64) error {
	for _, of := range []struct{ lines, fleets int }{{50, 16}, {300, 4}, {2000, 1}} {
		var days [urgentDays]float64
		for n := range of.fleets {
			if err := urgent(&days, interval, of.lines, seed+uint64(n)); err != nil {
				return err
			}
		}
		fmt.Fprintf(to, "%g,%d", interval.Minutes(), of.lines)
		for _, n := range days {
			fmt.Fprintf(to, ",%.3f", n/float64(of.fleets))
		}
		fmt.Fprintln(to)
	}
	return nil
}

const (
	urgentDays = 31
	urgentWarm = 5 // days that a planner knows its fleet before
)

// urgent adds what a planner asks of one fleet, whose lines use as the simulator's do, with a budget that lets it.
func urgent(days *[urgentDays]float64, interval time.Duration, lines int, seed uint64) error {
	start := time.Date(2026, 10, 1, 0, 0, 0, 0, schedule.DefaultConfig().Zone).AddDate(0, 0, -urgentWarm)
	t, err := trafficOf("simulator", lines, urgentWarm+urgentDays, start, seed)
	if err != nil {
		return err
	}
	w := newWorld(t, lines, urgentWarm+urgentDays, start)
	k, err := newKaisen(w, interval, 0)
	if err != nil {
		return err
	}
	var asked [urgentWarm + urgentDays]int
	for now := int64(0); now < int64(w.days)*day; {
		line, again := k.next(now)
		if line < 0 {
			now = again
			continue
		}
		asked[now/day]++
		k.answered(w, line, now)
	}
	for d, n := range asked[urgentWarm:] {
		days[d] += max(0, float64(n)/24/float64(lines)-time.Hour.Seconds()/interval.Seconds())
	}
	return nil
}
