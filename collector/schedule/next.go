package schedule

import (
	"math"
	"time"
)

// Next is who is asked next and when: a time that is not after now is now. Until that time, or until another method was
// called, nobody is due. Without a target, or while the budget is a pause, ok is false. Who asks says Began.
func (p *Planner) Next(now time.Time) (h Target, due time.Time, ok bool) {
	ms := now.UnixMilli()
	free := p.budget.next(ms)
	if p.live == 0 || free == math.MaxInt64 {
		return 0, time.Time{}, false
	}
	h, when := p.choose(ms)
	if h == 0 {
		return 0, time.Time{}, false
	}
	return h, p.at(max(when, free)), true
}

// choose is the target that comes first, and when.
func (p *Planner) choose(now int64) (Target, int64) {
	asked := p.askedFor()
	if asked != 0 && !p.front {
		return asked, now
	}
	h, when := p.planned(now)
	if asked != 0 && (h == 0 || when > now) {
		return asked, now
	}
	return h, when
}

// askedFor is what a person asks for; those that were removed or asked meanwhile are forgotten.
func (p *Planner) askedFor() Target {
	for len(p.hurry) > 0 {
		if h := p.hurry[0]; p.targets.at(h).is(hurried) {
			return h
		}
		p.hurry = p.hurry[1:]
	}
	return 0
}

// planned is the target that comes first by the plan, and when.
func (p *Planner) planned(now int64) (Target, int64) {
	oldest, bound, early := p.oldest()
	if oldest != 0 && bound <= now && (!p.price.short || p.turn) {
		return oldest, now
	}
	first, when := p.firstDue(now)
	if p.price.short && oldest != 0 && (early <= now && p.turn || early < when && when > now) { // its turn, or nothing else to do
		return oldest, max(now, early)
	}
	if oldest != 0 && p.price.stretched && when > now && min(early, bound) < when { // beyond its interval, and budget to spare
		return oldest, max(now, min(early, bound))
	}
	return first, when
}

// oldest is who is nearest to its bound, when it comes to it, and when to its interval, or is due, as one is that was never asked.
func (p *Planner) oldest() (oldest Target, bound, early int64) {
	bound = math.MaxInt64
	for i := range p.jobs {
		j := &p.jobs[i]
		h := j.ages.top()
		if h == 0 {
			continue
		}
		if t := p.targets.at(h); t.key[byAge]+j.bound < bound {
			asked := t.key[byAge]
			oldest, bound, early = h, asked+j.bound, min(asked+j.Interval.Milliseconds(), t.key[byDue])
		}
	}
	return oldest, bound, early
}

// maxLooks bounds how many targets a decision puts off that are due by a price that no longer holds.
const maxLooks = 32

// firstDue is who is due first by what is known now.
func (p *Planner) firstDue(now int64) (Target, int64) {
	for range maxLooks {
		h := p.due.top()
		if h == 0 {
			return 0, math.MaxInt64
		}
		t := p.targets.at(h)
		due := t.key[byDue]
		if due > now || !p.putOff(now, h, t) {
			return h, due
		}
	}
	h := p.due.top()
	return h, p.targets.at(h).key[byDue]
}

// Began notes that the question about a target is put now. It is not due until one of Answered, Failed and Excused says
// how that ended.
func (p *Planner) Began(now time.Time, h Target) {
	t := p.targets.at(h)
	due := t.key[byDue]
	if turn := p.price.short && p.turn; !turn && !t.is(hurried) && t.is(answered) && t.failures == 0 {
		p.price.late(now.UnixMilli()-due, p.config.MinInterval.Milliseconds()/2)
	}
	p.front = t.is(hurried)
	t.set(hurried|hinted, false)
	p.turn = !p.turn && !p.front
	p.dequeue(h, t)
	t.set(inFlight, true)
	p.budget.spend(now.UnixMilli())
	if p.budget.daily { // what is left of the day is spread anew
		p.rebound(now.UnixMilli())
	}
}
