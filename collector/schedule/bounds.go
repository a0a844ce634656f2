package schedule

import "math"

// rebound finds the bounds of all jobs anew: the budget, or the number of targets, has changed.
func (p *Planner) rebound(now int64) {
	rate := p.budget.at(now)
	var atInterval, atMaxAge float64 // requests a second that all jobs need
	for i := range p.jobs {
		j := &p.jobs[i]
		atInterval += j.needs(j.Interval.Seconds())
		atMaxAge += j.needs(j.maxAge().Seconds())
	}
	p.price.stretched = 2*atInterval > rate
	p.price.short = atMaxAge > rate
	p.price.budget = rate
	stretch := 2 * atInterval / rate
	for i := range p.jobs {
		j := &p.jobs[i]
		interval, most := float64(j.Interval.Milliseconds()), float64(j.maxAge().Milliseconds())
		switch {
		case !p.price.stretched:
			j.bound = int64(interval)
		case !p.price.short:
			j.bound = int64(min(most, interval*stretch))
		default:
			j.bound = int64(min(math.MaxInt64/4, most*2*atMaxAge/max(rate, 1e-9)))
		}
	}
	if p.price.short {
		p.divide(rate / 2)
	}
	p.refit()
}

// needs is the requests a second for asking each target of the job once in so many seconds.
func (j *job) needs(seconds float64) float64 { return float64(j.members) / seconds }

// divide gives each job that has a share its part of a rate, and what it does not need to the others. Jobs without a
// share have as much as they need of what all need.
func (p *Planner) divide(rate float64) {
	shared := false
	for i := range p.jobs {
		shared = shared || p.jobs[i].Share > 0
	}
	if !shared || rate <= 0 {
		return
	}
	var needs, shares float64
	for i := range p.jobs {
		needs += p.jobs[i].needs(p.jobs[i].maxAge().Seconds())
	}
	open := make([]float64, len(p.jobs)) // the share of a job whose bound is not found yet
	for i := range p.jobs {
		j := &p.jobs[i]
		if open[i] = j.Share; j.Share <= 0 {
			open[i] = j.needs(j.maxAge().Seconds()) / needs
		}
		if j.members == 0 {
			open[i] = 0
		}
		shares += open[i]
	}
	for again := true; again && shares > 0; {
		again = false
		for i := range p.jobs {
			j := &p.jobs[i]
			if need := j.needs(j.maxAge().Seconds()); open[i] > 0 && need <= rate*open[i]/shares {
				j.bound = j.maxAge().Milliseconds()
				rate, shares, open[i], again = rate-need, shares-open[i], 0, true
			}
		}
	}
	for i := range p.jobs {
		if j := &p.jobs[i]; open[i] > 0 {
			j.bound = int64(1000 * float64(j.members) / (rate * open[i] / shares))
		}
	}
}
