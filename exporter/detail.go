package exporter

import (
	"slices"
	"time"

	"kaisen/exporter/page"
)

// detail is all that is known of a line, if it is known at all.
func (f *Fleet) detail(name page.Line, now time.Time) (view page.Detail, known bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, ok := f.contracts[contractKey{name.Source, name.ContractID}]
	if !ok {
		return page.Detail{}, false
	}
	l := c.byLabel(name.Label)
	if l == nil {
		return page.Detail{}, false
	}
	at := now.UnixMilli()
	view = page.Detail{Head: f.head(now, ""), Standing: f.standing(l, at), Ages: f.ages(l, at)}
	if l.listed.told {
		i := l.info.Value()
		view.Plan, view.Access, view.SIM, view.Device, view.DataShare = i.planCode, i.access, i.simType, i.deviceName, i.dataShare
	}
	if l.session.told && at <= c.account.deadline(jobSession, l.session.received) {
		view.Connected, view.Roaming = l.session.connected, l.session.roaming
	}
	if view.Pooled {
		pool := c.poolView(f.codes)
		view.Pool = &pool
	}
	for _, e := range slices.Backward(l.episodes) {
		episode := page.Episode{Restriction: f.codes.restrictions[e.restriction], From: f.clock(e.from), AtLeast: e.atLeast}
		if e.until != 0 {
			episode.Until = f.clock(e.until)
		}
		view.Episodes = append(view.Episodes, episode)
	}
	return view, true
}

// ages is when each job last heard of the line.
func (f *Fleet) ages(l *line, now int64) []page.Age {
	var ages []page.Age
	add := func(j job, w word) {
		if w.told {
			ages = append(ages, page.Age{
				Job: j.String(), ObservedAt: f.clock(w.observed), ReceivedAt: f.clock(w.received),
				Stale: now > l.contract.account.deadline(j, w.received),
			})
		}
	}
	for scope := range l.traffic {
		add(jobOfScope(scope), l.traffic[scope].word)
	}
	add(jobSession, l.session.word)
	add(jobLines, l.listed)
	return ages
}

// elsewhere is the lines of the same label in other contracts.
func (f *Fleet) elsewhere(name page.Line) []page.Line {
	var others []page.Line
	for _, c := range f.everyContract() {
		f.mu.Lock()
		if l := c.byLabel(name.Label); l != nil {
			others = append(others, l.name().page())
		}
		f.mu.Unlock()
	}
	return others
}
