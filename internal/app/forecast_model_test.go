package app

import (
	"math"
	"slices"
	"time"

	"kaisen/schema"
)

// What view line_forecast is defined to say (schema/migrations/0006_forecast.sql, 0024_forecast.sql, 0028_untold_days.sql and
// 0029_forecast_band.sql), computed once more, line by line and day by day, from its comment and not from its SQL.

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
	mean         float64
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
	for i, l := range lessons {
		c := contracts[lines[i].contract]
		missed, count := l.weeks(l.factors(c))
		c.missed += missed
		c.weeks += count
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

// habits is what the lines of a contract have in common.
type habits struct {
	bytes, days             [7]float64 // relative to the line's mean
	slowedBytes, slowedDays float64
	missed, weeks           float64 // by how much weeks were missed; known once all lines are added
}

func (h *habits) add(l *lesson) {
	if l.mean == 0 {
		return
	}
	for w := range time.Weekday(7) {
		mean, n := l.weekday(w)
		h.bytes[w] += mean * n / l.mean
		h.days[w] += n
	}
	for _, bytes := range l.slowed {
		h.slowedBytes += bytes / l.mean
		h.slowedDays++
	}
}

// factors is what the line uses on each weekday, 1 being its mean day.
func (l *lesson) factors(h *habits) (factors [7]float64) {
	for w := range time.Weekday(7) {
		factors[w] = (h.bytes[w] + 20) / (h.days[w] + 20)
		if l.mean > 0 {
			mean, n := l.weekday(w)
			factors[w] = (mean*n/l.mean + factors[w]) / (n + 1)
		}
	}
	return factors
}

// root is the square root of the level that the days before one show, with weights that halve in some days.
func (l *lesson) root(factors [7]float64, before schema.Date, half float64) float64 {
	var roots, withTraffic, all float64
	for _, day := range l.free {
		if day >= before {
			break
		}
		weight, factor := math.Exp2(-float64(before-day)/half), factors[day.Time().Weekday()]
		all += weight * factor
		if l.used[day] > 0 {
			roots += weight * math.Sqrt(l.used[day]*factor)
			withTraffic += weight * factor
		}
	}
	if withTraffic == 0 {
		return 0
	}
	return roots / math.Sqrt(withTraffic*all)
}

// stretch is some days that followed a day of the past with enough days before it.
type stretch struct {
	from          schema.Date
	came, typical float64 // bytes, and the sum of the factors
}

// stretches are all of a length of which every day counts.
func (l *lesson) stretches(factors [7]float64, days int) (all []stretch) {
	for i := 14; i+days <= len(l.free); i++ {
		if l.free[i+days-1]-l.free[i] != schema.Date(days-1) {
			continue
		}
		s := stretch{from: l.free[i]}
		for _, day := range l.free[i : i+days] {
			s.came += l.used[day]
			s.typical += factors[day.Time().Weekday()]
		}
		all = append(all, s)
	}
	return all
}

// share is how much of the level is the fast one's: what would have foretold better the days that followed, as many as are ahead now.
func (l *lesson) share(factors [7]float64) float64 {
	misses := [2]float64{0.4, 0.4}
	for _, s := range l.stretches(factors, max(min(l.ahead(), 14), 1)) {
		for i, half := range []float64{2, 14} {
			said := math.Pow(l.root(factors, s.from, half), 2) * s.typical
			misses[i] += math.Abs(s.came-said) / max(s.came+said, 1)
		}
	}
	return 1 / (1 + math.Pow(misses[0]/misses[1], 4))
}

// ahead is how many days the month has from the open one on.
func (l *lesson) ahead() (days int) {
	for day := l.open; day.Month() == l.open.Month(); day++ {
		days++
	}
	return days
}

// level is bytes of a day of factor 1, as the days before one show it.
func (l *lesson) level(factors [7]float64, before schema.Date, share float64) float64 {
	return math.Pow(share*l.root(factors, before, 2)+(1-share)*l.root(factors, before, 14), 2)
}

// current is the level to go on from.
func (l *lesson) current(factors [7]float64) float64 {
	bytes, days := l.untold(factors)
	if n := float64(len(l.free)); n+days > 0 {
		level := 0.0
		if n > 0 {
			level = l.level(factors, l.open, l.share(factors))
		}
		return (level*n + bytes) / (n + days)
	}
	return float64(l.days[l.open]) / max(math.Pow(l.passed, 1.9), 0.1) / factors[l.open.Time().Weekday()]
}

// untold is what the days of the month used that nobody told of, and the sum of their factors.
func (l *lesson) untold(factors [7]float64) (bytes, days float64) {
	bytes = float64(l.month)
	for day := l.open.Month(); day <= l.open; day++ {
		told, ok := l.days[day]
		bytes -= float64(told)
		if !ok && day >= l.start && day < l.open {
			days += factors[day.Time().Weekday()]
		}
	}
	bytes = max(bytes, 0)
	if days == 0 || bytes == 0 && l.start == 0 {
		return 0, 0
	}
	return bytes, days
}

// weeks is by how much the line's past weeks would have been missed, as logarithms, and how many weeks that is.
func (l *lesson) weeks(factors [7]float64) (missed, count float64) {
	share, e := l.share(factors), 0.02*7*l.mean
	for _, s := range l.stretches(factors, 7) {
		said := l.level(factors, s.from, share) * s.typical
		missed += math.Abs(math.Log((s.came+e+1)/(said+e+1))) / math.Sqrt(7)
		count += 1 / math.Sqrt(7)
	}
	return missed, count
}

// apart is how far the two levels of now are from one another.
func (l *lesson) apart(factors [7]float64) float64 {
	fast, slow, e := l.root(factors, l.open, 2), l.root(factors, l.open, 14), 0.02*l.mean
	return math.Log((fast*fast + e + 1) / (slow*slow + e + 1))
}

// spread is how uncertain the logarithm of what is ahead is.
func (l *lesson) spread(h *habits, factors [7]float64) float64 {
	missed, count := l.weeks(factors)
	contract := (h.missed + 4) / (h.weeks + 20)
	miss := (missed + 2*contract) / (count + 2)
	square := (miss*miss + 0.3*math.Pow(l.apart(factors), 2)) * math.Sqrt(max(float64(l.ahead())/7, 1))
	return math.Sqrt(square + 0.2/math.Pow(1+float64(len(l.free)), 2))
}
