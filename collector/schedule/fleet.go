package schedule

import "math"

// fleet is what all targets together have shown: the hours of those that are not known yet, and how often somebody
// crosses whom nobody expected to.
type fleet struct {
	habits             // of its hours, in bytes
	exact  [24]float64 // the same, not rounded

	// By how long the use of the last days would take to the next threshold, in doublings of an hour: how many seconds
	// targets were there, and how often one of them came to the threshold out of the blue.
	exposed, surprises  [distances]float64
	restricted, cleared float64 // likewise of restrictions that ended before their day
	faded               int64   // when all were last reduced
}

const distances = 16

func (f *fleet) reset() {
	*f = fleet{habits: even()}
	for i := range f.exact {
		f.exact[i] = 1
	}
	f.restricted, f.cleared = 20*86400, 1
	for i := range f.exposed { // as if each had been surprised once, in thirty times as long
		f.surprises[i] = 1
		f.exposed[i] = 30 * 3600 * float64(int(1)<<i)
	}
}

// distanceOf is the class of who has so many bytes to the next threshold, and uses so many a second.
func distanceOf(left, level float64) int {
	if level <= 0 {
		return distances - 1
	}
	return min(distances-1, max(0, int(math.Log2(left/level/3600)+1)))
}

// hazard is how often a second somebody crosses out of the blue who has so many bytes left and uses so many a second.
func (f *fleet) hazard(left, level float64) float64 {
	d := distanceOf(left, level)
	return f.surprises[d] / f.exposed[d]
}

// unexpected is the probability of a crossing below which it comes out of the blue.
const unexpected = 0.02

// expose takes in what came of a target between two answers.
func (f *fleet) expose(p *Planner, t *target, was *figures, turned bool) {
	f.fade(t.asof)
	seconds := float64(t.asof-was.asof) / 1000
	if was.restricted != restrictedNot {
		f.restricted += seconds
		if t.restricted == restrictedNot && was.asof >= p.days.start {
			f.cleared++
		}
	}
	if was.volume == 0 || turned || was.left == 0 || t.volume == 0 {
		return
	}
	n := p.count(t, was)
	if n == len(p.config.Thresholds) {
		return
	}
	left := was.distance(p.threshold(t, n))
	d := distanceOf(left, float64(was.slow))
	f.exposed[d] += seconds
	if t.figures.reached(p.threshold(t, n)) {
		before := *t
		before.figures = *was
		before.asof = t.asof
		if trend(left, before.expected(was.asof, &p.days), steepness(was.spread)) < unexpected {
			f.surprises[d]++
		}
	}
}

// fade lets what was seen count for less from day to day.
func (f *fleet) fade(now int64) {
	if now-f.faded < day {
		return
	}
	f.faded = now
	f.restricted *= 0.9
	f.cleared = max(0.5, f.cleared*0.9)
	for i := range f.exposed {
		f.exposed[i] *= 0.9
		f.surprises[i] = max(0.5, f.surprises[i]*0.9)
	}
}

// learnHours moves the fleet's hours by one target's use.
func (f *fleet) learnHours(c *calendar, from, to int64, ratio float64) {
	const speed = 0.004
	whole := float64(to - from)
	for from < to {
		of, _, ends := c.hourOf(from)
		ends = min(ends, to)
		part := float64(ends-from) / hour
		if whole > hour {
			part *= hour / whole
		}
		f.exact[of] = min(16, max(0.01, f.exact[of]*(1+speed*part*(ratio-1))))
		f.hours[of] = weightOf(f.exact[of])
		from = ends
	}
}
