package schedule

import "math"

// outlook is what is expected of a target after its last answer. It holds no pointer, so that it lives on the stack.
type outlook struct {
	left   float64 // bytes to the next threshold, +Inf: none
	steep  float64 // k of the log-logistic
	hazard float64 // of a burst, or of an order
	clears int64   // when its restriction is expected to end, math.MaxInt64: not
}

// point is where a target's index has a value.
type point struct {
	after float64 // seconds since the last answer
	index float64 // seconds of delay
}

// leastSteep keeps the trend from telling of bursts, which have a hazard of their own.
const leastSteep = 2

// steepness is k for a spread: a log-logistic distribution of that standard deviation of the logarithm.
func steepness(spread float32) float64 {
	return min(12, max(leastSteep, math.Pi/math.Sqrt(3)/max(leastSpread, float64(spread))))
}

// trend is the probability that use which is expected to come to some bytes reaches left.
func trend(left, expected, k float64) float64 {
	if expected <= 0 {
		return 0
	}
	return 1 / (1 + math.Exp(k*math.Log(left/expected)))
}

// index is I(τ) of the package comment: expected bytes m until τ, m′ a second at τ, and what the other hazards have come
// to by then.
func (o *outlook) index(tau, m, slope, others, hazard float64) float64 {
	f0 := trend(o.left, m, o.steep)
	h := hazard
	if m > 0 {
		h += o.steep * f0 * slope / m
	}
	alive := (1 - f0) * math.Exp(-others)
	f := 1 - alive
	width := tau
	if flow := alive * alive * h; f < tau*flow {
		width = f / flow
	}
	return 0.5 * f * width
}

// look is the outlook of a target.
func (p *Planner) look(t *target) (o outlook) {
	o = outlook{left: math.Inf(1), steep: steepness(t.spread), clears: math.MaxInt64}
	if t.volume > 0 {
		if n := p.count(t, &t.figures); n < len(p.config.Thresholds) {
			o.left = t.distance(p.threshold(t, n))
			o.hazard = p.fleet.hazard(o.left, float64(t.slow))
		}
	}
	if t.restricted != restrictedNot && !t.is(member) {
		o.hazard += p.fleet.cleared / p.fleet.restricted // an order adds volume
		o.clears = p.days.turn
		if t.restricted&restrictedMonthly == 0 {
			o.clears = p.days.end
		}
		if t.lagging && p.clearsNow(t) { // any time now
			o.clears = t.asof
		}
	}
	return o
}

// clearsNow reports whether the restriction should have ended with the day that is over.
func (p *Planner) clearsNow(t *target) bool {
	return t.restricted&restrictedMonthly == 0 || p.days.dayOfMonth == 1
}

// solve is how long a target that was answered at a time waits, from least to most milliseconds, if a request is worth
// so many seconds. The point is one where the index is known; expected is when use is expected to come to the next
// threshold, 0 if not within horizon.
func (p *Planner) solve(t *target, o *outlook, from, least, most int64, worth float64) (wait int64, at point) {
	var m, others float64
	now, end := from, from+most
	floor := from + least
	for now < end {
		of, weekday, ends := p.days.hourOf(now)
		ends = min(ends, end)
		if now < floor && ends > floor {
			ends = floor
		}
		slope := t.level((now+ends)/2-from) * t.factor(of, weekday)
		if ends > p.days.turn && p.days.turn > from { // the month ends, and with it what was used
			slope = 0
		}
		hazard := o.hazard
		if ends > o.clears { // the longer it takes, the longer it will
			hazard += 1 / (60 + float64(now-o.clears)/1000)
		}
		seconds := float64(ends-now) / 1000
		tau := float64(ends-from) / 1000
		index := o.index(tau, m+slope*seconds, slope, others+hazard*seconds, hazard)
		if index >= worth && ends >= floor {
			if ends == floor {
				return least, point{tau, index}
			}
			wait = now - from + o.within(float64(now-from)/1000, seconds, m, slope, others, hazard, worth)
			return wait, point{float64(wait) / 1000, worth}
		}
		m, others, at = m+slope*seconds, others+hazard*seconds, point{tau, index}
		now = ends
	}
	return most, at
}

// within is when, in milliseconds within a stretch of even use, the index comes to what a request is worth.
func (o *outlook) within(began, seconds, m, slope, others, hazard, worth float64) int64 {
	low, high := 0.0, seconds
	for range 12 {
		mid := (low + high) / 2
		if o.index(began+mid, m+slope*mid, slope, others+hazard*mid, hazard) >= worth {
			high = mid
		} else {
			low = mid
		}
	}
	return int64(high * 1000)
}

// crossing is when use is expected to come to the next threshold, in milliseconds since 1970; 0: not before a time.
func (p *Planner) crossing(t *target, o *outlook, from, until int64) int64 {
	until = min(until, p.days.turn)
	var m float64
	for now := from; now < until && !math.IsInf(o.left, 1); {
		of, weekday, ends := p.days.hourOf(now)
		slope := t.level((now+ends)/2-from) * t.factor(of, weekday)
		more := slope * float64(ends-now) / 1000
		if m+more >= o.left {
			return now + int64((o.left-m)/slope*1000)
		}
		m += more
		now = ends
	}
	return 0
}
