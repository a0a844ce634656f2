// Package fleet is the carrier's contracts and lines: what they use, when they are connected, which of them share their
// volume, and what orders and tests make of them. Everything a line does is a function of the seed, the line and the
// virtual time. It knows no URL and none of the forms in which the carrier says it: those are the API's.
package fleet

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"kaisen/internal/simulator/calendar"
	"kaisen/internal/simulator/chance"
)

// Config is what a fleet is made from. New takes it as it is: whoever fills it in has checked it.
type Config struct {
	Seed          uint64
	Contracts     []ContractSize
	ShareLines    int       // lines of the first contract's data share group; 0: none
	Start         time.Time // virtual
	Calendar      calendar.Calendar
	SessionPeriod time.Duration // mean time from one session of a line to its next, at least MinSessionPeriod
	TurnDelay     time.Duration // figures of days and months turn this long after the virtual midnight
	MaxRows       int           // rows after which call 02 ends; nothing says that there are more
}

// ContractSize is a contract's ID and the number of its lines.
type ContractSize struct {
	ID    string
	Lines int
}

// Fleet is every contract with its lines.
type Fleet struct {
	// Changing is held while something about contracts and lines is changed.
	Changing sync.Mutex

	cfg       Config
	contracts []*Contract
	byID      map[string]*Contract
	version   atomic.Uint64 // of everything injected or ordered
	serial    int           // of the next line
}

// New makes all contracts and lines of a configuration.
func New(cfg Config) *Fleet {
	f := &Fleet{cfg: cfg, byID: map[string]*Contract{}}
	today := cfg.Calendar.Day(cfg.Start.Unix())
	for i, size := range cfg.Contracts {
		c := &Contract{fleet: f, ID: size.ID, Index: i, Domain: fmt.Sprintf("ntt-com%03d", i+1)}
		c.Group = newGroup(c)
		lines := newRoster()
		for j := range size.Lines {
			lines.add(f.newLine(c, j, today))
		}
		c.current.Store(lines)
		f.contracts = append(f.contracts, c)
		f.byID[c.ID] = c
	}
	if cfg.ShareLines > 0 {
		f.contracts[0].Group.form(f.contracts[0].roster().lines, cfg.ShareLines)
	}
	return f
}

// Contracts are the contracts in their order.
func (f *Fleet) Contracts() []*Contract { return f.contracts }

// Contract is the contract with an ID; nil: there is none.
func (f *Fleet) Contract(id string) *Contract { return f.byID[id] }

// Contract is one customer's contract. Its lines are in its roster.
type Contract struct {
	fleet   *Fleet
	ID      string
	Index   int
	Domain  string
	Group   *Group // of nobody, where there is no share group
	current atomic.Pointer[roster]
	edition atomic.Uint64 // changes with every allowance, so that computed months are known to be out of date
}

// Seed is what the contract's own chances follow from.
func (c *Contract) Seed() uint64 { return chance.Mix(uint64(c.Index), 0x4e) }

// Changed makes everything computed from a contract's lines out of date.
func (c *Contract) Changed() {
	c.edition.Add(1)
	c.fleet.version.Add(1)
}

// roster is a contract's lines in the order of the carrier's list. It is replaced when a line is added, so that a
// reader sees the whole of one.
type roster struct {
	lines  []*Line
	byNo   map[string]*Line
	byAuth map[string][]*Line // by every authentication ID that a line has, had or will have
	rate   float64            // log rows a second to expect, to size the chunks of a query
}

func newRoster() *roster { return &roster{byNo: map[string]*Line{}, byAuth: map[string][]*Line{}} }

// Lines are the contract's lines, those that an order has yet to open among them.
func (c *Contract) Lines() []*Line { return c.roster().lines }

// roster is the contract's lines now, those that an order has yet to open among them.
func (c *Contract) roster() *roster { return c.current.Load() }

func (r *roster) add(l *Line) {
	r.lines = append(r.lines, l)
	r.byNo[l.No] = l
	r.byAuth[l.AuthID] = append(r.byAuth[l.AuthID], l)
	r.rate += l.logRate()
}

// change replaces the roster by a changed copy. Callers hold the fleet's Changing.
func (c *Contract) change(edit func(*roster)) {
	old := c.roster()
	next := &roster{
		lines: slices.Clone(old.lines), byNo: maps.Clone(old.byNo), byAuth: maps.Clone(old.byAuth), rate: old.rate,
	}
	edit(next)
	c.current.Store(next)
}

// know notes that a line has or will have an authentication ID.
func (r *roster) know(l *Line, id string) {
	if !slices.Contains(r.byAuth[id], l) {
		r.byAuth[id] = append(slices.Clip(r.byAuth[id]), l)
	}
}

// forget takes a line out that no order will open any more.
func (r *roster) forget(l *Line) {
	r.lines = slices.DeleteFunc(r.lines, func(other *Line) bool { return other == l })
	delete(r.byNo, l.No)
	for id, known := range r.byAuth {
		if slices.Contains(known, l) {
			r.byAuth[id] = slices.DeleteFunc(slices.Clone(known), func(other *Line) bool { return other == l })
		}
	}
	r.rate -= l.logRate()
}

// Find is the line with a number, if the carrier knows it at a second.
func (c *Contract) Find(no string, at int64) *Line {
	if l := c.roster().byNo[no]; l != nil && l.exists(at) {
		return l
	}
	return nil
}

// WithAuth is the line that has an authentication ID at a second.
func (c *Contract) WithAuth(id string, at int64) *Line {
	for _, l := range c.roster().byAuth[id] {
		if at >= l.born && l.As(at).AuthID == id {
			return l
		}
	}
	return nil
}

// Taken reports whether a line other than one has or will have an authentication ID.
func (c *Contract) Taken(id string, but *Line, now int64) bool {
	for _, l := range c.roster().byAuth[id] {
		there := !l.flag(aspectEnded, now)
		if l != but && there && (l.As(now).AuthID == id || l.As(math.MaxInt64).AuthID == id) {
			return true
		}
	}
	return false
}

// Expect notes that a line will have an authentication ID.
func (c *Contract) Expect(l *Line, id string) { c.change(func(r *roster) { r.know(l, id) }) }
