// Package daystest has a line whose true use is known, as a carrier tells of it. It tests nothing itself.
package daystest

import (
	"time"

	"kaisen/schema"
)

// Usage is a line's true history: what it used on each day, spread evenly over the day, how much of it was roaming, and how
// the carrier writes it.
type Usage struct {
	Days    map[schema.Date]uint64
	Roaming map[schema.Date]bool // the day's use was abroad
	Unit    uint64               // figures are whole multiples of it
	Without bool                 // the month's figure has no roaming
	ByMonth time.Duration        // how much later than the days the months turn
}

// on is what the line had used of a day at a time.
func (u Usage) on(day schema.Date, at time.Time) uint64 {
	switch today := schema.DateOf(at); {
	case day < today:
		return u.Days[day]
	case day > today:
		return 0
	}
	y, m, d := at.Date()
	since := at.Sub(time.Date(y, m, d, 0, 0, 0, 0, at.Location()))
	return u.Days[day] / 86400 * uint64(since/time.Second)
}

func (u Usage) rounded(bytes uint64) schema.Opt[uint64] {
	return schema.Some((bytes + u.Unit/2) / u.Unit * u.Unit)
}

// turned is the day that figures are of, and how far they are, at a carrier where they turn late.
func turned(at time.Time, late time.Duration) (schema.Date, time.Time) {
	first := schema.DateOf(at.Add(-late))
	if first == schema.DateOf(at) {
		return first, at
	}
	y, m, d := at.Date()
	return first, time.Date(y, m, d, 0, 0, 0, 0, at.Location()).Add(-time.Second)
}

// Answer is what a carrier answers at a time, whose figures turn late after midnight.
func (u Usage) Answer(at time.Time, late time.Duration) (days [31]schema.Opt[uint64], months [3]schema.Opt[uint64]) {
	first, seen := turned(at, late)
	for ago := range days {
		days[ago] = u.rounded(u.on(first.AddDays(-ago), seen))
	}
	first, seen = turned(at, late+u.ByMonth)
	for ago := range months {
		month := first.Month().AddMonths(-ago)
		var sum uint64
		for day := month; day.Month() == month; day++ {
			if !u.Without || !u.Roaming[day] {
				sum += u.on(day, seen)
			}
		}
		months[ago] = u.rounded(sum)
	}
	return days, months
}
