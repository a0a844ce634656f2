package days

import (
	"time"

	"kaisen/schema"
)

// Closed are the figures of an answer that grow no more, by period.
type Closed struct{ days, months Series }

// ClosedOf are those of an answer whose days are certain. Yesterday and the last month may still turn in the first hours of
// a day.
func ClosedOf(days, months []schema.Opt[uint64], dates Dates, clock time.Time) (closed Closed) {
	open := 1
	if NearMidnight(clock) {
		open = 2
	}
	take := func(into *Series, told []schema.Opt[uint64], candidates []int) {
		if len(candidates) != 1 {
			return
		}
		for ago := len(told) - 1; ago >= open; ago-- {
			if told[ago].Known {
				into.Set(candidates[0]-ago, told[ago].V)
			}
		}
	}
	take(&closed.days, days, dates.Days)
	take(&closed.months, months, dates.Months)
	return closed
}

// Compare lays two lines' closed figures beside each other: how many are the same, whether one of them is more than 0, and
// the first period of which they differ, "" where there is none.
func (c *Closed) Compare(other *Closed) (same int, used bool, differ string) {
	compare := func(a, b *Series, name func(int) string) {
		for period := a.newest; period > a.newest-seriesLen && differ == ""; period-- {
			is, known := a.At(period)
			was, both := b.At(period)
			switch {
			case !known || !both:
			case is != was:
				differ = name(period)
			default:
				same, used = same+1, used || is > 0
			}
		}
	}
	compare(&c.days, &other.days, func(day int) string { return schema.Date(day).String() })
	compare(&c.months, &other.months, func(month int) string { return MonthStart(month).String()[:len("2006-01")] })
	return same, used, differ
}
