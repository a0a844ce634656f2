package main

import (
	"math"
)

// bursts is use without habit: at any hour, with sizes of a heavy tail, so that a large part of a month comes in a few
// minutes that nothing announces.
type bursts struct{ seed uint64 }

// most is how many bursts a day has at most.
const most = 6

func (b bursts) volume(line int) uint64 {
	return [...]uint64{1 * gib, 3 * gib, 7 * gib, 20 * gib}[draw(b.seed, 1, uint64(line))%4]
}

// burst is the i-th of a day: its bytes (0: there is none), when it begins, and how long it takes.
func (b bursts) burst(line, d, i int) (bytes uint64, began, takes int64) {
	key := uint64(line)*1_000_003 + uint64(d+history)*16 + uint64(i)
	often := 0.1 + 0.7*unit(draw(b.seed, 2, uint64(line))) // of the six that there may be
	if unit(draw(b.seed, 3, key)) > often {
		return 0, 0, 0
	}
	// Pareto with exponent 1.3 from scale on has the mean 4.33 scales; the largest is cut off at a third of a month.
	month := float64(b.volume(line)) * (0.3 + 1.3*unit(draw(b.seed, 4, uint64(line))))
	scale := month / 30 / (most * often) / 4.33 * 1.3
	size := min(scale*math.Pow(1-unit(draw(b.seed, 5, key)), -1/1.3), month/3)
	takes = int64(5*60_000 + draw(b.seed, 6, key)%(55*60_000))
	return uint64(size), int64(draw(b.seed, 7, key) % uint64(day-takes)), takes
}

func (b bursts) wish(line, d int) (total uint64) {
	for i := range most {
		bytes, _, _ := b.burst(line, d, i)
		total += bytes
	}
	return total
}

func (b bursts) by(line, d int, _ uint64, into int64) (sum uint64) {
	for i := range most {
		if bytes, began, takes := b.burst(line, d, i); bytes > 0 && into > began {
			sum += uint64(float64(bytes) * float64(min(takes, into-began)) / float64(takes))
		}
	}
	return sum
}

// alike is a fleet in which all do the same at the same time.
type alike struct{ hours [24]uint64 }

func (alike) volume(int) uint64    { return 3 * gib }
func (alike) wish(_, _ int) uint64 { return 3 * gib * 2 / 30 }
func (a alike) by(_, _ int, total uint64, into int64) uint64 {
	return byRhythm(0, &a.hours, total, into)
}
