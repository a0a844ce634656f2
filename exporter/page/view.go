package page

import (
	"math"
	"net/url"
	"time"

	"kaisen/schema"
)

// View is what one page shows: Fleet, Detail, Found or Missing.
type View interface{ template() string }

func (Fleet) template() string   { return "fleet" }
func (Detail) template() string  { return "detail" }
func (Found) template() string   { return "found" }
func (Missing) template() string { return "missing" }

// Head is what every page begins and ends with.
type Head struct {
	Now     time.Time // in the zone in which times are shown
	Version string    // kaisen's own
	Labels  string    // what lines are called: plain, masked or hashed
	Query   string    // what was looked for
}

// Line is a line's name, as on /metrics.
type Line struct{ Source, ContractID, Label string }

// Path is where the line's page is.
func (l Line) Path() string {
	return "/line?" + url.Values{"source": {l.Source}, "contract": {l.ContractID}, "line": {l.Label}}.Encode()
}

// Fleet is the page at /.
type Fleet struct {
	Head
	NotReady string   // why kaisen is not ready; empty: it is
	Notes    []string // what else a person should know

	Lines  Census
	Volume Volume

	Restrictions []Count    // lines by restriction, those that throttle and unknown, all of them in a fixed order
	Restricted   []Standing // some of those that are throttled, the latest first
	NearCap      int        // not throttled, but less than NearRatio of the volume left
	Nearest      []Standing // not throttled, the smallest share of the volume left first
	RunningOut   int        // not throttled, and expected to run out before the month ends
	FirstOut     Moment     // when the first of them does
	Pools        []Pool
	Health       Health
}

// NearRatio is the share of the month's volume below which a line is near its cap, as in view near_cap_lines; below
// CriticalRatio it is about to hit it.
const (
	NearRatio     = 0.2
	CriticalRatio = 0.05
)

// Census counts lines by what the inventory says of them.
type Census struct {
	Active, NotFound, Removed int
	Silent                    int // active ones without a fresh traffic answer
	NotExported               int // left out of /metrics by its cap
}

// Volume is what all active lines used, bytes.
type Volume struct{ Month, Today uint64 }

// Count is a number of lines.
type Count struct {
	Name  string
	Lines int
}

// ThrottledLines is how many lines are restricted.
func (f Fleet) ThrottledLines() int {
	total := 0
	for _, count := range f.Restrictions {
		if count.Name != string(schema.RestrictionUnknown) {
			total += count.Lines
		}
	}
	return total
}

// Moment is a time on the carrier's clock, and how far it is off by that clock: the simulated carrier's runs faster.
type Moment struct {
	At time.Time
	In time.Duration
}

// Known reports whether there is such a time.
func (m Moment) Known() bool { return !m.At.IsZero() }

// Ago is how long ago it was.
func (m Moment) Ago() time.Duration { return -m.In }

// Standing is how a line stands.
type Standing struct {
	Line
	State                   string // active, not_found, removed; empty: the inventory never told
	Fresh                   bool   // its last traffic answer is not stale
	Month, Today, Remaining schema.Opt[uint64]
	Restriction             string    // empty: no traffic answer yet
	Since                   Moment    // of the restriction, where one holds
	SinceAtLeast            bool      // it was there when kaisen first looked
	Pooled                  bool      // it draws from its contract's share group, so its own figures are no cap
	Days                    Days      // the last 31
	Forecast                Forecast  // where its month is heading
	ReceivedAt              time.Time // of the last traffic answer, by kaisen's clock
	CarrierNow              time.Time // now, by the carrier's clock
}

// Quota is the month's whole volume, bytes: what is used and what is left.
func (s Standing) Quota() schema.Opt[uint64] {
	if !s.Month.Known || !s.Remaining.Known || s.Month.V+s.Remaining.V < s.Month.V {
		return schema.Opt[uint64]{}
	}
	return schema.Some(s.Month.V + s.Remaining.V)
}

// Left is the share of the volume that is left, 0 to 1.
func (s Standing) Left() schema.Opt[float64] {
	quota := s.Quota()
	if !quota.Known || quota.V == 0 {
		return schema.Opt[float64]{}
	}
	return schema.Some(float64(s.Remaining.V) / float64(quota.V))
}

// Throttled reports whether the line is restricted.
func (s Standing) Throttled() bool {
	return s.Restriction != "" && s.Restriction != string(schema.RestrictionNone) && s.Restriction != string(schema.RestrictionUnknown)
}

// UsedUp reports whether the line is restricted because its volume is gone.
func (s Standing) UsedUp() bool {
	return s.Throttled() && s.Restriction != string(schema.RestrictionRecent)
}

// Days is what a line used by day, the oldest first; NaN: not known.
type Days struct {
	Last  schema.Date // the day of the last figure, today
	Bytes []float64
}

// Day is the day of a figure.
func (d Days) Day(i int) schema.Date { return d.Last.AddDays(i + 1 - len(d.Bytes)) }

// Figure is what was used on a day.
type Figure struct {
	Day   schema.Date
	Bytes schema.Opt[uint64]
}

// figures are days as a table, the newest first.
func figures(d Days) []Figure {
	var rows []Figure
	for i := len(d.Bytes) - 1; i >= 0; i-- {
		row := Figure{Day: d.Day(i)}
		if !math.IsNaN(d.Bytes[i]) {
			row.Bytes = schema.Some(uint64(d.Bytes[i]))
		}
		rows = append(rows, row)
	}
	return rows
}

// Forecast is where a line's month is heading; the zero Forecast is none.
type Forecast struct {
	Known          bool
	End, Low, High uint64 // bytes at the month's end: expected, and the 80 % band
	Out            Moment // when nothing is left; not known: not before the month ends
	Early, Late    Moment // the band of that
}

// Pool is a contract's share group.
type Pool struct {
	Source, ContractID string
	Month, Remaining   schema.Opt[uint64]
	Restriction        string
	Members            int
}

// Throttled reports whether the group is restricted.
func (p Pool) Throttled() bool { return Standing{Restriction: p.Restriction}.Throttled() }

// Left is the share of the group's volume that is left, 0 to 1.
func (p Pool) Left() schema.Opt[float64] {
	return Standing{Month: p.Month, Remaining: p.Remaining}.Left()
}

// Quota is the group's whole volume, bytes.
func (p Pool) Quota() schema.Opt[uint64] {
	return Standing{Month: p.Month, Remaining: p.Remaining}.Quota()
}

// Detail is a line's page.
type Detail struct {
	Head
	Standing
	Plan, Access, SIM, Device, DataShare string // what the inventory told; empty: nothing

	Connected, Roaming schema.Opt[bool]
	Pool               *Pool // that it draws from; nil: none
	Episodes           []Episode
	Ages               []Age
}

// Episode is one restriction of this month.
type Episode struct {
	Restriction string
	From        time.Time // by the carrier's clock
	AtLeast     bool      // it was there when kaisen first looked
	Until       time.Time // zero: it holds
}

// Age is when a job last heard of a line.
type Age struct {
	Job                    string
	ObservedAt, ReceivedAt time.Time
	Stale                  bool
}

// Lists of lines that have a page of their own.
const (
	ListAll        = ""
	ListRestricted = "restricted" // throttled now, the latest first
	ListNear       = "near"       // near their cap, the nearest first
	ListOut        = "out"        // expected to run out before the month ends, the first of them first
	ListSilent     = "silent"     // active, without a fresh traffic answer
)

// Lists is every list.
func Lists() []string { return []string{ListAll, ListRestricted, ListNear, ListOut, ListSilent} }

// Found is the answer to a search, or a list.
type Found struct {
	Head
	List  string
	Lines []Standing // at most as many as are shown
	Total int
}

// Missing says that there is no such line.
type Missing struct {
	Head
	Line
	Elsewhere []Line // lines of the same label in other contracts
}
