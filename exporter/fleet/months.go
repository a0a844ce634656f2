package fleet

import (
	"cmp"
	"slices"

	"kaisen/schema"
)

// monthsKept is how many months are remembered: those of one traffic answer, and one more while the carrier's month turns.
const monthsKept = 4

// months are what a line used in its last months, in no order.
type months [monthsKept]struct {
	month schema.Date
	bytes uint64
}

// set takes a month's figure, in place of an earlier one or of the oldest month.
func (m *months) set(month schema.Date, bytes uint64, replace bool) {
	at := 0
	for i := range m {
		if m[i].month == month {
			if replace {
				m[i].bytes = bytes
			}
			return
		}
		if m[i].month < m[at].month {
			at = i
		}
	}
	if m[at].month < month {
		m[at].month, m[at].bytes = month, bytes
	}
}

// Month is what lines used in a month of the carrier's calendar.
type Month struct {
	Month schema.Date // the first of the month
	Bytes uint64
	Lines int // of which something is known
}

// writeMonthly takes what lines used in their last months, the group's left out.
func (f *Fleet) writeMonthly(rows []schema.TrafficMonthly, replace bool) {
	find := f.finder()
	for i := range rows {
		if rows[i].Scope != schema.ScopeLine {
			continue
		}
		if l := find(rows[i].LineKey); l != nil {
			if l.months == nil {
				l.months = new(months)
			}
			l.months.set(rows[i].Month, rows[i].Bytes, replace)
		}
	}
}

// newestMonths are the last of the months of all lines, the newest first.
func newestMonths(all map[schema.Date]Month) []Month {
	var list []Month
	for _, month := range all {
		list = append(list, month)
	}
	slices.SortFunc(list, func(a, b Month) int { return cmp.Compare(b.Month, a.Month) })
	return list[:min(len(list), monthsKept)]
}

// addMonths adds a line's months to those of all.
func (l *line) addMonths(all map[schema.Date]Month) {
	if l.months == nil {
		return
	}
	for _, m := range l.months {
		if m.month != 0 {
			sum := all[m.month]
			all[m.month] = Month{Month: m.month, Bytes: addVolume(sum.Bytes, schema.Some(m.bytes)), Lines: sum.Lines + 1}
		}
	}
}
