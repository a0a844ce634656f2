package exporter

import (
	"container/list"
	"strings"
	"sync"
	"time"

	"kaisen/schema"
)

// FleetConfig says how much a Fleet shows, and for how long.
type FleetConfig struct {
	// MaxLines caps the lines on /metrics; 0 shows none. Lines beyond it wait until one leaves, and kaisen_lines_not_exported
	// counts them: a fleet that grew by mistake must not take the Prometheus server down.
	MaxLines int
	// StaleAfter tells how long after kaisen received the last answer of a job (traffic, data_share, session, lines)
	// its gauges are still shown; 0 is for ever. It is asked once for each source and job.
	StaleAfter func(source, job string) time.Duration
	// ForecastHolds is how long what Forecast told is shown; 0 is for ever.
	ForecastHolds time.Duration
	// Labels are the values of label line_no, and what the page calls a line.
	Labels LineLabels
	// Zone is where the carrier's days and months turn; the page's times are in it. Nil is UTC.
	Zone *time.Location
}

// DefaultFleetConfig shows up to 200,000 lines by their plain numbers, each for three of the usual intervals after its
// last answer, and forecasts for an hour. Its zone is Japan's.
func DefaultFleetConfig() FleetConfig {
	return FleetConfig{
		MaxLines: 200_000,
		StaleAfter: func(_, job string) time.Duration {
			if job == jobLines.String() {
				return 3 * time.Hour
			}
			return 45 * time.Minute
		},
		ForecastHolds: time.Hour,
		Zone:          time.FixedZone("JST", 9*60*60),
	}
}

// Fleet is the latest word on every line, ready to be scraped. All its methods may be called at the same time.
type Fleet struct {
	config FleetConfig
	codes  codes

	// mu guards these, and the lines and contracts themselves. It is held for microseconds, but for Forecast and a page,
	// which look at a source or a contract as a whole.
	mu        sync.Mutex
	accounts  map[string]*account
	contracts map[contractKey]*contract
	lines     shelf
	groups    shelf // the contracts
	waiting   list.List

	renderer renderer
}

type contractKey struct{ source, contractID string }

// NewFleet makes an empty fleet. It shows new words within a second of Write, sooner and cheaper while Run runs.
func NewFleet(config FleetConfig) *Fleet {
	if config.Zone == nil {
		config.Zone = time.UTC
	}
	f := &Fleet{
		config:    config,
		codes:     newCodes(),
		accounts:  make(map[string]*account),
		contracts: make(map[contractKey]*contract),
		lines:     shelf{limit: config.MaxLines},
		groups:    shelf{limit: unlimited},
	}
	f.renderer.init()
	return f
}

// contract finds a contract, or makes it.
func (f *Fleet) contract(source, contractID string) *contract {
	key := contractKey{cleanLabel(source), cleanLabel(contractID)}
	if c, ok := f.contracts[key]; ok {
		return c
	}
	key = contractKey{strings.Clone(key.source), strings.Clone(key.contractID)} // the row may be part of something larger
	a, ok := f.accounts[key.source]
	if !ok {
		a = newAccount(key.source, f.config)
		f.accounts[key.source] = a
	}
	c := &contract{
		id:      newIdent(key.source, key.contractID),
		account: a,
		lines:   make(map[string]*line),
		members: make(map[string]member),
	}
	if !f.config.Labels.plain() {
		c.labelled = make(map[string]*line)
	}
	c.spot, _ = f.groups.place(c)
	f.contracts[key] = c
	return c
}

// line finds a line, or makes it.
func (f *Fleet) line(key schema.LineKey) *line {
	c := f.contract(key.Source, key.ContractID)
	number := cleanLabel(key.LineNo)
	if l, ok := c.lines[number]; ok {
		return l
	}
	number = strings.Clone(number)
	label := c.labelOf(number, f.config.Labels)
	l := &line{number: number, contract: c, id: newIdent(c.id.values[0], c.id.values[1], label)}
	c.lines[number] = l
	if c.labelled != nil {
		c.labelled[label] = l
	}
	return l
}

// settle puts a line where it belongs after a change: among the exported, among those that wait, or nowhere.
func (f *Fleet) settle(l *line) {
	l.spot.touch()
	switch wanted := l.wanted(); {
	case wanted && !l.spot.taken() && l.waiting == nil:
		if at, ok := f.lines.place(l); ok {
			l.spot = at
		} else {
			l.waiting = f.waiting.PushBack(l)
		}
	case !wanted && l.waiting != nil:
		f.waiting.Remove(l.waiting)
		l.waiting = nil
	case !wanted && l.spot.taken():
		f.withdraw(l)
	}
}

// withdraw takes a line off /metrics; the one that waited longest takes its place.
func (f *Fleet) withdraw(l *line) {
	f.lines.release(l.spot)
	l.spot = spot{}
	if next := f.waiting.Front(); next != nil {
		heir := f.waiting.Remove(next).(*line)
		heir.waiting = nil
		heir.spot, _ = f.lines.place(heir)
	}
}

// forget drops a line that nobody speaks of any more.
func (f *Fleet) forget(l *line) {
	f.withdraw(l)
	delete(l.contract.lines, l.number)
	delete(l.contract.labelled, l.label())
}

// notExported is how many lines the cap leaves out.
func (f *Fleet) notExported() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.waiting.Len()
}
