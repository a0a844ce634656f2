package ratelimit

import (
	"fmt"
	"math"
	"time"
)

// Visit is what a person asks at once: some requests in front, which were let in together because none of them waits for long.
type Visit struct {
	transport *Transport
	left      int // requests that have not left yet
}

// Visit lets in a question of one request of each operation, whose Flow has it, if the last of them leaves within most as far as
// is known now: behind the questions that were let in before, and the turns that others have meanwhile. Otherwise it fails at
// once with a *HeldError, and nothing was spent. It is over with End.
func (t *Transport) Visit(most time.Duration, operations ...string) (*Visit, error) {
	now := time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	requests := max(t.promised, t.account.queue.front.Len()) + len(operations)
	longest, err := t.account.hold(now, requests)
	for _, name := range operations {
		if op := t.operations[name]; op != nil && op.troubled && err == nil {
			var own HeldError
			if own, err = op.gate.hold(now, requests); own.Wait > longest.Wait {
				longest = own
			}
		}
	}
	switch {
	case err != nil:
		return nil, err
	case longest.Wait > most:
		return nil, &longest
	}
	t.promised += len(operations)
	return &Visit{transport: t, left: len(operations)}, nil
}

// End gives up what of the requests has not left. It may be called again.
func (v *Visit) End() {
	v.transport.mu.Lock()
	defer v.transport.mu.Unlock()
	v.transport.promised -= v.left
	v.left = 0
}

// sent notes that a request of the visit leaves; the lock is held.
func (v *Visit) sent() {
	if v != nil && v.left > 0 {
		v.left--
		v.transport.promised--
	}
}

// HeldBy is what holds requests up.
type HeldBy uint8

// What there is.
const (
	HeldByRate   HeldBy = iota // the requests of a second
	HeldByDay                  // what is left of the requests of a day, which is spread over it
	HeldByUsedUp               // no request of the day is left
	HeldByPause                // the server asked for it
)

// HeldError is the error of a question that would wait longer than who puts it.
type HeldError struct {
	Wait   time.Duration // until the last of its requests leaves
	By     HeldBy        // which limit that is most of all
	Reason string        // of a pause
	Rate   float64       // requests a second in force, where that is what holds it up
	Down   bool          // a pause is maintenance
}

// Error says which limit it is, and how long that takes.
func (e *HeldError) Error() string {
	wait := e.Wait.Round(time.Second)
	switch e.By {
	case HeldByUsedUp:
		return fmt.Sprintf("the requests of the day, rate_limit.daily_requests, are used up for %v", wait)
	case HeldByDay:
		return fmt.Sprintf("what is left of the day's requests, rate_limit.daily_requests, lets it through in %v", wait)
	case HeldByPause:
		what := "asked for a pause"
		if e.Down {
			what = "is under maintenance"
		}
		if e.Reason != "" {
			what += " (" + e.Reason + ")"
		}
		return fmt.Sprintf("the carrier %s, for %v", what, wait)
	}
	return fmt.Sprintf("the limit of requests a second, %.3g now, lets it through in %v", e.Rate, wait)
}

// hold is how long the last of so many requests in front waits, those in front already included, and for what most. The
// lock is held.
func (g *gate) hold(now time.Time, requests int) (HeldError, error) {
	turns := g.queue.turnsBefore(requests)
	g.pacer.settle(now)
	longest := HeldError{Wait: g.pacer.wait(now, turns+requests), By: HeldByRate, Rate: g.pacer.rate}
	if until, held := g.pause.holds(now); held && until.Sub(now) > longest.Wait {
		longest = HeldError{Wait: until.Sub(now), By: HeldByPause, Reason: g.pause.reason, Down: g.pause.maintenance}
	}
	if g.daily == nil {
		return longest, nil
	}
	day, err := g.daily.hold(now, turns, requests)
	if err == nil && day.Wait > longest.Wait {
		longest = day
	}
	return longest, err
}

// turnsBefore is how many turns of flows come before the last of so many requests in front, the one that is being had included.
func (q *queue) turnsBefore(requests int) int {
	credit := q.credit
	if q.visit != nil && q.visit.left > 0 {
		requests-- // it is promised still, and has taken its part of the credit with the turn
	}
	switch {
	case q.held && !q.ahead:
		credit -= earned // which the turn that is being had has earned, and loses if it yields
	case q.waiting == 0:
		return 0
	}
	return max(0, int(math.Ceil((float64(requests)-credit)/earned-1e-9)))
}

// wait is how long the last of so many requests waits, of which the first is next.
func (p *pacer) wait(now time.Time, requests int) time.Duration {
	if requests < 1 || math.IsInf(p.rate, 1) {
		return 0
	}
	interval, due := p.interval(), p.due()
	if p.strict() {
		interval = p.gap()
	} else if p.next.Before(now) {
		due = now.Add(-time.Duration(p.burstCredit * float64(interval)))
	}
	return max(0, due.Add(time.Duration(requests-1)*interval).Sub(now))
}

// hold is how long so many turns of flows and requests in front wait for the day.
func (d *daily) hold(now time.Time, turns, requests int) (HeldError, error) {
	clock := d.cfg.Now(now).In(d.cfg.Zone)
	before, after := midnights(clock)
	tomorrow := after.Add(turnOfDay).Sub(clock)
	rest := tomorrow - 2*turnOfDay
	if since := clock.Sub(before); since < turnOfDay || rest <= 0 {
		return HeldError{By: HeldByDay, Wait: min(tomorrow, 2*turnOfDay)}, nil
	}
	if err := d.turn(before); err != nil {
		return HeldError{}, err
	}
	if d.left() < requests {
		return HeldError{By: HeldByUsedUp, Wait: tomorrow}, nil
	}
	d.pace(now, rest)
	missing := float64(turns+requests-1) - d.level
	if turns == 0 || missing <= 0 || d.cfg.AtOnce {
		return HeldError{}, nil
	}
	wait := missing * rest.Seconds() / float64(d.left())
	return HeldError{By: HeldByDay, Wait: min(tomorrow, time.Duration(wait*float64(time.Second)))}, nil
}
