package schedule

import "math"

// plan puts a target that was asked at a time, and answered, into its lanes.
func (p *Planner) plan(asked int64, h Target, t *target) {
	p.enqueue(h, t, asked, p.dueAfter(asked, t))
}

// dueAfter is when a target that was asked at a time is due, at the price of now.
func (p *Planner) dueAfter(asked int64, t *target) int64 {
	p.days.look(asked)
	p.counted(t, false)
	o := p.look(t)
	most := p.patience(t)
	least := min(most, p.config.MinInterval.Milliseconds())
	wait, at := p.solve(t, &o, asked, least, most, p.price.worth)
	t.tau, t.price = float32(at.after), float32(at.index)
	t.exponent = exponentCode(1 / (1 + o.steep))
	if o.hazard*at.after > trend(o.left, float64(t.fast)*at.after, o.steep) {
		t.exponent = exponentCode(0.5)
	}
	p.counted(t, true)
	p.price.settle()
	p.setClass(t, p.classify(t, &o, asked, wait, most))
	return asked + wait
}

// patience is how long a target may wait: that which is not understood is not left as long as the others.
func (p *Planner) patience(t *target) int64 {
	j := &p.jobs[t.job]
	if t.answers < understood || t.is(roaming) {
		return min(j.bound, max(p.config.MinInterval.Milliseconds(), j.Interval.Milliseconds()/2))
	}
	return j.bound
}

// classify says why a target waits as long as it does.
func (p *Planner) classify(t *target, o *outlook, asked, wait, most int64) Class {
	bound := p.jobs[t.job].bound
	switch {
	case wait < most && o.clears < asked+bound:
		return Clearing
	case wait < most && p.crossing(t, o, asked, asked+hour) > 0:
		return Urgent
	case wait < most && wait < bound*9/10:
		if t.restricted != restrictedNot && math.IsInf(o.left, 1) {
			return Clearing
		}
		return Watch
	case t.is(roaming):
		return Roaming
	case t.answers < understood && t.is(settled):
		return Waking
	case t.answers < understood:
		return Fresh
	case t.restricted != restrictedNot:
		return Clearing
	case p.crossing(t, o, asked, p.days.end) == 0:
		return Waiting
	default:
		return Routine
	}
}

// replan is plan for one that was not asked: something else became known of it.
func (p *Planner) replan(now int64, h Target, t *target) {
	if t.is(inFlight|suspended) || t.failures > 0 || !t.is(answered) || t.pos[byDue] < 0 {
		return
	}
	p.due.put(&p.targets, h, max(now, p.dueAfter(t.key[byAge], t)))
}

// putOff plans a target anew that is due, and reports whether it is no longer.
func (p *Planner) putOff(now int64, h Target, t *target) bool {
	if !t.is(answered) || t.failures > 0 || t.is(suspended|hinted) {
		return false
	}
	due := p.dueAfter(t.key[byAge], t)
	if due <= now+(now-t.key[byAge])/20 {
		return false
	}
	p.due.put(&p.targets, h, due)
	return true
}
