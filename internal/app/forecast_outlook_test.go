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
	level, rest := l.level(factors)
	variance, idle := l.variance(level, factors), l.idle()
	var expected, low, high path
	var sum, typical, days float64
	for day := l.open; day.Month() == l.open.Month(); day++ {
		factor := factors[day.Time().Weekday()]
		wish, part := level*factor, 1.0
		if day == l.open {
			part = 1 - l.passed
			wish = part * (max(wish-float64(l.days[day]), 0) + l.passed*wish)
		}
		sum += wish
		typical += factor * part
		days += part
		deviation := math.Sqrt(variance*(typical+typical*typical/rest) + math.Pow(0.02*level, 2)*math.Pow(typical, 3)/3)
		expected = append(expected, sum)
		high = append(high, max(gamma(sum, deviation, 1.2816), sum))
		if math.Pow(idle, days) >= 0.1 {
			low = append(low, 0)
		} else {
			low = append(low, gamma(sum, deviation, -1.2816))
		}
	}
	slow := min(h.slowedBytes/h.slowedDays, 1)
	return outlook{
		days: len(l.free),
		end:  l.ends(expected, slow), low: l.ends(low, slow/2), high: l.ends(high, min(2*slow, 1)),
		at: l.exhausted(expected), early: l.exhausted(high), late: l.exhausted(low),
	}
}

// idle is the share of days without traffic.
func (l *lesson) idle() float64 {
	n := 0.0
	for _, bytes := range l.used {
		if bytes == 0 {
			n++
		}
	}
	return n / max(float64(len(l.free)), 1)
}

// gamma is the point of a gamma distribution that lies z normal deviations from the middle (Wilson and Hilferty).
func gamma(mean, deviation, z float64) float64 {
	if mean == 0 {
		return 0
	}
	shape := mean * mean / deviation / deviation
	return mean * math.Pow(max(1-1/(9*shape)+z/(3*math.Sqrt(shape)), 0), 3)
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
