package simulator

// meter is whatever the carrier counts the bytes of: a line, or a share group.
type meter interface {
	dayBytes(day int, m moment) uint64
	monthBytes(month int, m moment) uint64
	terms(m moment) terms
}

// terms is what a meter's bytes are measured against, and how its restrictions are told.
type terms struct {
	allowance uint64 // bytes a month; 0: no limit
	capped    bool   // the month's allowance restricts this meter (that of a pool's member restricts the pool)
	cal       calendar
	seed      uint64 // decides in which of its codes the carrier tells a restriction
}

// figures is what a traffic answer (calls 03 and 09) tells of a meter.
type figures struct {
	months    [3]uint64  // this month, 1 and 2 ago
	days      [31]uint64 // today, 1 to 30 days ago
	remaining *uint64    // nil: NULL
	limits
}

// figuresOf reads a meter at m. This month is the sum of its days, as in the document's own example.
func figuresOf(w meter, m moment) figures {
	var f figures
	for i := range f.days {
		f.days[i] = w.dayBytes(m.day-i, m)
	}
	for i := range f.months {
		f.months[i] = w.monthBytes(monthOf(m.day)-i, m)
	}
	t := w.terms(m)
	if t.allowance > 0 {
		f.remaining = new(remainder(t.allowance, f.months[0]))
	}
	f.limits = limitsOf(w, m, f)
	return f
}

// remainder is what is left of an allowance, in whole MiB: so is remainedDataVolume in the document's example.
func remainder(allowance, used uint64) uint64 {
	if used >= allowance {
		return 0
	}
	return (allowance - used) / mib * mib
}

func sumDays(w meter, month int, m moment) uint64 {
	var sum uint64
	for day := firstDay(month); day < firstDay(month+1) && day <= m.day; day++ {
		sum = add(sum, w.dayBytes(day, m))
	}
	return sum
}

func (l *line) terms(m moment) terms {
	return terms{allowance: l.as(m.second()).allowance(), capped: l.pool == nil, cal: l.cal, seed: l.seed}
}
