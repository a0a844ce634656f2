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

// episode is a time in which a line was restricted, by the carrier's clock.
type episode struct {
	restriction uint8 // index into schema.Restrictions
	atLeast     bool  // it was there when kaisen first looked: it began at from, or before
	from        int64
	until       int64 // 0: it holds
}

// follow notes what an answer on the line itself means for its restrictions. A restriction begins when the carrier says
// it did, else when it was first seen; it ends when it is first not seen. Seen reports whether an earlier answer is known:
// then what is new in this one began between the two.
func (l *line) follow(row *schema.TrafficSample, restriction uint8, seen bool, zone *time.Location) {
	observed := row.ObservedAt.UnixMilli()
	if last := len(l.episodes) - 1; last >= 0 && l.episodes[last].until == 0 {
		if l.episodes[last].restriction == restriction {
			return
		}
		l.episodes[last].until = observed
	}
	l.episodes = slices.DeleteFunc(l.episodes, func(e episode) bool {
		return e.until != 0 && e.until < monthStart(row.ObservedAt, zone).UnixMilli()
	})
	if restricts(row.Restriction) {
		from, exact := l.restrictedFrom(row)
		l.episodes = append(l.episodes, episode{restriction: restriction, from: from, atLeast: !exact && !seen})
		l.episodes = l.episodes[max(0, len(l.episodes)-maxEpisodes):]
	}
	l.episodes = slices.Clip(l.episodes)
}

// restricts reports whether a code means that the line is throttled. The meaning of an unknown one is not known.
func restricts(r schema.Restriction) bool {
	return r == schema.RestrictionRecent || r == schema.RestrictionMonthly || r == schema.RestrictionMonthlyAndRecent
}

// restrictedFrom returns since when the restriction in an answer holds: exactly, by a time in the answer that is possible,
// else since the answer.
func (l *line) restrictedFrom(row *schema.TrafficSample) (from int64, exact bool) {
	observed := row.ObservedAt.UnixMilli()
	var begun int64
	if row.Restriction != schema.RestrictionRecent && row.MonthlyLimitStart.Known {
		begun = row.MonthlyLimitStart.V.UnixMilli()
	}
	if row.Restriction != schema.RestrictionMonthly && row.DailyLimitStart.Known {
		begun = max(begun, row.DailyLimitStart.V.UnixMilli())
	}
	before := int64(0)
	if last := len(l.episodes) - 1; last >= 0 {
		before = l.episodes[last].until
	}
	if begun == 0 || begun > observed || begun < before {
		return observed, false
	}
	return begun, true
}

// restrictedNow is the episode that holds; the zero episode where none does.
func (l *line) restrictedNow() episode {
	if last := len(l.episodes) - 1; last >= 0 && l.episodes[last].until == 0 {
		return l.episodes[last]
	}
	return episode{}
}

func monthStart(t time.Time, zone *time.Location) time.Time {
	year, month, _ := t.In(zone).Date()
	return time.Date(year, month, 1, 0, 0, 0, 0, zone)
}
