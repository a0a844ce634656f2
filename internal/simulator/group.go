package simulator

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// group is a contract's data share group, which is there while it has somebody in it. Its bytes are the sums of its
// members' bytes, its allowance the sum of theirs. Who was a member when is decided day by day, so that a line that
// joins brings no past with it.
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

// slowedMonth is on which days of a month the members are throttled; one bit a day, the first in bit 0.
type slowedMonth struct {
	month   int
	edition uint64 // of the contract
	days    uint32
}

// groupMemo is the last figures computed: all members are told the same within a second.
type groupMemo struct {
	m       moment
	version uint64
	figures figures
}

func newGroup(c *contract) *group {
	return &group{contract: c, cal: c.fleet.cfg.Calendar, seed: mix(c.seed(), aboutLimit)}
}

// form takes the first lines of a contract and its last, which the contract's list may not reach. The very last has
// only reserved its place, the one before has reserved to leave.
func (g *group) form(lines []*line, size int) {
	g.seed = mix(lines[0].seed, aboutLimit)
	head := (size + 1) / 2
	g.members = append(g.members, lines[:head]...)
	g.members = append(g.members, lines[len(lines)-(size-head):]...)
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
}

// there reports whether anybody is in the group, with a reservation at least. A group of nobody is none.
func (g *group) there(at int64) bool {
	for _, l := range g.all() {
		if l.shareAt(at) != shareNone {
			return true
		}
	}
	return false
}

// slowedOn tells the days of a month on which the members are throttled: those that begin with the common allowance
// used up. Volume that is added ends it with the next day.
func (g *group) slowedOn(month int) uint32 {
	slot := &g.slowed[month%monthsKept]
	edition := g.contract.edition.Load()
	if s := slot.Load(); s != nil && s.month == month && s.edition == edition {
		return s.days
	}
	first := firstDay(month)
	s := &slowedMonth{month: month, edition: edition}
	var used uint64
	for day := first; day < firstDay(month+1); day++ {
		var allowance, demand uint64
		begin := g.cal.midnight(day)
		for _, l := range g.base {
			allowance += l.as(begin).allowance()
			demand += l.demand(day)
		}
		if allowance > 0 && used >= allowance {
			s.days |= 1 << (day - first)
			demand /= slow
		}
		used += demand
	}
	slot.Store(s)
	return s.days
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
	asOf := m.second()
	if day < m.day {
		asOf = g.cal.midnight(day+1) - 1
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

func (g *group) terms(m moment) terms {
	t := terms{capped: true, cal: g.cal, seed: g.seed}
	for _, l := range g.all() {
		if l.shareAt(m.second()).inPool() {
			t.allowance += l.as(m.second()).allowance()
		}
	}
	return t
}

// figures reads the group at m.
func (g *group) figures(m moment) figures {
	version := g.contract.fleet.version.Load() // changes whenever something was injected anywhere
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

// reserveID is the number of the reservation that put the line into the group, or will take it out. Those of long ago
// have 17 digits as in the example of call 10, those of call 22 and 23 have 15 as their tables say.
func (l *line) reserveID(at int64) string {
	if id := l.as(at).reserve; id != "" {
		return id
	}
	return fmt.Sprintf("%s%09d", dateOf(l.startDay+30).Format("20060102"), of(l.seed, aboutAttributes, 5)%1e9)
}
