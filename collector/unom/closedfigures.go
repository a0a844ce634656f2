package unom

import (
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/unom/api"
	"kaisen/schema"
)

// closedFigures are the figures of an answer that grow no more, by period.
type closedFigures struct {
	of           *line
	at           time.Time
	days, months series
}

// closedFigures are those of an answer whose days are certain. Yesterday and the last month may still turn in the first
// hours of a day.
func (c *Collector) closedFigures(l *line, answer carrier.Answer[api.Traffic], dates dated) *closedFigures {
	figures := &closedFigures{of: l, at: answer.ObservedAt}
	open := 1
	if _, nearMidnight := dayCandidatesOf(answer.ObservedAt.In(c.Zone)); nearMidnight {
		open = 2
	}
	take := func(into *series, told []schema.Opt[uint64], candidates []candidate) {
		if len(candidates) != 1 {
			return
		}
		for ago := len(told) - 1; ago >= open; ago-- {
			if told[ago].Known {
				into.set(candidates[0]-ago, told[ago].V)
			}
		}
	}
	take(&figures.days, answer.Value.Days[:], dates.days)
	take(&figures.months, answer.Value.Months[:], dates.months)
	return figures
}

// with compares two members' closed figures: how many are the same, whether one of them is more than 0, and the first
// period of which they differ.
func (f *closedFigures) with(other *closedFigures) (same int, used bool, differ string) {
	compare := func(a, b *series, name func(int) string) {
		for period := a.newest; period > a.newest-seriesLen && differ == ""; period-- {
			is, known := a.at(period)
			was, both := b.at(period)
			switch {
			case !known || !both:
			case is != was:
				differ = name(period)
			default:
				same, used = same+1, used || is > 0
			}
		}
	}
	compare(&f.days, &other.days, func(day int) string { return schema.Date(day).String() })
	compare(&f.months, &other.months, func(month int) string { return monthStart(month).String()[:len("2006-01")] })
	return same, used, differ
}
