package schedule

import "time"

// Answered notes what the carrier said of a target whose question was put at a time. Passed are the thresholds that
// the answer is the first to show.
func (p *Planner) Answered(at time.Time, h Target, answer Answer) (passed []Crossing) {
	t := p.targets.at(h)
	t.set(inFlight|suspended, false)
	t.failures = 0
	passed = p.learn(t, answer)
	t.set(answered, true)
	if t.answers == understood {
		t.set(settled, true)
	}
	p.plan(at.UnixMilli(), h, t)
	return passed
}

// Asked notes that the question about a target, put at a time, was answered, and that the answer has no figures: those that are
// known stay, with their own time, which is the carrier's.
func (p *Planner) Asked(at time.Time, h Target) {
	t := p.targets.at(h)
	t.set(inFlight|suspended, false)
	t.failures = 0
	if t.answers < understood {
		t.answers++
	}
	t.set(settled, t.is(settled) || t.answers == understood)
	p.plan(at.UnixMilli(), h, t)
}

// Failed notes that the question about a target, put at a time, was not answered. It is put again an interval later,
// or earlier where it would have been, then two, four and eight: failing is no way to be asked more often.
func (p *Planner) Failed(at time.Time, h Target) {
	t := p.targets.at(h)
	t.set(inFlight|suspended, false)
	ms := at.UnixMilli()
	j := &p.jobs[t.job]
	wait := j.Interval.Milliseconds() << min(t.failures, 3)
	if t.failures >= 3 {
		wait = max(wait, j.bound)
	}
	if t.failures == 0 { // once may be chance: as soon as it would have been asked anyway
		wait = min(wait, max(p.config.MinInterval.Milliseconds(), int64(t.tau*1000)))
	}
	t.failures = min(t.failures+1, 250)
	p.counted(t, false)
	p.setClass(t, Failing)
	t.key[byAge] = ms
	p.due.put(&p.targets, h, ms+wait)
}

// Excused notes that the question about a target was not answered, for a reason that is not the target's: the carrier
// is away, or the process is ending. It is put again as soon as a question may be repeated.
func (p *Planner) Excused(at time.Time, h Target) {
	t := p.targets.at(h)
	t.set(inFlight|suspended, false)
	if t.failures > 0 {
		p.due.put(&p.targets, h, at.UnixMilli()+p.jobs[t.job].Interval.Milliseconds())
		return
	}
	p.enqueue(h, t, t.key[byAge], at.Add(p.config.MinInterval).UnixMilli())
}

// Suspend keeps a target from being asked until a time.
func (p *Planner) Suspend(h Target, until time.Time) {
	t := p.targets.at(h)
	t.set(inFlight, false)
	t.set(suspended, true)
	p.counted(t, false)
	p.setClass(t, Suspended)
	p.jobs[t.job].ages.drop(&p.targets, h)
	p.due.put(&p.targets, h, until.UnixMilli())
}

// Hurry puts a target first, because a person asks for it. Of two questions at most one is a hurried one.
func (p *Planner) Hurry(h Target) {
	if t := p.targets.at(h); !t.is(inFlight | hurried) {
		t.set(hurried, true)
		p.hurry = append(p.hurry, h)
	}
}

// Forgive takes back a failure that Failed noted: it was not the target's but the carrier's. It is asked as soon as a
// question may be repeated, or when its earlier failures let it.
func (p *Planner) Forgive(now time.Time, h Target) {
	t := p.targets.at(h)
	if t.failures == 0 || t.is(inFlight|suspended) {
		return
	}
	t.failures--
	p.Excused(now, h)
}
