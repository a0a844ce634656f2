package main

import (
	"time"

	"kaisen/internal/simulator/chance"
)

const (
	mib = 1 << 20
	gib = 1 << 30

	hour = 60 * 60 * 1000 // milliseconds
	day  = 24 * hour

	history = 45 // days before the first that lines have
	slow    = 50 // what is used beyond a volume is throttled to a part
)

// traffic is what lines wish to use. Days are counted from the first of the simulation, milliseconds from midnight.
type traffic interface {
	volume(line int) uint64 // bytes a month, 0: no limit
	wish(line, d int) uint64
	by(line, d int, total uint64, into int64) uint64 // what of a day's total comes before a time of it
}

// world is a fleet whose use, and what the carrier answers of it, is known at any time.
type world struct {
	traffic
	lines, days int
	start       time.Time
	months      []int      // the days on which months begin
	sums        [][]uint64 // of each line, wishes before a day, from -history on
}

func newWorld(t traffic, lines, days int, start time.Time) *world {
	w := &world{traffic: t, lines: lines, days: days, start: start, sums: make([][]uint64, lines)}
	for d := -history; d <= days+1; d++ {
		if start.AddDate(0, 0, d).Day() == 1 {
			w.months = append(w.months, d)
		}
	}
	for line := range w.sums {
		sum := make([]uint64, history+days+2)
		for d := -history; d <= days; d++ {
			sum[d+history+1] = sum[d+history] + t.wish(line, d)
		}
		w.sums[line] = sum
	}
	return w
}

func (w *world) before(line, d int) uint64 { return w.sums[line][d+history] }

// month is the first day of the month of a day.
func (w *world) month(d int) int {
	first := -history
	for _, m := range w.months {
		if m <= d {
			first = m
		}
	}
	return first
}

// throttle is what is let through of a month's wish.
func throttle(wish, volume uint64) uint64 {
	if volume == 0 || wish <= volume {
		return wish
	}
	return volume + (wish-volume)/slow
}

// used is what came through of a month before a time, and before the day of it.
func (w *world) used(line int, ms int64) (month, beforeToday uint64) {
	d, into := int(ms/day), ms%day
	base, today := w.before(line, w.month(d)), w.before(line, d)
	volume := w.volume(line)
	wish := today - base + w.by(line, d, w.before(line, d+1)-today, into)
	return throttle(wish, volume), throttle(today-base, volume)
}

// remaining is what is left of a volume, in whole MiB.
func remaining(volume, month uint64) uint64 {
	if month >= volume {
		return 0
	}
	return (volume - month) / mib * mib
}

// daysBefore are the bytes of the 30 days before a time, yesterday first.
func (w *world) daysBefore(line int, ms int64, into []uint64) []uint64 {
	d := int(ms / day)
	volume := w.volume(line)
	for i := 1; i <= 30; i++ {
		base := w.before(line, w.month(d-i))
		into = append(into, throttle(w.before(line, d-i+1)-base, volume)-throttle(w.before(line, d-i)-base, volume))
	}
	return into
}

// rhythm is how busy the hours of a day are, as the simulator has it.
func rhythm() [24]uint64 {
	return [24]uint64{2, 1, 1, 1, 1, 2, 5, 9, 12, 12, 12, 13, 15, 13, 12, 12, 13, 15, 16, 15, 14, 12, 8, 4}
}

// byRhythm is a part of a day's total with the rhythm of the hours, each a little different by the noise.
func byRhythm(noise uint64, hours *[24]uint64, total uint64, into int64) uint64 {
	at := int(into / hour)
	var before, this, all uint64
	for i, weight := range hours {
		weight *= 8 + (noise>>(2*i))&3*4
		if i < at {
			before += weight
		} else if i == at {
			this = weight
		}
		all += weight
	}
	second := uint64(into%hour) / 1000
	return total/(all*3600)*(before*3600+this*second) + total%(all*3600)*(before*3600+this*second)/(all*3600)
}

func draw(seed, purpose, n uint64) uint64 { return chance.Of(seed, purpose, n) }

// unit is a draw from 0 to 1.
func unit(h uint64) float64 { return float64(h>>11) / (1 << 53) }
