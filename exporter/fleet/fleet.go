// Package fleet keeps the carrier's last answers on each line, ready for Prometheus and for people.
//
// A Fleet takes every batch of rows that the collectors make, now and then the forecasts of ClickHouse, and once, at the
// start, what is stored there:
//
//	Write, Forecast, Restore ─→ line, contract ─→ Exposition                   series, rendered in advance
//	                            under one lock ─→ Overview, Detail, Search     values for the pages
//
// Both call a line as linelabel.Labels says.
//
// It refuses to ask: it calls neither the carrier nor ClickHouse. It refuses to guess: what is not in the
// carrier's answers is no series, and what was last in them too long ago stops being one. It knows no HTTP and no text format. Figures are float64 as
// everywhere in Prometheus: above 2^53 bytes (9 PB) they are rounded, and only ClickHouse has them to the byte.
package fleet

import (
	"container/list"
	"strings"
	"sync"
	"time"

	"kaisen/exporter/exposition"
	"kaisen/exporter/linelabel"
	"kaisen/schema"
)

// Config says how much a Fleet shows, and for how long.
type Config struct {
	// MaxLines caps the lines on /metrics; 0 shows none. Lines beyond it wait until one leaves, and kaisen_lines_not_exported
	// counts them: a fleet that grew by mistake must not take the Prometheus server down.
	MaxLines int
	// StaleAfter returns how long after kaisen received the last answer of a job (traffic, data_share, session, lines)
	// its gauges are still shown; 0 is for ever.
	StaleAfter func(source, job string) time.Duration
	// ForecastHolds is how long a forecast is shown; 0 is for ever.
	ForecastHolds time.Duration
	// Labels are the values of label line_no, and what the page calls a line.
	Labels linelabel.Labels
	// Names says whose words name a line, and InfoLabels which columns of labels_file kaisen_line_info has. Where nobody's
	// may, it has none.
	Names      Names
	InfoLabels []string
	// Zone is where the carrier's days and months turn; the page's times are in it. Nil is UTC.
	Zone *time.Location
}

// DefaultConfig shows up to 200,000 lines by their plain numbers, each for three of the usual intervals after its
// last answer, and forecasts for an hour. Its zone is Japan's.
func DefaultConfig() Config {
	return Config{
		MaxLines: 200_000,
		StaleAfter: func(_, job string) time.Duration {
			if job == jobLines.String() {
				return 3 * time.Hour
			}
			return 45 * time.Minute
		},
		ForecastHolds: time.Hour,
		Names:         NamesFile,
		Zone:          time.FixedZone("JST", 9*60*60),
	}
}

// Fleet is the latest that is known of every line, ready to be scraped. All its methods may be called at the same time.
type Fleet struct {
	config Config
	codes  codes

	// mu guards these, and the lines and contracts themselves. It is held for microseconds, but for Forecast and a page,
	// which look at a source or a contract as a whole.
	mu         sync.Mutex
	staleAfter func(source, job string) time.Duration
	accounts   map[string]*account
	contracts  map[contractKey]*contract
	lines      *exposition.Slots
	groups     *exposition.Slots // the contracts
	waiting    list.List
	orders     map[orderKey]Order
	sites      map[siteKey]Site

	exposition *exposition.Exposition
}

type contractKey struct{ source, contractID string }

// New makes an empty fleet.
func New(config Config) *Fleet {
	if config.Zone == nil {
		config.Zone = time.UTC
	}
	f := &Fleet{
		config:     config,
		staleAfter: config.StaleAfter,
		codes:      newCodes(),
		accounts:   make(map[string]*account),
		contracts:  make(map[contractKey]*contract),
		orders:     make(map[orderKey]Order),
		sites:      make(map[siteKey]Site),
	}
	f.exposition = exposition.New(families(f.codes, config.named()), &f.mu)
	f.lines = f.exposition.Slots(config.MaxLines)
	f.groups = f.exposition.Slots(exposition.Unlimited)
	return f
}

// Config is what the fleet was made with.
func (f *Fleet) Config() Config { return f.config }

// Exposition is the fleet as series. It shows what is new within a second of Write, sooner and cheaper while it runs.
func (f *Fleet) Exposition() *exposition.Exposition { return f.exposition }

// named are the labels of kaisen_line_info that people's own words fill.
func (c Config) named() []string {
	if c.Names == NamesNone {
		return nil
	}
	return append([]string{"name"}, c.InfoLabels...)
}

// contract finds a contract, or makes it.
func (f *Fleet) contract(source, contractID string) *contract {
	key := contractKey{exposition.CleanLabel(source), exposition.CleanLabel(contractID)}
	if c, ok := f.contracts[key]; ok {
		return c
	}
	key = contractKey{strings.Clone(key.source), strings.Clone(key.contractID)} // the row may be part of something larger
	a, ok := f.accounts[key.source]
	if !ok {
		a = newAccount(key.source, f.config, f.staleAfter)
		f.accounts[key.source] = a
	}
	c := &contract{
		fleet:   f,
		labels:  exposition.NewLabelSet(labelNames(), key.source, key.contractID),
		account: a,
		lines:   make(map[string]*line),
		members: make(map[string]member),
		plans:   make(map[string]*plan),
		names:   make(map[string]named),
	}
	if !f.config.Labels.Plain() {
		c.labelled = make(map[string]*line)
	}
	c.slot, _ = f.groups.Place(c)
	f.contracts[key] = c
	return c
}

// line finds a line, or makes it.
func (f *Fleet) line(key schema.LineKey) *line {
	c := f.contract(key.Source, key.ContractID)
	number := exposition.CleanLabel(key.LineNo)
	if l, ok := c.lines[number]; ok {
		return l
	}
	label := c.labelOf(number, f.config.Labels)
	l := &line{contract: c, labels: c.labels.With(labelNames()[2], label)}
	if number == label {
		number = l.labels.Last() // one copy of it does
	} else {
		number = strings.Clone(number) // the row may be part of something larger
	}
	l.number, label = number, l.labels.Last()
	c.lines[number] = l
	if c.labelled != nil {
		c.labelled[label] = l
	}
	return l
}

// settle puts a line where it belongs after a change: among the exported, among those that wait, or nowhere.
func (f *Fleet) settle(l *line) {
	l.count()
	l.touch()
	switch wanted := l.wanted(); {
	case wanted && !l.slot.Taken() && l.waiting == nil:
		if at, ok := f.lines.Place(l); ok {
			l.slot = at
		} else {
			l.waiting = f.waiting.PushBack(l)
		}
	case !wanted && l.waiting != nil:
		f.waiting.Remove(l.waiting)
		l.waiting = nil
	case !wanted && l.slot.Taken():
		f.withdraw(l)
	}
}

// withdraw takes a line off /metrics; the one that waited longest takes its place.
func (f *Fleet) withdraw(l *line) {
	f.lines.Release(l.slot)
	l.slot = exposition.Slot{}
	if first := f.waiting.Front(); first != nil {
		next := f.waiting.Remove(first).(*line)
		next.waiting = nil
		next.slot, _ = f.lines.Place(next)
	}
}

// forget drops a line on which there are no answers any more.
func (f *Fleet) forget(l *line) {
	f.withdraw(l)
	l.traffic[scopeLine] = sample{}
	l.count()
	l.contract.counted.replace(l.conditions, 0)
	delete(l.contract.lines, l.number)
	delete(l.contract.labelled, l.label())
}

// NotExported is how many lines the cap leaves out of /metrics.
func (f *Fleet) NotExported() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.waiting.Len()
}
