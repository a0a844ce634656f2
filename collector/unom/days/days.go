package days

import (
	"slices"
	"time"

	"kaisen/schema"
)

const (
	// turnGrace is how long after midnight figures that nothing else dates may still be yesterday's.
	turnGrace = 3 * time.Hour

	// maxLag is how many days behind its clock a carrier's figures are still recognised.
	maxLag = 3
)

// Known is what is known of the days and months of one line. The zero Known knows nothing.
type Known struct {
	Days   Series
	Months Series // by MonthIndex
}

// Dates are the periods that the first figures of an answer may be of, never none: the day of its days, and the month of its
// months by MonthIndex. More than one means that it is not known yet which.
type Dates struct{ Days, Months []int }

// Certain reports whether both are known.
func (d Dates) Certain() bool { return len(d.Days) == 1 && len(d.Months) == 1 }

// Date decides which day an answer's first day is and which month its first month, newest first, at a time by the carrier's
// clock in its zone. What is known of periods that are not yet is forgotten.
func (k *Known) Date(days, months []schema.Opt[uint64], sum MonthSum, clock time.Time) Dates {
	tomorrow := schema.DateOf(clock).AddDays(1) // as it may be by another answer's clock
	k.Days.forgetAfter(int(tomorrow))
	k.Months.forgetAfter(MonthIndex(tomorrow))
	day := dateDays(&k.Days, days, months[0], sum, clock)
	return Dates{Days: day, Months: dateMonths(&k.Months, days, months, sum, day, clock)}
}

// NearMidnight reports whether it is so short after midnight that figures may still be yesterday's.
func NearMidnight(clock time.Time) bool { return sinceMidnight(clock) < turnGrace }

func sinceMidnight(clock time.Time) time.Duration {
	y, m, d := clock.Date()
	return clock.Sub(time.Date(y, m, d, 0, 0, 0, 0, clock.Location()))
}

// dayCandidatesOf lists which days an answer's "today" may be: the day of the carrier's clock, and the days before it in
// case the figures have not turned yet. In the last hours of a day the next one is possible too, for a carrier that
// sends no Date header and a local clock that is slow.
func dayCandidatesOf(clock time.Time) (candidates []int) {
	today := int(schema.DateOf(clock))
	for lag := range maxLag + 1 {
		candidates = append(candidates, today-lag)
	}
	if sinceMidnight(clock) > 24*time.Hour-turnGrace {
		candidates = append(candidates, today+1)
	}
	return candidates
}

// dateDays decides which day an answer's first figure is. More than one day in the result means: it is not known
// yet, only figures on which these candidates agree may be kept.
func dateDays(b *Series, days []schema.Opt[uint64], month schema.Opt[uint64], sum MonthSum, clock time.Time) []int {
	candidates := dayCandidatesOf(clock)
	today := candidates[0]
	likely := []int{today, today - 1}
	left := b.best(days, slices.DeleteFunc(candidates, func(first int) bool {
		return !slices.Contains(likely, first) && !b.supports(days, first)
	}))
	if len(left) == 1 {
		return left
	}
	left = intersect(left, likely) // a tie makes no longer lag, and no lead, believable
	if len(left) == 0 {
		return []int{today}
	}
	if byMonth := sum.dates(days, month, left); len(byMonth) > 0 {
		left = byMonth
	}
	if len(left) > 1 && !NearMidnight(clock) {
		return []int{today}
	}
	return left
}

// dateMonths decides which month an answer's "this month" is, given the candidates of its days. Months turn with the
// days or by themselves; the series knows best, and the days decide where it does not, but for the first hours of a month:
// in those only their sum may show that the month has begun.
func dateMonths(b *Series, days, months []schema.Opt[uint64], sum MonthSum, dayCandidates []int, clock time.Time) []int {
	var candidates, byDays []int
	for _, day := range dayCandidates {
		today, before := MonthIndex(schema.Date(day)), MonthIndex(schema.Date(day).AddDays(-1))
		byDays = appendNew(byDays, today)
		candidates = appendNew(appendNew(candidates, today), before)
	}
	left := b.best(months, candidates)
	if len(left) > 1 && len(dayCandidates) == 1 && sum.begun(days, months[0], dayCandidates[0]) {
		return byDays
	}
	if len(left) == 1 || NearMidnight(clock) {
		return left
	}
	if common := intersect(left, byDays); len(common) > 0 {
		return common
	}
	return left
}

// MonthIndex counts months so that neighbours differ by one.
func MonthIndex(d schema.Date) int {
	y, m, _ := d.Time().Date()
	return y*12 + int(m) - 1
}

// MonthStart is the first day of a month counted by MonthIndex.
func MonthStart(index int) schema.Date {
	return schema.DateOf(time.Date(index/12, time.Month(index%12+1), 1, 0, 0, 0, 0, time.UTC))
}

func appendNew(list []int, r int) []int {
	if slices.Contains(list, r) {
		return list
	}
	return append(list, r)
}

func intersect(a, b []int) []int {
	return slices.DeleteFunc(slices.Clone(a), func(r int) bool { return !slices.Contains(b, r) })
}
