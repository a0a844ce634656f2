package simulator

import (
	"maps"
	"math"
	"slices"
)

// roster is a contract's lines in the order of the carrier's list. It is replaced when a line is added, so that a
// reader sees the whole of one.
type roster struct {
	lines  []*line
	byNo   map[string]*line
	byAuth map[string][]*line // by every authentication ID that a line has, had or will have
	rate   float64            // log rows a second to expect, to size the chunks of a query
}

func newRoster() *roster { return &roster{byNo: map[string]*line{}, byAuth: map[string][]*line{}} }

// Lines are the contract's lines, those that an order has yet to open among them.
func (c *contract) Lines() []*line { return c.roster().lines }

// roster is the contract's lines now, those that an order has yet to open among them.
func (c *contract) roster() *roster { return c.current.Load() }

func (r *roster) add(l *line) {
	r.lines = append(r.lines, l)
	r.byNo[l.no] = l
	r.byAuth[l.authID] = append(r.byAuth[l.authID], l)
	r.rate += l.logRate()
}

// change replaces the roster by a changed copy. Callers hold the fleet's Changing.
func (c *contract) change(edit func(*roster)) {
	old := c.roster()
	next := &roster{
		lines: slices.Clone(old.lines), byNo: maps.Clone(old.byNo), byAuth: maps.Clone(old.byAuth), rate: old.rate,
	}
	edit(next)
	c.current.Store(next)
}

// know notes that a line has or will have an authentication ID.
func (r *roster) know(l *line, id string) {
	if !slices.Contains(r.byAuth[id], l) {
		r.byAuth[id] = append(slices.Clip(r.byAuth[id]), l)
	}
}

// forget takes a line out that no order will open any more.
func (r *roster) forget(l *line) {
	r.lines = slices.DeleteFunc(r.lines, func(other *line) bool { return other == l })
	delete(r.byNo, l.no)
	for id, known := range r.byAuth {
		if slices.Contains(known, l) {
			r.byAuth[id] = slices.DeleteFunc(slices.Clone(known), func(other *line) bool { return other == l })
		}
	}
	r.rate -= l.logRate()
}

// find is the line with a number, if the carrier knows it at a second.
func (c *contract) find(no string, at int64) *line {
	if l := c.roster().byNo[no]; l != nil && l.exists(at) {
		return l
	}
	return nil
}

// withAuth is the line that has an authentication ID at a second.
func (c *contract) withAuth(id string, at int64) *line {
	for _, l := range c.roster().byAuth[id] {
		if at >= l.born && l.as(at).authID == id {
			return l
		}
	}
	return nil
}

// taken reports whether a line other than one has or will have an authentication ID.
func (c *contract) taken(id string, but *line, now int64) bool {
	for _, l := range c.roster().byAuth[id] {
		there := !l.flag(aspectEnded, now)
		if l != but && there && (l.as(now).authID == id || l.as(math.MaxInt64).authID == id) {
			return true
		}
	}
	return false
}

// expect notes that a line will have an authentication ID.
func (c *contract) expect(l *line, id string) { c.change(func(r *roster) { r.know(l, id) }) }
