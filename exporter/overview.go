package exporter

import (
	"cmp"
	"math"
	"slices"
	"time"

	"kaisen/exporter/page"
	"kaisen/schema"
)

// How many lines the page lists: few enough that both lists are on the first screen. Each has a page of its own.
const (
	restrictedShown = 6
	nearestShown    = 10
)

// overview is the fleet at a glance. Lines that the cap keeps off /metrics are in it too.
func (f *Fleet) overview(now time.Time) page.Fleet {
	o := overview{
		fleet: f, now: now.UnixMilli(), view: page.Fleet{Head: f.head(now, "")}, restrictions: make([]int, len(f.codes.restrictions)),
		restricted: ranking{limit: restrictedShown}, nearest: ranking{limit: nearestShown},
	}
	for _, c := range f.everyContract() {
		o.look(c)
	}
	o.view.Lines.NotExported = f.notExported()
	for i, name := range f.codes.restrictions {
		if name != string(schema.RestrictionNone) {
			o.view.Restrictions = append(o.view.Restrictions, page.Count{Name: name, Lines: o.restrictions[i]})
		}
	}
	o.view.Restricted = f.standings(o.restricted.lines(), now)
	o.view.Nearest = f.standings(o.nearest.lines(), now)
	return o.view
}

// head is the beginning of every page.
func (f *Fleet) head(now time.Time, query string) page.Head {
	return page.Head{Now: now.In(f.config.Zone), Labels: string(f.config.Labels.Form()), Query: query}
}

// everyContract is all contracts, in order.
func (f *Fleet) everyContract() []*contract {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]*contract, 0, len(f.contracts))
	for _, c := range f.contracts {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *contract) int { return slices.Compare(a.id.values, b.id.values) })
	return all
}

// overview is a look at every line, under way.
type overview struct {
	fleet        *Fleet
	now          int64
	view         page.Fleet
	restrictions []int // lines, by index into schema.Restrictions
	restricted   ranking
	nearest      ranking
}

// look is at one contract. The lock is held for no longer, so writers do not wait for the whole.
func (o *overview) look(c *contract) {
	o.fleet.mu.Lock()
	defer o.fleet.mu.Unlock()
	for _, l := range c.lines {
		switch {
		case l.wanted():
			o.active(l)
		case l.listed.told && l.state == stateNotFound:
			o.view.Lines.NotFound++
		case l.listed.told:
			o.view.Lines.Removed++
		}
	}
	if c.poolFresh(o.now) {
		o.view.Pools = append(o.view.Pools, c.poolView(o.fleet.codes))
	}
}

func (o *overview) active(l *line) {
	o.view.Lines.Active++
	g := o.fleet.grade(l, o.now)
	if g.silent {
		o.view.Lines.Silent++
		return
	}
	s := &l.traffic[scopeLine]
	o.view.Volume.Month = addVolume(o.view.Volume.Month, s.month)
	o.view.Volume.Today = addVolume(o.view.Volume.Today, s.today)
	o.restrictions[s.restriction]++
	switch {
	case g.throttled:
		o.restricted.add(l, -float64(g.since))
	case !math.IsNaN(g.left):
		o.nearest.add(l, g.left)
	}
	if g.near() {
		o.view.NearCap++
	}
	if g.out != 0 {
		o.runsOut(o.fleet.moment(g.out, l.carrierNow(o.now)))
	}
}

// runsOut counts a line that is expected to have nothing left before its month ends.
func (o *overview) runsOut(at page.Moment) {
	o.view.RunningOut++
	if first := &o.view.FirstOut; !first.Known() || at.In < first.In {
		*first = at
	}
}

// addVolume is a sum that stays at the largest number there is.
func addVolume(sum uint64, more schema.Opt[uint64]) uint64 {
	if sum+more.V < sum {
		return math.MaxUint64
	}
	return sum + more.V
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
		return cmp.Or(cmp.Compare(a.key, b.key), slices.Compare(a.id.values, b.id.values))
	})
	if at == r.limit {
		return
	}
	r.best = slices.Insert(r.best, at, ranked{key, l})
	r.best = r.best[:min(len(r.best), r.limit)]
}

func (r *ranking) lines() []*line {
	all := make([]*line, len(r.best))
	for i := range r.best {
		all[i] = r.best[i].line
	}
	return all
}
