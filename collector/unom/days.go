package unom

import (
	"slices"
	"time"

	"kaisen/schema"
)

// An answer has 31 days as "today", "1 day ago" … and never says which day is today. Its Date header does, but
// around midnight the figures may turn later than the clock, and a figure put on the neighbouring day is worse than
// none. So the answer is laid beside what is known: closed days do not change, and the open one only grows. Where
// that cannot decide (a line that used nothing, a line met for the first time), the month's sum may, where the answers
// have shown that the month is the sum of its days (monthSum), as it is in the document's own example to the byte (UNO Mobile
// API v2.1 call 03 §3.2: days 0 to 21 add up to trafficThisMonth). Where nothing decides and midnight is near, only what
// both candidates agree on is kept; the rest waits for a later answer.

const (
	// seriesLen is how many days a series remembers: the 31 of an answer, and one more, since the answer may be a day
	// older than the series.
	seriesLen = 32

	// turnGrace is how long after midnight figures that nothing else dates may still be yesterday's.
	turnGrace = 3 * time.Hour

	// maxLag is how many days behind its clock a carrier's figures are still recognised.
	maxLag = 3
)

// series is a row of values by period, newest first, known or not. The period is a day or a month, counted so that
// neighbours differ by one.
type series struct {
	newest int // the period of values[0]; the open one when it was written
	known  uint32
	values [seriesLen]uint64
}

func (b *series) empty() bool { return b.known == 0 }

// forgetAfter empties a series that knows of periods after the last that there can be: an answer whose clock was wrong
// wrote them, and the others with them. The next answer has all that it held.
func (b *series) forgetAfter(last int) {
	if !b.empty() && b.newest > last {
		*b = series{}
	}
}

// at is the value of a period, if it is known.
func (b *series) at(period int) (uint64, bool) {
	age := b.newest - period
	if b.empty() || age < 0 || age >= seriesLen || b.known&(1<<age) == 0 {
		return 0, false
	}
	return b.values[age], true
}

// set writes the value of a period and reports whether that is news. Periods too old for the series are not news.
func (b *series) set(period int, value uint64) bool {
	switch {
	case b.empty():
		b.newest = period
	case period > b.newest:
		b.advance(period - b.newest)
	}
	age := b.newest - period
	if age >= seriesLen {
		return false
	}
	if b.known&(1<<age) != 0 && b.values[age] == value {
		return false
	}
	b.known |= 1 << age
	b.values[age] = value
	return true
}

// advance makes room for n newer periods.
func (b *series) advance(n int) {
	b.newest += n
	if n >= seriesLen {
		b.known = 0
		return
	}
	copy(b.values[n:], b.values[:seriesLen-n])
	b.known <<= n
}

// contradictions counts the figures of an answer that cannot be what the series says, if the answer's first figure is
// of period first: a closed period that changed, or an open one that shrank. Compared is of how many the series says something.
func (b *series) contradictions(figures []schema.Opt[uint64], first int) (wrong, compared int) {
	for ago, figure := range figures {
		was, known := b.at(first - ago)
		if !known || !figure.Known {
			continue
		}
		compared++
		if open := first-ago == b.newest; figure.V < was || (figure.V > was && !open) {
			wrong++
		}
	}
	return wrong, compared
}

// supports reports whether the series has a closed period, other than one without traffic, that the answer repeats.
func (b *series) supports(figures []schema.Opt[uint64], first int) bool {
	for ago, figure := range figures {
		if was, known := b.at(first - ago); known && figure == schema.Some(was) && was > 0 && first-ago != b.newest {
			return true
		}
	}
	return false
}

// candidate is one way to date an answer's figures: the period of the first of them.
type candidate = int

// best keeps those candidates that the series contradicts least. A series that contradicts most figures under each of
// them is of no use: it was written by a clock that was wrong, or the carrier has changed its figures.
func (b *series) best(figures []schema.Opt[uint64], candidates []candidate) []candidate {
	var kept []candidate
	least, use := len(figures)+1, false
	for _, first := range candidates {
		wrong, compared := b.contradictions(figures, first)
		use = use || 2*wrong <= compared
		switch {
		case wrong < least:
			least, kept = wrong, append(kept[:0:0], first)
		case wrong == least:
			kept = append(kept, first)
		}
	}
	if !use {
		return slices.Clone(candidates)
	}
	return kept
}

// dayCandidatesOf lists which days an answer's "today" may be: the day of the carrier's clock, and the days before it in
// case the figures have not turned yet. In the last hours of a day the next one is possible too, for a carrier that
// sends no Date header and a local clock that is slow.
func dayCandidatesOf(clock time.Time) (candidates []candidate, nearMidnight bool) {
	today := int(schema.DateOf(clock))
	y, m, d := clock.Date()
	sinceMidnight := clock.Sub(time.Date(y, m, d, 0, 0, 0, 0, clock.Location()))
	for lag := range maxLag + 1 {
		candidates = append(candidates, today-lag)
	}
	if sinceMidnight > 24*time.Hour-turnGrace {
		candidates = append(candidates, today+1)
	}
	return candidates, sinceMidnight < turnGrace
}

// dateDays decides which day an answer's first figure is. More than one day in the result means: it is not known
// yet, only figures on which these candidates agree may be kept.
func dateDays(b *series, days []schema.Opt[uint64], month schema.Opt[uint64], sum monthSum, clock time.Time) []candidate {
	candidates, nearMidnight := dayCandidatesOf(clock)
	today := candidates[0]
	likely := []candidate{today, today - 1}
	left := b.best(days, slices.DeleteFunc(candidates, func(first candidate) bool {
		return !slices.Contains(likely, first) && !b.supports(days, first)
	}))
	if len(left) == 1 {
		return left
	}
	left = intersect(left, likely) // a tie makes no longer lag, and no lead, believable
	if len(left) == 0 {
		return []candidate{today}
	}
	if byMonth := sum.dates(days, month, left); len(byMonth) > 0 {
		left = byMonth
	}
	if len(left) > 1 && !nearMidnight {
		return []candidate{today}
	}
	return left
}

// dateMonths decides which month an answer's "this month" is, given the candidates of its days. Months turn with the
// days or by themselves; the series knows best, and the days decide where it does not, but for the first hours of a month.
func dateMonths(b *series, months []schema.Opt[uint64], dayCandidates []candidate, clock time.Time) []candidate {
	var candidates, byDays []candidate
	for _, day := range dayCandidates {
		today, before := monthIndex(schema.Date(day)), monthIndex(schema.Date(day).AddDays(-1))
		byDays = appendNew(byDays, today)
		candidates = appendNew(appendNew(candidates, today), before)
	}
	left := b.best(months, candidates)
	if _, nearMidnight := dayCandidatesOf(clock); len(left) == 1 || nearMidnight {
		return left
	}
	if common := intersect(left, byDays); len(common) > 0 {
		return common
	}
	return left
}

// merge writes into the series what all candidates say alike, and gives each value that was news to each. The open figure of an
// answer that has stopped at an older period is no news of a closed one.
func (b *series) merge(figures []schema.Opt[uint64], candidates []candidate, each func(period int, value uint64)) {
	first := candidates[0]
	for ago := len(figures) - 1; ago >= 0; ago-- { // oldest first: the series only ever moves forward
		period, figure := first-ago, figures[ago]
		if !figure.Known || !alike(figures, candidates, period, figure.V) {
			continue
		}
		if was, known := b.at(period); known && ago == 0 && period < b.newest && figure.V < was {
			continue
		}
		if b.set(period, figure.V) {
			each(period, figure.V)
		}
	}
}

// alike reports whether every candidate gives a period the same value.
func alike(figures []schema.Opt[uint64], candidates []candidate, period int, value uint64) bool {
	for _, first := range candidates {
		ago := first - period
		if ago < 0 || ago >= len(figures) || figures[ago] != schema.Some(value) {
			return false
		}
	}
	return true
}

// monthIndex counts months so that neighbours differ by one.
func monthIndex(d schema.Date) int {
	y, m, _ := d.Time().Date()
	return y*12 + int(m) - 1
}

// monthStart is the first day of a month counted by monthIndex.
func monthStart(index int) schema.Date {
	return schema.DateOf(time.Date(index/12, time.Month(index%12+1), 1, 0, 0, 0, 0, time.UTC))
}

func appendNew(list []candidate, r candidate) []candidate {
	if slices.Contains(list, r) {
		return list
	}
	return append(list, r)
}

func intersect(a, b []candidate) []candidate {
	return slices.DeleteFunc(slices.Clone(a), func(r candidate) bool { return !slices.Contains(b, r) })
}
