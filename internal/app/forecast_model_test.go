package app

import (
	"math"
	"slices"
	"time"

	"kaisen/schema"
)

// What view line_forecast is defined to say (schema/migrations/0006_forecast.sql), computed once more, line by line and
// day by day, from its comment and not from its SQL.

// known is what the tables have of a line.
type known struct {
	contract, line string
	now            time.Time // observed_at, in the carrier's zone
	start          schema.Date
	member         bool
	month          uint64
	remaining      *uint64 // nil: not known
	days           map[schema.Date]uint64
}

// outlook is what is to be expected of a line.
type outlook struct {
	days            int
	end, low, high  float64
	at, early, late time.Time // zero: not before the month ends
}

// lesson is what a line's past teaches about it.
type lesson struct {
	known
	left, volume float64 // +Inf: none
	open         schema.Date
	passed       float64
	free         []schema.Date           // the days that count, in order
	used         map[schema.Date]float64 // their bytes
	mean, noise  float64
	slowed       []float64 // bytes of slowed days
}

// outlooks computes what is to be expected of the lines of one source.
func outlooks(lines []known) []outlook {
	lessons := make([]*lesson, len(lines))
	contracts := map[string]*habits{}
	for i, l := range lines {
		lessons[i] = lessonOf(l)
		c := contracts[l.contract]
		if c == nil {
			c = &habits{slowedBytes: 1, slowedDays: 1}
			contracts[l.contract] = c
		}
		c.add(lessons[i])
	}
	out := make([]outlook, len(lines))
	for i, l := range lessons {
		out[i] = l.outlook(contracts[l.contract])
	}
	return out
}

func lessonOf(k known) *lesson {
	l := &lesson{known: k, left: math.Inf(1), used: map[schema.Date]float64{}}
	if k.remaining != nil && !k.member {
		l.left = float64(*k.remaining)
	}
	l.volume = 0.98 * (float64(k.month) + l.left)
	y, m, d := k.now.Date()
	l.open = schema.DateOf(k.now)
	l.passed = k.now.Sub(time.Date(y, m, d, 0, 0, 0, 0, k.now.Location())).Hours() / 24
	l.chooseDays()
	l.trim()
	var sum float64
	for _, bytes := range l.used {
		sum += bytes
	}
	if len(l.free) > 0 {
		l.mean = sum / float64(len(l.free))
	}
	l.noise = l.ownNoise()
	return l
}

// chooseDays separates the days that count from those on which the carrier slowed the line.
func (l *lesson) chooseDays() {
	var sum float64
	for day := l.open.AddDays(-57).Month(); day < l.open; day++ {
		if day == day.Month() {
			sum = 0
		}
		told, ok := l.days[day]
		bytes := float64(told)
		sum += bytes
		if !ok || day < l.open.AddDays(-56) || day < l.start {
			continue
		}
		switch {
		case sum < l.volume:
			l.free = append(l.free, day)
			l.used[day] = bytes
		case sum-bytes >= l.volume:
			l.slowed = append(l.slowed, bytes)
		}
	}
}

// trim keeps one freak day from counting for more than two.
func (l *lesson) trim() {
	var sizes []float64
	for _, bytes := range l.used {
		sizes = append(sizes, bytes)
	}
	slices.Sort(sizes)
	if n := len(sizes); n > 1 && sizes[n-2] > 0 {
		for day, bytes := range l.used {
			l.used[day] = min(bytes, 2*sizes[n-2])
		}
	}
}

// weekday is the mean of a line's days on a weekday, and how many they are.
func (l *lesson) weekday(w time.Weekday) (mean, n float64) {
	for day, bytes := range l.used {
		if day.Time().Weekday() == w {
			mean += bytes
			n++
		}
	}
	return mean / max(n, 1), n
}

// ownNoise is the relative variance of a day within its weekday.
func (l *lesson) ownNoise() float64 {
	squares, freedom := 4*0.25, 4.0
	for w := range time.Weekday(7) {
		mean, n := l.weekday(w)
		freedom += max(n-1, 0)
		for day, bytes := range l.used {
			if l.mean > 0 && day.Time().Weekday() == w {
				squares += math.Pow((bytes-mean)/l.mean, 2)
			}
		}
	}
	return squares / freedom
}

// habits is what the lines of a contract have in common.
type habits struct {
	bytes, days             [7]float64 // relative to the line's mean, weighted by its noise
	slowedBytes, slowedDays float64
}

func (h *habits) add(l *lesson) {
	if l.mean == 0 {
		return
	}
	for w := range time.Weekday(7) {
		mean, n := l.weekday(w)
		h.bytes[w] += mean * n / l.mean / l.noise
		h.days[w] += n / l.noise
	}
	for _, bytes := range l.slowed {
		h.slowedBytes += bytes / l.mean
		h.slowedDays++
	}
}

// factors is what a line uses on each weekday, 1 being its mean day.
func (l *lesson) factors(h *habits) (factors [7]float64) {
	for w := range time.Weekday(7) {
		factors[w] = (h.bytes[w] + 20) / (h.days[w] + 20)
		if l.mean > 0 {
			mean, n := l.weekday(w)
			more := l.noise / (0.3 * 0.3)
			factors[w] = (mean*n/l.mean + more*factors[w]) / (n + more)
		}
	}
	return factors
}

// average is the level with weights that halve in some days, and how many days it rests on.
func (l *lesson) average(factors [7]float64, half float64) (level, rest float64) {
	var bytes, typical, weights, squares float64
	for _, day := range l.free {
		weight := math.Exp2(-float64(l.open-day) / half)
		bytes += weight * l.used[day]
		typical += weight * factors[day.Time().Weekday()]
		weights += weight
		squares += weight * weight
	}
	if len(l.free) > 0 {
		return bytes / typical, weights * weights / squares
	}
	if float64(l.month) >= l.volume {
		return 0, 1
	}
	return float64(l.days[l.open]) / max(l.passed, 0.25) / factors[l.open.Time().Weekday()], 1
}

// level is the average of half a month, moved towards that of the last days as far as they stand out.
func (l *lesson) level(factors [7]float64) (level, rest float64) {
	long, longRest := l.average(factors, 14)
	short, shortRest := l.average(factors, 5)
	if short == long {
		return long, longRest
	}
	miss := func(day schema.Date) float64 { return l.used[day] - long*factors[day.Time().Weekday()] }
	squares, n := 4*0.25*l.mean*l.mean, 4.0
	for _, day := range l.free {
		if _, ok := l.used[day-1]; ok {
			squares += math.Pow(miss(day)-miss(day-1), 2) / 2
			n++
		}
	}
	trend := max(1-2*squares/n*(1/shortRest-1/longRest)/math.Pow(short-long, 2), 0)
	return long + trend*(short-long), longRest + trend*(shortRest-longRest)
}

// variance is that of a day of factor 1 about the level, neighbouring days' likeness included.
func (l *lesson) variance(level float64, factors [7]float64) float64 {
	squares, typical, products := 4*0.25*level*level, 4.0, 0.0
	miss := func(day schema.Date) float64 { return l.used[day] - level*factors[day.Time().Weekday()] }
	for _, day := range l.free {
		squares += miss(day) * miss(day)
		typical += factors[day.Time().Weekday()]
		if _, ok := l.used[day-1]; ok {
			products += miss(day) * miss(day-1)
		}
	}
	if squares == 0 {
		return 0
	}
	r := min(max(products/squares, 0), 0.6)
	return squares / typical * (1 + r) / (1 - r)
}
