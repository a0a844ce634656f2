package schedule

import "math"

// fleet is what all targets together have shown: the hours of those that are not known yet, and how often somebody
// crosses whom nobody expected to.
type fleet struct {
	habits             // of its hours, in bytes
	exact  [24]float64 // the same, not rounded

	// By the distance to the next threshold in halvings of the volume: how many seconds targets were there, and how
	// often one of them came to the threshold out of the blue.
	exposed, surprises [distances]float64
	faded              int64 // when both were last reduced
}

const distances = 12

func (f *fleet) reset() {
	*f = fleet{habits: even()}
	for i := range f.exact {
		f.exact[i] = 1
	}
	for i := range f.exposed { // one surprise a hundred days at the whole volume, and more often the nearer
		f.surprises[i] = 1
		f.exposed[i] = 100 * 86400 / float64(int(1)<<i)
	}
}

func distanceOf(left, volume float64) int {
	return min(distances-1, max(0, int(math.Log2(volume/max(1, left)))))
}

// hazard is how often a second somebody at a distance crosses out of the blue.
func (f *fleet) hazard(left, volume float64) float64 {
	d := distanceOf(left, volume)
	return f.surprises[d] / f.exposed[d]
}

// unexpected is the probability of a crossing below which it comes out of the blue.
const unexpected = 0.02

// expose takes in what came of a target between two answers.
func (f *fleet) expose(p *Planner, t *target, was *figures, turned bool) {
	if was.volume == 0 || turned || was.left == 0 || t.volume == 0 {
		return
	}
	n := p.count(t, was)
	if n == len(p.config.Thresholds) {
		return
	}
	left, volume := was.distance(p.threshold(t, n)), float64(was.volume)
	d := distanceOf(left, volume)
	seconds := float64(t.asof-was.asof) / 1000
	f.exposed[d] += seconds
	if t.figures.reached(p.threshold(t, n)) {
		before := *t
		before.figures = *was
		before.asof = t.asof
		if trend(left, before.expected(was.asof, &p.days), steepness(was.spread)) < unexpected {
			f.surprises[d]++
		}
	}
	if t.asof-f.faded > day {
		f.faded = t.asof
		for i := range f.exposed {
			f.exposed[i] *= 0.9
			f.surprises[i] *= 0.9
		}
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
