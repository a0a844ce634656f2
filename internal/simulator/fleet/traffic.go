package fleet

import (
	"math/bits"

	"kaisen/internal/simulator/calendar"
	"kaisen/internal/simulator/chance"
)

// What a line would use if nothing stopped it (demand), and what the carrier lets through (used). Both are pure
// functions of the line and the time.

// rhythm is how busy the hours of a day are, from midnight on.
func rhythm() [24]uint64 {
	return [24]uint64{2, 1, 1, 1, 1, 2, 5, 9, 12, 12, 12, 13, 15, 13, 12, 12, 13, 15, 16, 15, 14, 12, 8, 4}
}

// demand is what the line would use on a whole day, in bytes.
func (l *Line) demand(day int) uint64 {
	if day < l.StartDay {
		return 0
	}
	volume := l.Plan.Volume
	if volume == 0 {
		volume = 1024 * MiB
	}
	mean := volume / 30
	h := chance.Of(l.Seed, chance.AboutDay, uint64(day))
	percent, noise := h%100, h>>32
	switch l.character {
	case greedy:
		return mean*7/4 + noise%mean
	case quiet:
		if percent < 70 {
			return 0
		}
		return 40_000 + noise%120_000
	case constant:
		return 1_000_000 + chance.Of(l.Seed, chance.AboutDay, ^uint64(0))%30_000_000
	case bursty:
		if day%4 < 2 && chance.Of(l.Seed, chance.AboutDay, uint64(day/4)<<32)%3 == 0 {
			return volume/6 + noise%mean
		}
		return mean/8 + noise%(mean/8)
	default:
		weekday := 10 + 4*min(uint64((day+4)%7%6), 1) // less on Saturdays and Sundays: 1970-01-01 was a Thursday
		return (mean/4 + noise%(mean*3/4)) * weekday / 14
	}
}

// by is how much of a day's total is used after into of its length seconds: a sum that only grows, with the
// rhythm of the hours, each a little different by line and day.
func (l *Line) by(day int, total uint64, into, length int64) uint64 {
	if into >= length || l.character == constant {
		return share(total, uint64(into), uint64(length))
	}
	hours := rhythm()
	noise := chance.Of(l.Seed, chance.AboutRhythm, uint64(day))
	segment := length / 24 // 3600 but on days that change the clock
	at := int(min(into/segment, 23))
	var before, hour, all uint64
	for i, weight := range hours {
		weight *= 8 + (noise>>(2*i))&3*4
		if i < at {
			before += weight
		} else if i == at {
			hour = weight
		}
		all += weight
	}
	return share(total, before*uint64(segment)+hour*uint64(into-int64(at)*segment), all*uint64(segment))
}

// slow is what becomes of the bytes beyond a used-up volume: the carrier throttles to a fraction.
const slow = 50

// quota is what may be used in a month in all, once the month's demand has come to a number of bytes.
type quota struct{ from, allowance uint64 }

// throttle is what is let through of a month's demand. A higher quota lets through what comes after it at full speed
// again, and changes nothing about what came before.
func throttle(demand uint64, quotas []quota) uint64 {
	var used uint64
	for i, q := range quotas {
		until := demand
		if i+1 < len(quotas) {
			until = min(demand, quotas[i+1].from)
		}
		if until <= q.from {
			continue
		}
		more := until - q.from
		if q.allowance > 0 {
			full := min(more, q.allowance-min(used, q.allowance))
			more = full + (more-full)/slow
		}
		used += more
	}
	return used
}

// monthsKept is how many months of a line stay computed: those that an answer can have, and one more for a
// figure that turns late.
const monthsKept = 4

// monthTable is a line's month, summed day by day. Entry i is what came before the month's i-th day (from 0).
type monthTable struct {
	month  int
	first  int // its first day
	days   int
	demand [32]uint64
	used   [32]uint64
	quotas []quota
	// edition is the contract's: that of an older one is out of date.
	edition uint64
}

// table is the line's month, computed once and kept. Two goroutines may compute the same: the result is the same.
func (l *Line) table(month int) *monthTable {
	slot := &l.months[month%monthsKept]
	edition := l.contract.edition.Load() // before what it stands for is read
	if t := slot.Load(); t != nil && t.month == month && t.edition == edition {
		return t
	}
	t := &monthTable{month: month, first: calendar.FirstDay(month), edition: edition}
	t.days = calendar.FirstDay(month+1) - t.first
	for i := range t.days {
		t.demand[i+1] = t.demand[i] + l.demand(t.first+i)
	}
	if l.pool == nil {
		l.throttleAlone(t)
	} else {
		l.throttleInPool(t)
	}
	slot.Store(t)
	return t
}

// throttleAlone lets through what the line's own allowance does.
func (l *Line) throttleAlone(t *monthTable) {
	for _, a := range l.allowances(t.month) {
		m := momentOf(l.cal, a.at, 0)
		i := m.day - t.first
		wish := l.by(m.day, t.demand[i+1]-t.demand[i], m.into, m.length)
		t.quotas = append(t.quotas, quota{t.demand[i] + wish, a.bytes})
	}
	for i := range t.days {
		t.used[i+1] = throttle(t.demand[i+1], t.quotas)
	}
}

// throttleInPool lets through what the pool does, which is decided day by day.
func (l *Line) throttleInPool(t *monthTable) {
	slowed := l.pool.slowedOn(t.month)
	for i := range t.days {
		wish := t.demand[i+1] - t.demand[i]
		if slowed>>i&1 == 1 {
			wish /= slow
		}
		t.used[i+1] = t.used[i] + wish
	}
}

// partOfDay is what the line used on the day of m up to m, without what was injected.
func (l *Line) partOfDay(t *monthTable, m moment) uint64 {
	i := m.day - t.first
	if m.into >= m.length {
		return t.used[i+1] - t.used[i]
	}
	if l.pool != nil {
		return l.by(m.day, t.used[i+1]-t.used[i], m.into, m.length)
	}
	wish := l.by(m.day, t.demand[i+1]-t.demand[i], m.into, m.length)
	return throttle(t.demand[i]+wish, t.quotas) - t.used[i]
}

// dayBytes is what a day up to m came to, as the carrier sees it at m: 0 for days after it.
func (l *Line) dayBytes(day int, m moment) uint64 {
	if day > m.day {
		return 0
	}
	t := l.table(calendar.MonthOf(day))
	var bytes uint64
	if day == m.day {
		bytes = l.partOfDay(t, m)
	} else {
		bytes = t.used[day-t.first+1] - t.used[day-t.first]
	}
	if o := l.overlay.Load(); o != nil {
		bytes = o.dayBytes(day, m.at, bytes)
	}
	return bytes
}

// monthBytes is what the days of a month up to m came to.
func (l *Line) monthBytes(month int, m moment) uint64 {
	t := l.table(month)
	switch o := l.overlay.Load(); {
	case o != nil && len(o.volumes) > 0:
		return sumDays(l, month, m)
	case t.first > m.day:
		return 0
	case t.first+t.days <= m.day:
		return t.used[t.days]
	default:
		return t.used[m.day-t.first] + l.partOfDay(t, m)
	}
}

// share is total × part / whole without overflow, rounded down; part must not exceed whole.
func share(total, part, whole uint64) uint64 {
	if part >= whole {
		return total
	}
	hi, lo := bits.Mul64(total, part)
	quotient, _ := bits.Div64(hi, lo, whole)
	return quotient
}

// add is a + b, stopping at the largest number: what a 64-bit counter of the carrier would at best do.
func add(a, b uint64) uint64 {
	sum, carry := bits.Add64(a, b, 0)
	if carry != 0 {
		return ^uint64(0)
	}
	return sum
}
