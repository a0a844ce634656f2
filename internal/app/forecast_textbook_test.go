package app

import (
	"math"
	"slices"
	"testing"
	"time"

	"kaisen/schema"
)

// cutSeries is a series at ten in the morning of a day.
type cutSeries struct {
	name, half    string
	open          schema.Date
	day           int       // of the month
	past          []float64 // closed days, at most 90, the newest last
	today         float64   // so far
	ahead         int       // days until the month ends, today too
	month         float64   // of closed days
	before        float64   // the month before
	truth, volume float64
	scale         float64 // a mean month
	known         float64 // what the month comes to if each day is as its weekday is in eight weeks, four of which are to come
}

func (s realSeriesOf) cut(month schema.Date, day int) *cutSeries {
	next := month.AddDays(31).Month()
	sum := func(from, to schema.Date) (sum float64) {
		for day := max(from, s.first); day < to; day++ {
			sum += s.bytes[day-s.first]
		}
		return sum
	}
	last := month.AddDays(-1).Month()
	c := &cutSeries{name: s.name, half: s.half, day: day, open: month.AddDays(day - 1), truth: sum(month, next), before: sum(last, month)}
	c.volume = 1.1 * (c.before + sum(last.AddDays(-1).Month(), last)) / 2
	i := int(c.open - s.first)
	c.past, c.today = s.bytes[max(0, i-90):i], s.bytes[i]*s.byTen[i]
	c.ahead, c.month = int(next-c.open), sum(month, c.open)
	c.known = c.month + s.usual(i, c.ahead, c.today)
	c.scale = sum(s.first, s.first.AddDays(len(s.bytes))) / float64(len(s.bytes)) * 30
	return c
}

// usual is what days would bring from a place on if each was the mean of its weekday in the four weeks before and the four to come.
func (s realSeriesOf) usual(from, days int, today float64) (sum float64) {
	for day := range days {
		var bytes, weeks float64
		for i := from + day%7 - 28; i < min(from+28, len(s.bytes)); i += 7 {
			bytes += s.bytes[i]
			weeks++
		}
		if day == 0 {
			sum = max(bytes/weeks, today)
		} else {
			sum += bytes / weeks
		}
	}
	return sum
}

// left is what the plan has left.
func (c *cutSeries) left() float64 { return max(c.volume-c.month-c.today, 0) }

// rows is what the store would have of the series, in one of two contracts: without a volume, and with one.
func (c *cutSeries) rows(b *testing.B, i int, withVolume bool) schema.Batch {
	y, m, d := c.open.Time().Date()
	now := time.Date(y, m, d, 10, 0, 0, 0, tokyo(b))
	key := schema.LineKey{Source: c.name, ContractID: "N000000001", LineNo: "09012345678"}
	l := pastLine{key: key, at: func(time.Time) told {
		t := told{month: uint64(c.month + c.today), daily: []uint64{uint64(c.today)}}
		for _, bytes := range slices.Backward(c.past) {
			t.daily = append(t.daily, uint64(bytes))
		}
		if withVolume {
			t.remaining = schema.Some(uint64(c.left()))
		}
		return t
	}}
	if withVolume {
		l.key.ContractID = "N000000002"
	}
	return l.rows(now)
}

// textbooks is what five usual forecasters say of the month, their median, and what somebody would who knew how the line goes on.
func (c *cutSeries) textbooks() map[string]float64 {
	said := map[string]float64{
		"straight line":        c.today + (c.month+c.today)/(float64(c.day-1)+10./24)*(float64(c.ahead)-10./24),
		"last month":           c.before - c.month,
		"weekdays' means":      c.weekdays(),
		"Holt-Winters, sum":    c.holtWinters(false),
		"Holt-Winters, factor": c.holtWinters(true),
	}
	var five []float64
	for name, more := range said {
		said[name] = c.month + max(more, c.today)
		five = append(five, said[name])
	}
	slices.Sort(five)
	said["median of the five"] = five[2]
	said["who knows the level"] = c.known
	return said
}

// weekdays is the mean of the last eight of each weekday.
func (c *cutSeries) weekdays() (sum float64) {
	n := len(c.past)
	for day := range c.ahead {
		var bytes, weeks float64
		for i := n + day%7 - 7; i >= max(0, n-56); i -= 7 {
			bytes += c.past[i]
			weeks++
		}
		wish := bytes / weeks
		if day == 0 {
			wish = max(wish, c.today)
		}
		sum += wish
	}
	return sum
}

// holtWinters is triple exponential smoothing with a week's season, its parameters being those of a grid that missed the days by least.
func (c *cutSeries) holtWinters(factor bool) float64 {
	best, least := 0.0, math.Inf(1)
	for _, alpha := range []float64{0.05, 0.1, 0.2, 0.4} {
		for _, beta := range []float64{0, 0.02, 0.1} {
			for _, gamma := range []float64{0.05, 0.2} {
				h := smoothing{factor: factor, alpha: alpha, beta: beta, gamma: gamma}
				squares := h.learn(c.past)
				if squares < least {
					best, least = h.ahead(c), squares
				}
			}
		}
	}
	return best
}

// smoothing is the state of Holt and Winters' method.
type smoothing struct {
	factor             bool
	alpha, beta, gamma float64
	level, trend       float64
	season             [7]float64
}

// learn goes through the days, and returns the sum of the squared misses.
func (h *smoothing) learn(days []float64) (squares float64) {
	for _, x := range days[:14] {
		h.level += x / 14
	}
	for k := range h.season {
		mean := (days[k] + days[k+7]) / 2
		if h.season[k] = mean - h.level; h.factor {
			h.season[k] = max(mean/max(h.level, 1), 0.01)
		}
	}
	for i, x := range days[14:] {
		k, before := i%7, h.level
		squares += math.Pow(x-h.at(1, k), 2)
		if h.factor {
			h.level = h.alpha*x/h.season[k] + (1-h.alpha)*(h.level+h.trend)
			h.season[k] = max(h.gamma*x/max(h.level, 1)+(1-h.gamma)*h.season[k], 0.01)
		} else {
			h.level = h.alpha*(x-h.season[k]) + (1-h.alpha)*(h.level+h.trend)
			h.season[k] = h.gamma*(x-h.level) + (1-h.gamma)*h.season[k]
		}
		h.trend = h.beta*(h.level-before) + (1-h.beta)*h.trend
	}
	return squares
}

// at is the forecast of a day of a season.
func (h *smoothing) at(days float64, k int) float64 {
	if h.factor {
		return (h.level + days*h.trend) * h.season[k]
	}
	return h.level + days*h.trend + h.season[k]
}

// ahead adds up the days until the month ends.
func (h *smoothing) ahead(c *cutSeries) (sum float64) {
	for day := range c.ahead {
		wish := max(h.at(float64(day+1), (len(c.past)+day)%7), 0)
		if day == 0 {
			wish = max(wish, c.today)
		}
		sum += wish
	}
	return sum
}
