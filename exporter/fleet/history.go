package fleet

import (
	"slices"
	"time"

	"kaisen/schema"
)

// daysKept is today and the thirty days before it: what is in one traffic answer.
const daysKept = 31

// days is what a line used on its last days, for the page. A figure there has three digits, so float32 does: a hundred
// thousand lines take 13 MB. ClickHouse has the bytes.
type days struct {
	newest schema.Date
	bytes  [daysKept]float32 // newest first; negative: not known
}

const unknownDay = -1

// setDay takes what a line used on a day. A figure that is known is replaced only if replace is set.
func (l *line) setDay(day schema.Date, bytes uint64, replace bool) {
	switch {
	case l.days == nil:
		l.days = &days{newest: day}
		l.days.forget(daysKept)
	case day > l.days.newest:
		l.days.advance(int(day - l.days.newest))
	}
	age := int(l.days.newest) - int(day)
	if age < daysKept && (replace || l.days.bytes[age] < 0) {
		l.days.bytes[age] = float32(bytes)
	}
}

// advance makes room for n newer days.
func (d *days) advance(n int) {
	d.newest = d.newest.AddDays(n)
	n = min(n, daysKept)
	copy(d.bytes[n:], d.bytes[:daysKept-n])
	d.forget(n)
}

// forget makes the newest n days unknown.
func (d *days) forget(n int) {
	for age := range n {
		d.bytes[age] = unknownDay
	}
}

// at is what was used on a day, if that is known.
func (d *days) at(day schema.Date) (bytes float64, known bool) {
	if d == nil || day > d.newest {
		return 0, false
	}
	age := int(d.newest) - int(day)
	if age >= daysKept || d.bytes[age] < 0 {
		return 0, false
	}
	return float64(d.bytes[age]), true
}

// maxEpisodes is how many restrictions of a month the page remembers of a line: usually there are none, or one.
const maxEpisodes = 8

// episodes are this month's restrictions of a line or of a share group, the oldest first.
type episodes struct{ all []episode }

// episode is a time in which one was restricted, by the carrier's clock.
type episode struct {
	restriction uint8 // index into schema.Restrictions
	atLeast     bool  // it was there when kaisen first looked: it began at from, or before
	from        int64
	until       int64 // 0: it holds
}

// follow notes what an answer means for the restrictions. A restriction begins when the carrier says
// it did, else when it was first seen; it ends when it is first not seen. Seen reports whether an earlier answer is known, and not stale:
// then what is new in this one began between the two.
func (e *episodes) follow(row *schema.TrafficSample, restriction uint8, seen bool, zone *time.Location) {
	observed := row.ObservedAt.UnixMilli()
	if last := len(e.all) - 1; last >= 0 && e.all[last].until == 0 {
		if e.all[last].restriction == restriction {
			return
		}
		e.all[last].until = observed
	}
	e.all = slices.DeleteFunc(e.all, func(one episode) bool {
		return one.until != 0 && one.until < monthStart(row.ObservedAt, zone).UnixMilli()
	})
	if restricts(row.Restriction) {
		from, exact := e.restrictedFrom(row)
		e.all = append(e.all, episode{restriction: restriction, from: from, atLeast: !exact && !seen})
		e.all = e.all[max(0, len(e.all)-maxEpisodes):]
	}
	e.all = slices.Clip(e.all)
}

// restricts reports whether a code means that the line is throttled. The meaning of an unknown one is not known.
func restricts(r schema.Restriction) bool {
	return r == schema.RestrictionRecent || r == schema.RestrictionMonthly || r == schema.RestrictionMonthlyAndRecent
}

// restrictedFrom returns since when the restriction in an answer holds: exactly, by a time in the answer that is possible,
// else since the answer.
func (e *episodes) restrictedFrom(row *schema.TrafficSample) (from int64, exact bool) {
	observed := row.ObservedAt.UnixMilli()
	var begun int64
	if row.Restriction != schema.RestrictionRecent && row.MonthlyLimitStart.Known {
		begun = row.MonthlyLimitStart.V.UnixMilli()
	}
	if row.Restriction != schema.RestrictionMonthly && row.DailyLimitStart.Known {
		begun = max(begun, row.DailyLimitStart.V.UnixMilli())
	}
	before := int64(0)
	if last := len(e.all) - 1; last >= 0 {
		before = e.all[last].until
	}
	if begun == 0 || begun > observed || begun < before {
		return observed, false
	}
	return begun, true
}

// now is the episode that holds; the zero episode where none does.
func (e *episodes) now() episode {
	if last := len(e.all) - 1; last >= 0 && e.all[last].until == 0 {
		return e.all[last]
	}
	return episode{}
}

func monthStart(t time.Time, zone *time.Location) time.Time {
	year, month, _ := t.In(zone).Date()
	return time.Date(year, month, 1, 0, 0, 0, 0, zone)
}
