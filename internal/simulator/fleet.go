package simulator

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// FleetConfig is what a fleet is made from. NewFleet takes it as it is: whoever fills it in has checked it.
type FleetConfig struct {
	Seed          uint64
	Contracts     []ContractSize
	ShareLines    int       // lines of the first contract's data share group; 0: none
	Start         time.Time // virtual
	Calendar      calendar
	SessionPeriod time.Duration // mean time from one session of a line to its next, at least MinSessionPeriod
	TurnDelay     time.Duration // figures of days and months turn this long after the virtual midnight
	MaxRows       int           // rows after which call 02 ends without a word
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

	cfg       FleetConfig
	contracts []*contract
	byID      map[string]*contract
	version   atomic.Uint64 // of everything injected or ordered
	serial    int           // of the next line
}

// NewFleet makes all contracts and lines of a configuration.
func NewFleet(cfg FleetConfig) *Fleet {
	f := &Fleet{cfg: cfg, byID: map[string]*contract{}}
	today := cfg.Calendar.day(cfg.Start.Unix())
	for i, size := range cfg.Contracts {
		c := &contract{fleet: f, id: size.ID, index: i, domain: fmt.Sprintf("ntt-com%03d", i+1)}
		c.group = newGroup(c)
		lines := newRoster()
		for j := range size.Lines {
			lines.add(f.newLine(c, j, today))
		}
		c.current.Store(lines)
		f.contracts = append(f.contracts, c)
		f.byID[c.id] = c
	}
	if cfg.ShareLines > 0 {
		f.contracts[0].group.form(f.contracts[0].roster().lines, cfg.ShareLines)
	}
	return f
}

// Contracts are the contracts in their order.
func (f *Fleet) Contracts() []*contract { return f.contracts }

// Contract is the contract with an ID; nil: there is none.
func (f *Fleet) Contract(id string) *contract { return f.byID[id] }

// contract is one customer's contract. Its lines are in its roster.
type contract struct {
	fleet   *Fleet
	id      string
	index   int
	domain  string
	group   *group // of nobody, where there is no share group
	current atomic.Pointer[roster]
	edition atomic.Uint64 // changes with every allowance, so that computed months can tell that they are out of date
}

// seed is what the contract's own chances follow from.
func (c *contract) seed() uint64 { return mix(uint64(c.index), 0x4e) }

// changed makes everything computed from a contract's lines out of date.
func (c *contract) changed() {
	c.edition.Add(1)
	c.fleet.version.Add(1)
}
