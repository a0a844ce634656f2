package schedule

import "math"

// habits are how much busier than the average each hour of the day and each weekday is, in a byte each.
type habits struct {
	hours    [24]weight
	weekdays [7]weight // Sunday first
}

// weight is a factor from 0 to 16, finer where it is small: its square root in 1/64.
type weight uint8

const average weight = 64

func (w weight) factor() float64 { return float64(w) * float64(w) / (64 * 64) }

// weightOf is the nearest weight above 0: what was never used may be one day.
func weightOf(factor float64) weight {
	return weight(min(255, max(6, math.Sqrt(max(0, factor))*64+0.5)))
}

// even is a habit of no hour and no day.
func even() (h habits) {
	for i := range h.hours {
		h.hours[i] = average
	}
	for i := range h.weekdays {
		h.weekdays[i] = average
	}
	return h
}

// factor is how busy an hour of a weekday is.
func (h *habits) factor(hourOfDay, weekday int) float64 {
	return h.hours[hourOfDay].factor() * h.weekdays[weekday].factor()
}

// weigh is the seconds of average use that a stretch of time is worth.
func (h *habits) weigh(c *calendar, from, to int64) (seconds float64) {
	for from < to {
		of, weekday, ends := c.hourOf(from)
		ends = min(ends, to)
		seconds += h.factor(of, weekday) * float64(ends-from) / 1000
		from = ends
	}
	return seconds
}

// learnHours moves the hours between two times towards what was used in them: ratio is that by what was expected. Of a
// long time it is not known which hour it was, so each learns its part.
func (h *habits) learnHours(c *calendar, from, to int64, ratio, speed float64, towards *[24]float64) {
	whole := float64(to - from)
	for from < to {
		of, _, ends := c.hourOf(from)
		ends = min(ends, to)
		part := float64(ends-from) / hour
		if whole > hour {
			part *= hour / whole
		}
		w := h.hours[of].factor()
		w += speed*part*w*(ratio-1) + speed*part/8*(towards[of]-w)
		h.hours[of] = weightOf(w)
		from = ends
	}
}

// learnWeekdays takes the weekdays from the days before today, yesterday first.
func (h *habits) learnWeekdays(today int, days []uint64) {
	var sum [7]float64
	var n [7]float64
	var total, count float64
	for i, bytes := range days {
		weekday := ((today-1-i)%7 + 7) % 7
		sum[weekday] += float64(bytes)
		n[weekday]++
		total += float64(bytes)
		count++
	}
	if total == 0 || count < 14 {
		return
	}
	mean := total / count
	for i := range sum { // as if each had been seen on three average days more
		h.weekdays[i] = weightOf((sum[i] + 3*mean) / (n[i] + 3) / mean)
	}
}
