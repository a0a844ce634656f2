package schedule

import (
	"math"
	"time"
)

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
	for i := range p.jobs {
		p.jobs[i].bound = p.jobs[i].boundAt(rate, atInterval, atMaxAge)
	}
	if p.price.short {
		p.divide(rate / 2)
	}
	p.refit()
}

// boundAt is the bound of a job, in milliseconds, where the budget has a rate and all jobs need what is said at their
// intervals and at their greatest ages.
func (j Job) boundAt(rate, atInterval, atMaxAge float64) int64 {
	interval, most := float64(j.Interval.Milliseconds()), float64(j.maxAge().Milliseconds())
	switch {
	case 2*atInterval <= rate:
		return int64(interval)
	case atMaxAge <= rate:
		return int64(min(most, interval*2*atInterval/rate))
	}
	return int64(min(math.MaxInt64/4, most*2*atMaxAge/max(rate, 1e-9)))
}

// Bound is the age beyond which no target of a job that is planned alone is left, while it is answered, where there are so
// many and the budget has so many requests a second.
func (j Job) Bound(targets, perSecond float64) time.Duration {
	bound := j.boundAt(perSecond, targets/j.Interval.Seconds(), targets/j.maxAge().Seconds())
	return time.Duration(min(bound, math.MaxInt64/int64(time.Millisecond))) * time.Millisecond
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
