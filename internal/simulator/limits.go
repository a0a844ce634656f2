package simulator

// limits is a meter's restriction as it follows from usage, and the codes in which the carrier tells it. The
// table 規制条件表 has two ways to say the same; a meter sticks to one.
type limits struct {
	recent, monthly           bool
	status1                   *uint8 // limitStatus1: nil for NULL, 0 to 3
	status2                   uint8  // limitStatus2: 0 or 1
	monthlySince, recentSince int64  // seconds; 0: not restricted
}

// word is the restriction in a word, decided from usage and not from the codes.
func (r limits) word() string {
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

func limitsOf(w meter, m moment, f figures) limits {
	var r limits
	t := w.terms(m)
	if t.allowance > 0 {
		r.monthly = t.capped && f.months[0] >= t.allowance
		r.recent = isRecent(t, f.days[1], f.days[2], f.days[3])
	}
	if r.monthly {
		r.monthlySince = reached(w, m, t)
	}
	if r.recent {
		since := m.day
		for i := 1; i+3 < len(f.days) && isRecent(t, f.days[i+1], f.days[i+2], f.days[i+3]); i++ {
			since--
		}
		r.recentSince = t.cal.midnight(since)
	}
	r.encode(of(t.seed, aboutLimit, 0))
	return r
}

func isRecent(t terms, days ...uint64) bool {
	var sum uint64
	for _, bytes := range days {
		sum = add(sum, bytes)
	}
	return sum > t.allowance/10*recentShare
}

// encode chooses the codes: one way tells the month in limitStatus2, the other in limitStatus1, where
// limitStatus2 does not count and may hold anything.
func (r *limits) encode(choice uint64) {
	var status1 uint8
	switch inFirst := choice&1 == 1; {
	case inFirst && r.monthly:
		status1, r.status2 = 2, uint8(choice>>1&1)
		if r.recent {
			status1 = 3
		}
	default:
		if r.recent {
			status1 = 1
		}
		if r.monthly {
			r.status2 = 1
		}
	}
	if status1 != 0 || choice>>2&3 != 0 { // one in four says NULL for 0
		r.status1 = &status1
	}
}

// reached is the second at which a month's bytes came to the allowance, looked for by halving.
func reached(w meter, m moment, t terms) int64 {
	month := monthOf(m.day)
	day := firstDay(month)
	for ; day < m.day; day++ {
		if w.monthBytes(month, endOf(t.cal, day)) >= t.allowance {
			break
		}
	}
	at := m
	if day < m.day {
		at = endOf(t.cal, day)
	}
	begin := t.cal.midnight(day)
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
