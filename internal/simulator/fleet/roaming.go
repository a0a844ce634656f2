package fleet

import "kaisen/internal/simulator/calendar"

// What a line uses abroad: all that it uses while a session of its is roaming. Every figure of the fleet has it in it;
// the API can leave it out of a month.

// roamed is what the line used abroad on a day up to m.
func (l *Line) roamed(day int, m moment) uint64 {
	begin, end := l.cal.Midnight(day), l.cal.Midnight(day+1)
	until := func(at int64) uint64 {
		if at >= end {
			return l.dayBytes(day, endOf(l.cal, day))
		}
		return l.dayBytes(day, moment{day: day, at: at, into: at - begin, length: end - begin})
	}
	var sum uint64
	l.sessions(begin, min(end, m.at), func(v visit) {
		before, after := until(max(v.start, begin)), until(min(v.stop, m.at))
		if v.roaming && after > before {
			sum += after - before
		}
	})
	return min(sum, l.dayBytes(day, m))
}

// roamedMonths is what the line used abroad in each month of an answer.
func (l *Line) roamedMonths(m moment) (months [3]uint64) {
	for i := range months {
		month := calendar.MonthOf(m.day) - i
		for day := calendar.FirstDay(month); day < calendar.FirstDay(month+1) && day <= m.day; day++ {
			months[i] = add(months[i], l.roamed(day, m))
		}
	}
	return months
}

// FiguresAtHome is Figures with months that lack what the line used abroad.
func (l *Line) FiguresAtHome(at int64) Figures {
	f := l.Figures(at)
	f.lack(l.roamedMonths(l.moment(at)))
	return f
}

// FiguresAtHomeFor is FiguresFor with months that lack what the members use abroad.
func (g *Group) FiguresAtHomeFor(l *Line, at int64) Figures {
	f, m := g.FiguresFor(l, at), l.moment(at)
	for _, member := range g.All() {
		if member.ShareAt(m.second()).InPool() {
			f.lack(member.roamedMonths(m))
		}
	}
	return f
}

func (f *Figures) lack(months [3]uint64) {
	for i, bytes := range months {
		f.Months[i] -= min(bytes, f.Months[i])
	}
}
