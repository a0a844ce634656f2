package simulator

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// group is a contract's data share group. Its bytes are the sums of its members' bytes, its allowance the sum of
// theirs. Who was a member when is decided day by day, so that a line that joins brings no past with it.
type group struct {
	contract *contract
	cal      calendar
	seed     uint64
	base     []*line // members since the beginning

	slowed [monthsKept]atomic.Pointer[slowedMonth]

	mu      sync.RWMutex
	members []*line // all that ever were members, in the order of the list; replaced, never changed
	memo    groupMemo
}

type slowedMonth struct{ month, from int }

// groupMemo is the last figures computed: all members are told the same within a second.
type groupMemo struct {
	m       moment
	version uint64
	figures figures
}

// formGroup takes the first lines of a contract and its last, which the contract's list may not reach. The very
// last has only reserved its place, the one before has reserved to leave.
func formGroup(c *contract, size int) {
	g := &group{contract: c, seed: mix(c.lines[0].seed, aboutLimit), cal: c.lines[0].cal}
	head := (size + 1) / 2
	g.members = append(g.members, c.lines[:head]...)
	g.members = append(g.members, c.lines[len(c.lines)-(size-head):]...)
	for i, l := range g.members {
		switch {
		case size >= 5 && i == size-1:
			l.share = shareReserved
			continue
		case size >= 5 && i == size-2:
			l.share = shareRemovalReserved
		default:
			l.share = shareRegistered
		}
		l.pool = g
		g.base = append(g.base, l)
	}
	c.group = g
}

// usedUp is the day of the month (from 0) from which on the members are throttled: the one after the day on which
// their common demand passed the allowance. The number of days in the month: never.
func (g *group) usedUp(month int) int {
	slot := &g.slowed[month%monthsKept]
	if s := slot.Load(); s != nil && s.month == month {
		return s.from
	}
	first := firstDay(month)
	days := firstDay(month+1) - first
	from := days
	var allowance, demand uint64
	for _, l := range g.base {
		allowance += l.allowance
	}
	for i := 0; i < days && allowance > 0; i++ {
		for _, l := range g.base {
			demand += l.demand(first + i)
		}
		if demand >= allowance {
			from = i + 1
			break
		}
	}
	slot.Store(&slowedMonth{month, from})
	return from
}

// all is everyone who ever was a member.
func (g *group) all() []*line {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.members
}

// admit adds a line to those whose status counts; it stays among them when it leaves.
func (g *group) admit(l *line) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, m := range g.members {
		if m == l {
			return
		}
	}
	g.members = append(append([]*line(nil), g.members...), l)
}

func (g *group) dayBytes(day int, m moment) uint64 {
	if day > m.day {
		return 0
	}
	asOf := m.at
	switch {
	case day < m.day:
		asOf = g.cal.midnight(day+1) - 1
	case m.into >= m.length: // the very end of its day
		asOf--
	}
	var sum uint64
	for _, l := range g.all() {
		if l.shareAt(asOf).inPool() {
			sum = add(sum, l.dayBytes(day, m))
		}
	}
	return sum
}

func (g *group) monthBytes(month int, m moment) uint64 {
	var sum uint64
	for _, l := range g.all() {
		if l.overlay.Load() != nil {
			return sumDays(g, month, m)
		}
		if l.share.inPool() {
			sum = add(sum, l.monthBytes(month, m))
		}
	}
	return sum
}

func (g *group) terms() terms {
	t := terms{capped: true, cal: g.cal, seed: g.seed}
	for _, l := range g.base {
		t.allowance += l.allowance
	}
	return t
}

// figures reads the group at m; version changes whenever something was injected anywhere.
func (g *group) figures(m moment, version uint64) figures {
	g.mu.RLock()
	memo := g.memo
	g.mu.RUnlock()
	if memo.m == m && memo.version == version {
		return memo.figures
	}
	f := figuresOf(g, m)
	g.mu.Lock()
	g.memo = groupMemo{m, version, f}
	g.mu.Unlock()
	return f
}

// reserveID is the number of the order that put the line into the group: 17 digits in the document's example,
// though its table says 15.
func (l *line) reserveID() string {
	return fmt.Sprintf("%s%09d", dateOf(l.startDay+30).Format("20060102"), of(l.seed, aboutAttributes, 5)%1e9)
}
