package ratelimit

import (
	"math"
	"time"
)

const (
	// soon and rare are counts of accepted requests between two complaints. Sooner than soon, the rate is far too
	// high; later than rare, it is right but for jitter.
	soon, rare = 5, 20
	// throttleScore is how many complaints there were lately, each fading with the next memory accepted requests. Up to
	// bearable they are stalls of a few milliseconds on the way, some in a thousand, which no rate and no margin
	// prevents: slowing down for them would cost more than they do.
	memory, bearable = 200, 1.8
	// A rare complaint costs smallCut, a frequent one mediumCut. quickStep and slowStep are how much of the ceiling
	// one accepted request adds to the rate: 200 requests from nothing to the ceiling's neighbourhood, 12,000 from
	// there. After a small cut that makes 180 accepted requests to the ceiling, so where the configured rate is above
	// the carrier's, rejections stay at about half a percent for ever.
	smallCut, mediumCut = 0.985, 0.97
	quickStep, slowStep = 1.0 / 200, 1.0 / 12000

	// Whatever came before, the base rate is back after quietGrace and quietClimb without a complaint, however few requests
	// there were to learn from. The grace lets a carrier whose limit is below the base be asked for more only now and then.
	quietGrace, quietClimb = time.Minute, 210 * time.Second
	// leastPart of the base rate remains in any case: below it the rate is hardly what is wrong.
	leastPart = 1.0 / 20

	firstQuiet, longestQuiet      = 10 * time.Minute, 24 * time.Hour
	fruitlessPause, fruitlessMost = 500 * time.Millisecond, 30 * time.Second
	fruitlessFree                 = 6 // corrections without any success before they also pause the account
)

// measure counts the requests of the last second or so.
func (p *pacer) measure(now time.Time) {
	if now.Sub(p.countSince) >= time.Second {
		p.countSince, p.count = now, 0
	}
	p.count++
}

// acceptedAt notes an answer without complaint.
func (p *pacer) acceptedAt(now time.Time, sequence uint64) {
	p.settle(now)
	if sequence <= p.corrected {
		return
	}
	p.accepted++
	p.fruitless = 0
	p.throttleScore -= p.throttleScore / memory
	p.margin -= (p.margin - p.leastMargin()) / 5000
	if p.rate < p.limit {
		p.recover()
	} else if p.burstCredit < p.maxBurstCredit && now.Sub(p.quietSince) > p.quiet {
		p.burstCredit = min(p.maxBurstCredit, max(1, 2*p.burstCredit))
		p.quietSince = now
	}
}

// settle raises the rate to what the time without a complaint has earned.
func (p *pacer) settle(now time.Time) {
	if p.rate >= p.base || p.complained.IsZero() {
		return
	}
	earned := float64(now.Sub(p.complained)-quietGrace) / float64(quietClimb)
	p.rate = max(p.rate, p.base*min(earned, 1))
}

// recover adds to the rate: quickly while the carrier's limit is far away or plainly no longer where it was, slowly
// around it.
func (p *pacer) recover() {
	step := quickStep
	if p.rate > 0.9*p.ceiling && p.rate < 1.1*p.ceiling {
		step = slowStep
	}
	p.rate = min(p.limit, p.rate+step*p.ceiling)
	if p.rate > endless {
		p.rate = math.Inf(1)
	}
}

// rejectedAt notes a complaint about a request. The answer is how long the account should pause beyond what the
// carrier asked for, which is nothing unless all of the last corrections were in vain.
func (p *pacer) rejectedAt(now time.Time, sequence uint64) time.Duration {
	if sequence <= p.corrected {
		return 0
	}
	p.corrected = p.sequence
	p.settle(now)
	if now.Sub(p.complained) > quietGrace { // another trouble than the last
		p.streak, p.fruitless = 0, 0
	}
	p.complained = now
	if p.accepted == 0 {
		p.fruitless++
	}
	p.throttleScore++
	p.correct(now)
	p.accepted = 0
	p.quietSince = now
	if p.fruitless <= fruitlessFree {
		return 0
	}
	return min(fruitlessPause<<min(p.fruitless-fruitlessFree-1, 10), fruitlessMost)
}

// correct takes back what the complaint is most likely about: first the running ahead, then, where complaints are
// rare, a little, and where they follow one another, more and more.
func (p *pacer) correct(now time.Time) {
	if p.accepted > 0 { // otherwise the complaint says nothing about the rate
		p.ceiling = p.rate
	}
	switch {
	case math.IsInf(p.rate, 1):
		p.rate, p.burstCredit = p.measuredRate(now), 0
		p.base, p.ceiling = p.rate, p.rate
		p.margin = p.leastMargin()
	case p.burstCredit > 0:
		p.burstCredit = 0
		p.quiet = min(2*p.quiet, longestQuiet)
	case p.accepted >= soon && (p.throttleScore < bearable && p.rate >= p.limit || p.throttleScore < 1.5):
		// Borne: below the limit only what comes alone, because there the rate itself is in doubt.
	case p.accepted >= rare:
		p.streak, p.throttleScore = 0, 1
		if most := p.mostMargin(); p.rate >= p.limit && p.margin < most {
			p.margin = min(p.margin*3/2, most)
		} else {
			p.cut(smallCut)
		}
	case p.accepted >= soon:
		p.cut(mediumCut)
	default:
		steps := [...]float64{smallCut, 0.9, 0.8, 0.6, 0.5} // the first may be jitter twice in a row
		p.cut(steps[min(p.streak, len(steps)-1)])
		p.streak++
	}
}

// cut lowers the rate, never below a small part of the base.
func (p *pacer) cut(factor float64) {
	p.rate = max(p.rate*factor, min(p.base*leastPart, p.rate))
}

// measuredRate is the rate of the last second or so; a few requests count as if they had taken a tenth of one.
func (p *pacer) measuredRate(now time.Time) float64 {
	return p.count / max(now.Sub(p.countSince), 100*time.Millisecond).Seconds()
}

// leastMargin is what a strict pace adds to the interval before it adapts: three percent, which is several
// times the jitter measured on a local network at a hundred requests a second.
func (p *pacer) leastMargin() time.Duration {
	return min(max(every(p.rate)*3/100, 100*time.Microsecond), 2*time.Millisecond)
}

// mostMargin bounds what jitter may cost: beyond eight percent a wider margin loses more time than it saves, since what
// is left are stalls of several milliseconds.
func (p *pacer) mostMargin() time.Duration { return max(every(p.rate)*8/100, p.leastMargin()) }
