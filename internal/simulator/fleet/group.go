package fleet

import (
	"fmt"
	"sync"
	"sync/atomic"

	"kaisen/internal/simulator/calendar"
	"kaisen/internal/simulator/chance"
)

// Group is a contract's data share group, which is there while it has somebody in it. Its bytes are the sums of its
// members' bytes, its allowance the sum of theirs. Who was a member when is decided day by day, so that a line that
// joins brings no past with it.
type Group struct {
	contract *Contract
	cal      calendar.Calendar
	seed     uint64
	base     []*Line // members since the beginning

	slowed [monthsKept]atomic.Pointer[slowedMonth]

	mu      sync.RWMutex
	members []*Line // all that ever were members, in the order of the list; replaced, never changed
	memo    groupMemo
}

// slowedMonth is on which days of a month the members are throttled; one bit a day, the first in bit 0.
type slowedMonth struct {
	month   int
	edition uint64 // of the contract
	days    uint32
}

// groupMemo is the last figures computed: all members get the same within a second.
type groupMemo struct {
	m       moment
	version uint64
	figures Figures
}

func newGroup(c *Contract) *Group {
	return &Group{contract: c, cal: c.fleet.cfg.Calendar, seed: chance.Mix(c.Seed(), chance.AboutLimit)}
}

// form takes the first lines of a contract and its last, which the contract's list may not reach. The very last has
// only reserved its place, the one before has reserved to leave.
func (g *Group) form(lines []*Line, size int) {
	g.seed = chance.Mix(lines[0].Seed, chance.AboutLimit)
	head := (size + 1) / 2
	g.members = append(g.members, lines[:head]...)
	g.members = append(g.members, lines[len(lines)-(size-head):]...)
	for i, l := range g.members {
		switch {
		case size >= 5 && i == size-1:
			l.share = ShareReserved
			continue
		case size >= 5 && i == size-2:
			l.share = ShareRemovalReserved
		default:
			l.share = ShareRegistered
		}
		l.pool = g
		g.base = append(g.base, l)
	}
}

// There reports whether anybody is in the group, with a reservation at least. Without anybody there is no group.
func (g *Group) There(at int64) bool {
	for _, l := range g.All() {
		if l.ShareAt(at) != ShareNone {
			return true
		}
	}
	return false
}

// slowedOn returns the days of a month on which the members are throttled: those that begin with the common allowance
// used up. Volume that is added ends it with the next day.
func (g *Group) slowedOn(month int) uint32 {
	slot := &g.slowed[month%monthsKept]
	edition := g.contract.edition.Load()
	if s := slot.Load(); s != nil && s.month == month && s.edition == edition {
		return s.days
	}
	first := calendar.FirstDay(month)
	s := &slowedMonth{month: month, edition: edition}
	var used uint64
	for day := first; day < calendar.FirstDay(month+1); day++ {
		var allowance, demand uint64
		begin := g.cal.Midnight(day)
		for _, l := range g.base {
			allowance += l.As(begin).allowance()
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

// All is everyone who ever was a member.
func (g *Group) All() []*Line {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.members
}

// Admit adds a line to those whose status counts; it stays among them when it leaves.
func (g *Group) Admit(l *Line) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, m := range g.members {
		if m == l {
			return
		}
	}
	g.members = append(append([]*Line(nil), g.members...), l)
}

func (g *Group) dayBytes(day int, m moment) uint64 {
	if day > m.day {
		return 0
	}
	asOf := m.second()
	if day < m.day {
		asOf = g.cal.Midnight(day+1) - 1
	}
	var sum uint64
	for _, l := range g.All() {
		if l.ShareAt(asOf).InPool() {
			sum = add(sum, l.dayBytes(day, m))
		}
	}
	return sum
}

func (g *Group) monthBytes(month int, m moment) uint64 {
	var sum uint64
	for _, l := range g.All() {
		if l.overlay.Load() != nil {
			return sumDays(g, month, m)
		}
		if l.share.InPool() {
			sum = add(sum, l.monthBytes(month, m))
		}
	}
	return sum
}

func (g *Group) terms(m moment) terms {
	t := terms{capped: true, cal: g.cal, seed: g.seed}
	for _, l := range g.All() {
		if l.ShareAt(m.second()).InPool() {
			t.allowance += l.As(m.second()).allowance()
		}
	}
	return t
}

// FiguresFor is what call 09 says of the group at a second, when a member asks.
func (g *Group) FiguresFor(l *Line, at int64) Figures { return g.figuresAt(l.moment(at)) }

// figuresAt reads the group at m.
func (g *Group) figuresAt(m moment) Figures {
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

// ReserveID is the number of the reservation that put the line into the group, or will take it out. Those of long ago
// have 17 digits as in the example of call 10, those of call 22 and 23 have 15 as their tables say.
func (l *Line) ReserveID(at int64) string {
	if id := l.As(at).reserve; id != "" {
		return id
	}
	return fmt.Sprintf("%s%09d", calendar.Time(l.StartDay+30).Format("20060102"), chance.Of(l.Seed, chance.AboutAttributes, 5)%1e9)
}
