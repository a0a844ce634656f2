package fleet

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"kaisen/schema"
)

// How many lines an Overview lists: few enough that both lists are on the first screen. Each has a page of its own.
const (
	restrictedShown = 6
	nearestShown    = 10
)

// Overview is the fleet at a glance.
type Overview struct {
	Lines  Census
	Volume Volume

	Restrictions []Count   // lines by restriction, those that throttle and unknown, all of them in a fixed order
	Restricted   []Summary // some of those that are throttled, the latest first
	NearCap      int       // not throttled, but less than NearRatio of the volume left
	NearOwn      int       // of NearCap, those with a threshold of their own
	Nearest      []Summary // not throttled, the smallest share of the volume left first
	RunningOut   int       // not throttled, and expected to run out before the month ends
	FirstOut     Moment    // when the first of them does
	Pools        []Pool    // restricted ones first, then by the share that is left
	Dark         []Count   // sources with active lines, for none of which the answer that decides is fresh
	Roaming      int       // with a session abroad now
	Located      int       // of which it is known whether they have one
	Outdated     int       // of which there is an answer, but too old an one to say what is left
	Refused      int       // refused by the carrier in the last 24 hours
	Months       []Month   // the newest first
	Orders       OrderCounts
	Sites        int // that have not ended, and are listed
}

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
func (o Overview) ThrottledLines() int {
	total := 0
	for _, count := range o.Restrictions {
		if restricts(schema.Restriction(count.Name)) {
			total += count.Lines
		}
	}
	return total
}

// UnknownLines is how many lines are active of which nobody can say whether they are restricted.
func (o Overview) UnknownLines() int {
	for _, count := range o.Restrictions {
		if count.Name == string(schema.RestrictionUnknown) {
			return count.Lines
		}
	}
	return 0
}

// Blind reports whether there are active lines, and of all of them nobody can say whether they are restricted.
func (o Overview) Blind() bool { return o.Lines.Active > 0 && o.UnknownLines() >= o.Lines.Active }

// NoLines reports whether no line is known, of whatever state, as before the first list.
func (o Overview) NoLines() bool { return o.Lines.Active+o.Lines.NotFound+o.Lines.Removed == 0 }

// Untold reports whether nothing can be said of how lines are: there is none, or of none is it known.
func (o Overview) Untold() bool { return o.Lines.Active == 0 || o.Blind() }

// ThrottledPools is how many share groups are restricted.
func (o Overview) ThrottledPools() int {
	total := 0
	for _, pool := range o.Pools {
		if pool.Throttled() {
			total++
		}
	}
	return total
}

// Empty reports whether nothing at all is known: no line, no order, no site.
func (o Overview) Empty() bool {
	return o.Lines.Active+o.Lines.NotFound+o.Lines.Removed+o.Orders.All+o.Sites == 0
}

// Overview looks at all lines, those that the cap keeps off /metrics among them.
func (f *Fleet) Overview(now time.Time) Overview {
	o := look{
		fleet: f, now: now.UnixMilli(), restrictions: make([]int, len(f.codes.restrictions)),
		restricted: ranking{limit: restrictedShown}, nearest: ranking{limit: nearestShown},
		months: make(map[schema.Date]Month), bySource: make(map[string]*[2]int),
	}
	for _, c := range f.everyContract() {
		o.at(c)
	}
	o.view.Lines.NotExported = f.NotExported()
	o.view.Months = newestMonths(o.months)
	o.rest()
	for i, name := range f.codes.restrictions {
		if name != string(schema.RestrictionNone) {
			o.view.Restrictions = append(o.view.Restrictions, Count{Name: name, Lines: o.restrictions[i]})
		}
	}
	o.view.Restricted = f.summaries(o.restricted.best, now)
	o.view.Nearest = f.summaries(o.nearest.best, now)
	return o.view
}

// everyContract is all contracts, in order.
func (f *Fleet) everyContract() []*contract {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.SortedFunc(maps.Values(f.contracts), func(a, b *contract) int {
		return a.labels.Compare(b.labels)
	})
}

// look is an Overview under way.
type look struct {
	fleet        *Fleet
	now          int64
	view         Overview
	restrictions []int // lines, by index into schema.Restrictions
	restricted   ranking
	nearest      ranking
	months       map[schema.Date]Month
	bySource     map[string]*[2]int // active lines, and for how many of them the answer that decides is fresh
}

// at looks at one contract. The lock is held for no longer, so writers do not wait for the whole.
func (o *look) at(c *contract) {
	o.fleet.mu.Lock()
	defer o.fleet.mu.Unlock()
	for _, l := range c.lines {
		l.addMonths(o.months)
		switch {
		case l.wanted():
			o.active(l)
		case l.listed.known && l.state == stateNotFound:
			o.view.Lines.NotFound++
		case l.listed.known:
			o.view.Lines.Removed++
		}
	}
	if c.pool.known {
		o.view.Pools = append(o.view.Pools, c.poolNow(o.now))
	}
}

// rest is what is not in the contracts, and what is known once all of them were looked at.
func (o *look) rest() {
	for source, lines := range o.bySource {
		if lines[1] == 0 {
			o.view.Dark = append(o.view.Dark, Count{Name: source, Lines: lines[0]})
		}
	}
	slices.SortFunc(o.view.Dark, func(a, b Count) int { return cmp.Compare(a.Name, b.Name) })
	key := func(p Pool) float64 {
		switch left := p.Left(); {
		case p.Throttled():
			return -1
		case left.Known && !p.Stale:
			return left.V
		}
		return 2
	}
	slices.SortStableFunc(o.view.Pools, func(a, b Pool) int { return cmp.Compare(key(a), key(b)) })
	o.fleet.mu.Lock()
	defer o.fleet.mu.Unlock()
	o.view.Orders = o.fleet.orderCounts(schema.DateOf(o.fleet.clock(o.now)))
	for _, site := range o.fleet.sites {
		if site.now() {
			o.view.Sites++
		}
	}
}

func (o *look) active(l *line) {
	o.view.Lines.Active++
	severity := l.severity(o.now)
	of := o.bySource[l.contract.source()]
	if of == nil {
		of = new([2]int)
		o.bySource[l.contract.source()] = of
	}
	of[0]++
	switch d := l.deciding(o.now); {
	case d.fresh:
		of[1]++
	case d.known:
		o.view.Outdated++
	}
	if severity.silent {
		o.view.Lines.Silent++
	} else {
		s := &l.traffic[scopeLine]
		o.view.Volume.Month = addVolume(o.view.Volume.Month, s.month)
		o.view.Volume.Today = addVolume(o.view.Volume.Today, s.today)
	}
	switch {
	case severity.unknown:
		o.restrictions[len(o.restrictions)-1]++
	default:
		d := l.deciding(o.now)
		o.restrictions[d.restriction]++
	}
	switch {
	case severity.throttled:
		o.restricted.add(l, -float64(severity.since))
	case !math.IsNaN(severity.left):
		o.nearest.add(l, severity.left)
	}
	if roams := l.roaming(o.now); roams.Known {
		o.view.Located++
		if roams.V {
			o.view.Roaming++
		}
	}
	if l.refusedNow(o.now) > 0 {
		o.view.Refused++
	}
	if severity.near() {
		o.view.NearCap++
		if _, own := l.nearCap(); own {
			o.view.NearOwn++
		}
	}
	if severity.out != 0 {
		o.runsOut(o.fleet.moment(severity.out, l.carrierNow(o.now)))
	}
}

// runsOut counts a line that is expected to have nothing left before its month ends.
func (o *look) runsOut(at Moment) {
	o.view.RunningOut++
	if first := &o.view.FirstOut; !first.Known() || at.In < first.In {
		*first = at
	}
}

// ranking is the lines with the smallest keys, the smallest first; equal ones by their names.
type ranking struct {
	limit int
	best  []ranked
}

type ranked struct {
	key float64
	*line
}

func (r *ranking) add(l *line, key float64) {
	at, _ := slices.BinarySearchFunc(r.best, ranked{key, l}, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(a.key, b.key), a.labels.Compare(b.labels))
	})
	if at == r.limit {
		return
	}
	r.best = slices.Insert(r.best, at, ranked{key, l})
	r.best = r.best[:min(len(r.best), r.limit)]
}
