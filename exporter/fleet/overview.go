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
	Nearest      []Summary // not throttled, the smallest share of the volume left first
	RunningOut   int       // not throttled, and expected to run out before the month ends
	FirstOut     Moment    // when the first of them does
	Pools        []Pool
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

// Overview looks at all lines, those that the cap keeps off /metrics among them.
func (f *Fleet) Overview(now time.Time) Overview {
	o := look{
		fleet: f, now: now.UnixMilli(), restrictions: make([]int, len(f.codes.restrictions)),
		restricted: ranking{limit: restrictedShown}, nearest: ranking{limit: nearestShown},
	}
	for _, c := range f.everyContract() {
		o.at(c)
	}
	o.view.Lines.NotExported = f.NotExported()
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
		return slices.Compare(a.labels.Values(), b.labels.Values())
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
}

// at looks at one contract. The lock is held for no longer, so writers do not wait for the whole.
func (o *look) at(c *contract) {
	o.fleet.mu.Lock()
	defer o.fleet.mu.Unlock()
	for _, l := range c.lines {
		switch {
		case l.wanted():
			o.active(l)
		case l.listed.known && l.state == stateNotFound:
			o.view.Lines.NotFound++
		case l.listed.known:
			o.view.Lines.Removed++
		}
	}
	if c.poolFresh(o.now) {
		o.view.Pools = append(o.view.Pools, c.poolNow())
	}
}

func (o *look) active(l *line) {
	o.view.Lines.Active++
	severity := l.severity(o.now)
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
	if severity.near() {
		o.view.NearCap++
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
		return cmp.Or(cmp.Compare(a.key, b.key), slices.Compare(a.labels.Values(), b.labels.Values()))
	})
	if at == r.limit {
		return
	}
	r.best = slices.Insert(r.best, at, ranked{key, l})
	r.best = r.best[:min(len(r.best), r.limit)]
}
