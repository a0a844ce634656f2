package fleet

import (
	"kaisen/internal/simulator/calendar"
	"kaisen/internal/simulator/chance"
)

// moment is the instant of which figures speak: a second of a day, or the very end of that day while the
// carrier's figures have not yet turned to the next.
type moment struct {
	day    int
	at     int64 // the second; at the end of a day, the midnight that ends it
	into   int64 // seconds since the day began
	length int64 // seconds the day has
}

// second is the last second that belongs to the moment: the end of a day is not yet the next.
func (m moment) second() int64 {
	if m.into >= m.length {
		return m.at - 1
	}
	return m.at
}

// momentOf is the second at, for figures that turn delay seconds after midnight.
func momentOf(c calendar.Calendar, at, delay int64) moment {
	day := c.Day(at)
	begin := c.Midnight(day)
	if at-begin < delay {
		return endOf(c, day-1)
	}
	return moment{day: day, at: at, into: at - begin, length: c.Midnight(day+1) - begin}
}

// endOf is the last moment of a day.
func endOf(c calendar.Calendar, day int) moment {
	begin, end := c.Midnight(day), c.Midnight(day+1)
	return moment{day: day, at: end, into: end - begin, length: end - begin}
}

// meter is whatever the carrier counts the bytes of: a line, or a share group.
type meter interface {
	dayBytes(day int, m moment) uint64
	monthBytes(month int, m moment) uint64
	terms(m moment) terms
}

// terms is what a meter's bytes are measured against, and how its restrictions are coded.
type terms struct {
	allowance uint64 // bytes a month; 0: no limit
	capped    bool   // the month's allowance restricts this meter (that of a pool's member restricts the pool)
	cal       calendar.Calendar
	seed      uint64 // decides which of its codes the carrier uses for a restriction
}

// Figures is what a traffic answer (calls 03 and 09) says of a meter.
type Figures struct {
	Months    [3]uint64  // this month, 1 and 2 ago
	Days      [31]uint64 // today, 1 to 30 days ago
	Remaining *uint64    // nil: NULL
	Limits
}

// figuresOf reads a meter at m. This month is the sum of its days, as in the document's own example.
func figuresOf(w meter, m moment) Figures {
	var f Figures
	for i := range f.Days {
		f.Days[i] = w.dayBytes(m.day-i, m)
	}
	for i := range f.Months {
		f.Months[i] = w.monthBytes(calendar.MonthOf(m.day)-i, m)
	}
	t := w.terms(m)
	if t.allowance > 0 {
		f.Remaining = new(remainder(t.allowance, f.Months[0]))
	}
	f.Limits = limitsOf(w, m, f)
	return f
}

// remainder is what is left of an allowance, in whole MiB: so is remainedDataVolume in the document's example.
func remainder(allowance, used uint64) uint64 {
	if used >= allowance {
		return 0
	}
	return (allowance - used) / MiB * MiB
}

func sumDays(w meter, month int, m moment) uint64 {
	var sum uint64
	for day := calendar.FirstDay(month); day < calendar.FirstDay(month+1) && day <= m.day; day++ {
		sum = add(sum, w.dayBytes(day, m))
	}
	return sum
}

func (l *Line) terms(m moment) terms {
	return terms{allowance: l.As(m.second()).allowance(), capped: l.pool == nil, cal: l.cal, seed: l.Seed}
}

// Figures is what call 03 says of the line at a second.
func (l *Line) Figures(at int64) Figures { return figuresOf(l, l.moment(at)) }

// Limits is a meter's restriction as it follows from usage, and the carrier's codes for it. The
// table 規制条件表 has two ways to say the same; a meter sticks to one.
type Limits struct {
	recent, monthly           bool
	Status1                   *uint8 // limitStatus1: nil for NULL, 0 to 3
	Status2                   uint8  // limitStatus2: 0 or 1
	MonthlySince, RecentSince int64  // seconds; 0: not restricted
}

// Restriction is the restriction in a word, decided from usage and not from the codes.
func (r Limits) Restriction() string {
	switch {
	case r.recent && r.monthly:
		return "monthly_and_recent"
	case r.monthly:
		return "monthly"
	case r.recent:
		return "recent"
	default:
		return "none"
	}
}

// recentShare: three whole days with more than 3/10 of the month's allowance restrict the day after.
const recentShare = 3

func limitsOf(w meter, m moment, f Figures) Limits {
	var r Limits
	t := w.terms(m)
	if t.allowance > 0 {
		r.monthly = t.capped && f.Months[0] >= t.allowance
		r.recent = isRecent(t, f.Days[1], f.Days[2], f.Days[3])
	}
	if r.monthly {
		r.MonthlySince = reached(w, m, t)
	}
	if r.recent {
		since := m.day
		for i := 1; i+3 < len(f.Days) && isRecent(t, f.Days[i+1], f.Days[i+2], f.Days[i+3]); i++ {
			since--
		}
		r.RecentSince = t.cal.Midnight(since)
	}
	r.encode(chance.Of(t.seed, chance.AboutLimit, 0))
	return r
}

func isRecent(t terms, days ...uint64) bool {
	var sum uint64
	for _, bytes := range days {
		sum = add(sum, bytes)
	}
	return sum > t.allowance/10*recentShare
}

// encode chooses the codes: one way has the month in limitStatus2, the other in limitStatus1, where
// limitStatus2 does not count and may hold anything.
func (r *Limits) encode(choice uint64) {
	var status1 uint8
	switch inFirst := choice&1 == 1; {
	case inFirst && r.monthly:
		status1, r.Status2 = 2, uint8(choice>>1&1)
		if r.recent {
			status1 = 3
		}
	default:
		if r.recent {
			status1 = 1
		}
		if r.monthly {
			r.Status2 = 1
		}
	}
	if status1 != 0 || choice>>2&3 != 0 { // one in four says NULL for 0
		r.Status1 = &status1
	}
}

// reached is the second at which a month's bytes came to the allowance, looked for by halving.
func reached(w meter, m moment, t terms) int64 {
	month := calendar.MonthOf(m.day)
	day := calendar.FirstDay(month)
	for ; day < m.day; day++ {
		if w.monthBytes(month, endOf(t.cal, day)) >= t.allowance {
			break
		}
	}
	at := m
	if day < m.day {
		at = endOf(t.cal, day)
	}
	begin := t.cal.Midnight(day)
	low, high := int64(0), at.at-begin // not yet at low-1, reached at high
	for low < high {
		middle := (low + high) / 2
		probe := moment{day: day, at: begin + middle, into: middle, length: at.length}
		if w.monthBytes(month, probe) >= t.allowance {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return begin + high
}
