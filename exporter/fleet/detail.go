package fleet

import (
	"slices"
	"time"

	"kaisen/schema"
)

// Detail is all that is known of a line.
type Detail struct {
	Summary
	Access, SIM, DataShare string // from the inventory; empty: not there

	CustomLabels []Label // of labels_file, those that say something

	Connected, Roaming schema.Opt[bool]
	Pool               *Pool // that it draws from; nil: none
	Episodes           []Episode
	Ages               []Age
}

// Pool is a contract's share group.
type Pool struct {
	Source, ContractID string
	Usage
	Members      int
	Most         []PoolMember // who took most of it this month, at most three
	Since        Moment       // of the restriction, where one holds
	SinceAtLeast bool         // it was there when kaisen first looked
	Until        Moment       // when a monthly one ends
	Outlook      Forecast     // where the month of all members is heading
}

// PoolMember is a line that draws on a share group, and what it used this month.
type PoolMember struct {
	Called
	Used uint64
}

// Episode is one restriction of this month.
type Episode struct {
	Restriction string
	From        time.Time // by the carrier's clock
	AtLeast     bool      // it was there when kaisen first looked
	Until       time.Time // zero: it holds
}

// Age is when a job last had an answer on a line.
type Age struct {
	Job                    string
	ObservedAt, ReceivedAt time.Time
	Stale                  bool
}

// Detail is all that is known of a line, if it is known at all.
func (f *Fleet) Detail(name Name, now time.Time) (view Detail, known bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, ok := f.contracts[contractKey{name.Source, name.ContractID}]
	if !ok {
		return Detail{}, false
	}
	l := c.byLabel(name.Label)
	if l == nil {
		return Detail{}, false
	}
	at := now.UnixMilli()
	view = Detail{Summary: f.summary(l, at), Ages: f.ages(l, at), CustomLabels: c.names[l.number].labels()}
	if l.listed.known {
		i := l.info.Value()
		view.Access, view.SIM, view.DataShare = i.access, i.simType, i.dataShare
	}
	if is := l.connection(); at <= l.deadline(jobSession, is.stamp) {
		view.Connected, view.Roaming = is.connected, is.roaming
	}
	if view.OfPool {
		pool := c.poolNow(at)
		view.Pool = &pool
	}
	for _, e := range slices.Backward(l.deciding(at).episodes.all) {
		episode := Episode{Restriction: f.codes.restrictions[e.restriction], From: f.clock(e.from), AtLeast: e.atLeast}
		if e.until != 0 {
			episode.Until = f.clock(e.until)
		}
		view.Episodes = append(view.Episodes, episode)
	}
	return view, true
}

// Key is a line as the carrier calls it; false: there is none of that name.
func (f *Fleet) Key(name Name) (schema.LineKey, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, ok := f.contracts[contractKey{name.Source, name.ContractID}]
	if !ok {
		return schema.LineKey{}, false
	}
	l := c.byLabel(name.Label)
	if l == nil {
		return schema.LineKey{}, false
	}
	return schema.LineKey{Source: name.Source, ContractID: name.ContractID, LineNo: l.number}, true
}

// ages is when each job last had an answer on the line.
func (f *Fleet) ages(l *line, now int64) []Age {
	var ages []Age
	add := func(j job, at stamp) {
		if at.known {
			ages = append(ages, Age{
				Job: j.String(), ObservedAt: f.clock(at.observed), ReceivedAt: f.clock(at.received),
				Stale: now > l.deadline(j, at),
			})
		}
	}
	for scope := range l.traffic {
		add(jobOfScope(scope), l.traffic[scope].stamp)
	}
	add(jobSession, l.connection().stamp)
	add(jobLines, l.listed)
	return ages
}

// Elsewhere is the lines of the same label in other contracts.
func (f *Fleet) Elsewhere(name Name) []Called {
	var others []Called
	for _, c := range f.everyContract() {
		f.mu.Lock()
		if l := c.byLabel(name.Label); l != nil {
			others = append(others, l.called())
		}
		f.mu.Unlock()
	}
	return others
}
