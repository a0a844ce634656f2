package schedule

import "math"

// budget says when the next request may be. It is the generic cell rate algorithm: free is when a request would be on
// time if none had come early.
type budget struct {
	rate  float64 // requests a second, +Inf: no limit
	burst float64
	free  float64 // milliseconds since 1970

	daily bool
	left  int64 // of the day
	until int64 // when the day ends
}

func unlimited(burst int) budget {
	return budget{rate: math.Inf(1), burst: float64(max(1, burst)), free: math.Inf(-1)}
}

func (b *budget) setRate(now int64, perSecond float64) {
	if b.rate > 0 && !math.IsInf(b.rate, 1) && perSecond > 0 { // what was taken in advance stays taken
		b.free = float64(now) + (b.free-float64(now))*b.rate/perSecond
	}
	b.rate = max(0, perSecond)
}

func (b *budget) setDaily(now, left, until int64) {
	b.daily = left >= 0 && until > now
	b.left, b.until = max(0, left), until
}

// now is the requests a second that there are at a time: what is left of the day is spread over it.
func (b *budget) at(now int64) float64 {
	if !b.daily || now >= b.until {
		return b.rate
	}
	return min(b.rate, float64(b.left)*1000/float64(b.until-now))
}

// next is the first time from now on at which a request may be; math.MaxInt64: there is none.
func (b *budget) next(now int64) int64 {
	rate := b.at(now)
	if b.daily && b.left == 0 && now < b.until && b.rate > 0 {
		return b.until
	}
	if rate <= 0 {
		return math.MaxInt64
	}
	if math.IsInf(rate, 1) {
		return now
	}
	return max(now, int64(math.Ceil(b.free-(b.burst-1)*1000/rate)))
}

// spend notes a request.
func (b *budget) spend(now int64) {
	if b.daily {
		b.left = max(0, b.left-1)
	}
	rate := b.at(now)
	if rate <= 0 || math.IsInf(rate, 1) {
		return
	}
	b.free = max(b.free, float64(now)) + 1000/rate
}
