package schedule

import (
	"math"
	"time"
)

// Class is why a target is asked when it is.
type Class uint8

// The classes.
const (
	Routine   Class = iota // at its place in the interval
	Waiting                // it cannot cross before tomorrow, or has no limit: its turn comes last
	Watch                  // it may cross before its turn would come
	Urgent                 // it is expected to cross within the hour
	Clearing               // it is restricted: watched for the end
	Fresh                  // it was never answered, or not often enough to be understood
	Waking                 // it was silent and uses volume again
	Roaming                // it is abroad
	Failing                // it was not answered: asked less often
	Suspended              // not asked for now
	classes
)

// String is the class in a word.
func (c Class) String() string {
	return [...]string{"routine", "waiting", "watch", "urgent", "clearing", "new", "waking", "roaming", "failing", "suspended"}[c]
}

// Classes are all of them.
func Classes() []Class {
	all := make([]Class, classes)
	for i := range all {
		all[i] = Class(i)
	}
	return all
}

// Reason is why a target is asked when it is, with the numbers.
type Reason struct {
	Class     Class
	Interval  time.Duration // from its last answer to its next question
	Due       time.Time     // its next question
	Left      float64       // share of the month's volume left, 0 to 1; NaN: not known
	Threshold float64       // the next one, a share left; NaN: none
	Crossing  time.Time     // when it is expected to come to it; zero: not in sight
	Failures  int           // in a row
	Pool      bool          // the figures are those of its pool
}

// Reason is why a target is asked when it is.
func (p *Planner) Reason(h Target) Reason {
	t := p.targets.at(h)
	if t.is(member) && t.pool != 0 && t.failures == 0 {
		r := p.Reason(t.pool)
		r.Pool = true
		return r
	}
	r := Reason{Class: Class(t.class), Due: p.at(t.key[byDue]), Failures: int(t.failures), Left: math.NaN(), Threshold: math.NaN()}
	if t.is(inFlight) {
		r.Due = p.at(t.key[byAge])
	}
	if !t.is(answered) && t.answers == 0 {
		return r
	}
	r.Interval = r.Due.Sub(p.at(t.key[byAge]))
	if t.volume == 0 {
		return r
	}
	r.Left = float64(t.left) / float64(max(1, t.month+t.left))
	if n := p.count(t, &t.figures); n < len(p.config.Thresholds) {
		r.Threshold = p.threshold(t, n)
		p.days.look(t.asof)
		o := p.look(t)
		if crossing := p.crossing(t, &o, t.asof, p.days.turn); crossing != 0 {
			r.Crossing = p.at(crossing)
		}
	}
	return r
}
