package app

import (
	"math"
	"time"
)

// path is how many more bytes there will have been after each day until the month ends.
type path []float64

// outlook follows a line's days until its month ends.
func (l *lesson) outlook(h *habits) outlook {
	factors := l.factors(h)
	level, spread := l.current(factors), l.spread(h, factors)
	var expected, low, high path
	var sum float64
	for day := l.open; day.Month() == l.open.Month(); day++ {
		wish := level * factors[day.Time().Weekday()]
		if day == l.open {
			wish = (1 - l.passed) * (max(wish-float64(l.days[day]), 0) + l.passed*wish)
		}
		sum += wish
		expected = append(expected, sum)
		low = append(low, sum*math.Exp(-1.5*spread))
		high = append(high, sum*math.Exp(1.5*spread))
	}
	slow := min(h.slowedBytes/h.slowedDays, 1)
	return outlook{
		days: len(l.free),
		end:  l.ends(expected, slow), low: l.ends(low, slow/2), high: l.ends(high, min(2*slow, 1)),
		at: l.exhausted(expected), early: l.exhausted(high), late: l.exhausted(low),
	}
}

// ends is what the month comes to, slowed beyond the volume.
func (l *lesson) ends(p path, slow float64) float64 {
	more := p[len(p)-1]
	if more > l.left {
		more = l.left + slow*(more-l.left)
	}
	return float64(l.month) + more
}

// exhausted is when a path meets what is left.
func (l *lesson) exhausted(p path) time.Time {
	if l.left == 0 {
		return l.now
	}
	y, m, d := l.now.Date()
	from, before := l.now, 0.0
	for i, sum := range p {
		until := time.Date(y, m, d+i+1, 0, 0, 0, 0, l.now.Location())
		if sum >= l.left {
			return from.Add(time.Duration((l.left - before) / (sum - before) * float64(until.Sub(from))))
		}
		from, before = until, sum
	}
	return time.Time{}
}
