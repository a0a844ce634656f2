package ratelimit

import (
	"math"
	"time"
)

// pacer decides when the next request may leave so that the carrier's bucket is never empty, and finds
// out from 429 what the configuration did not know. It is arithmetic only: no clock, no lock, no waiting.
//
// There are two ways to pace. While requests may run ahead (burstCredit > 0), departures follow a fixed schedule, so
// that a late one is made up for by the next: the rate is exact, and since a reserve of the bucket is not spent that
// way, it is there when requests arrive closer together than they left. When nothing may run ahead (strict: the bucket
// holds one), every departure counts from the moment the one before was really written, plus a margin for the jitter on
// the way; a late departure is time lost.
//
// golang.org/x/time/rate is the road not taken: its reservations are made before the sleep, so each oversleeping
// brings two requests closer than the interval, which a bucket of one answers with 429 every third time.
type pacer struct {
	limit          float64 // requests per second as configured; +Inf is none
	base           float64 // what recovery is relative to: the limit, or what was measured where there is none
	rate           float64 // in force
	maxBurstCredit float64 // what the configured bucket holds beyond one request, less the reserve
	burstCredit    float64 // how many requests may run ahead of the schedule
	margin         time.Duration
	next           time.Time // when the next request is due on the even schedule
	last           time.Time // when the last request left, or was really written

	sequence      uint64  // requests sent
	corrected     uint64  // requests up to this one were sent before the last correction, which speaks for them all
	accepted      uint64  // answers without complaint since the last correction
	streak        int     // corrections that each came soon after the one before
	fruitless     int     // corrections with no accepted answer between them
	throttleScore float64 // complaints of late, see bearable
	ceiling       float64 // the rate at which the carrier last complained
	complained    time.Time

	quietSince time.Time     // of the last correction, or of the last step back to running ahead
	quiet      time.Duration // how long without a complaint before running ahead is tried again

	countSince time.Time // for measuring the rate where no limit is configured
	count      float64
}

const (
	// headroom slows the schedule a little, for clocks that do not run alike and to let the bucket refill.
	headroom = 0.998
	// endless is the rate beyond which pacing is pointless: the interval is below what can be distinguished.
	endless = 1e5
)

func newPacer(l Limit) pacer {
	p := pacer{limit: l.RequestsPerSecond, quiet: firstQuiet}
	if p.limit <= 0 || p.limit > endless {
		p.limit = math.Inf(1)
	}
	p.maxBurstCredit = float64(l.Burst-1) - reserve(p.limit, float64(l.Burst-1))
	p.base, p.rate, p.ceiling, p.burstCredit = p.limit, p.limit, p.limit, p.maxBurstCredit
	p.margin = p.leastMargin()
	return p
}

// reserve is how much of a bucket is not spent on running ahead: what comes in within a jitter of 25 ms, and a little
// where that is next to nothing; never more than half.
func reserve(rate, most float64) float64 {
	return min(max(rate*0.025, 2), most/2)
}

// strict reports whether departures count from the real writing of the one before.
func (p *pacer) strict() bool { return p.burstCredit == 0 && !math.IsInf(p.rate, 1) }

// interval is the time between two requests on the schedule.
func (p *pacer) interval() time.Duration { return every(p.rate * headroom) }

// gap is the time between two requests when nothing may run ahead.
func (p *pacer) gap() time.Duration { return every(p.rate) + p.margin }

// every is the time between two requests at a rate, 0 for +Inf.
func every(rate float64) time.Duration { return time.Duration(float64(time.Second) / rate) }

// due is when the next request may leave at the earliest.
func (p *pacer) due() time.Time {
	if p.strict() {
		return p.last.Add(p.gap())
	}
	return p.next.Add(-time.Duration(p.burstCredit * float64(p.interval())))
}

// sent notes a departure and gives it its place in the order.
func (p *pacer) sent(now time.Time) uint64 {
	p.sequence++
	p.last = now
	switch {
	case math.IsInf(p.rate, 1):
		p.measure(now)
	case !p.strict():
		if p.next.Before(now) {
			p.next = now
		}
		p.next = p.next.Add(p.interval())
	}
	return p.sequence
}

// passed notes a departure that nothing held up: only what is needed should there be a complaint.
func (p *pacer) passed(now time.Time) uint64 {
	p.sequence++
	if math.IsInf(p.rate, 1) {
		p.measure(now)
	}
	return p.sequence
}

// written notes that a request is on the wire only now. It counts if none has left since.
func (p *pacer) written(now time.Time, sequence uint64) {
	if sequence == p.sequence {
		p.last = now
	}
}
