package ratelimit

import (
	"context"
	"time"
)

// obstacle is what keeps the next request from leaving.
type obstacle struct {
	until time.Time // zero: until something changes
	exact bool      // a millisecond late is a loss
}

const (
	// worthExact is the interval below which a late departure costs more than half a percent.
	worthExact = 200 * time.Millisecond
	// lookAgain is how long a slow pace is believed: time without a complaint raises it meanwhile.
	lookAgain = 10 * time.Second
)

// obstacle fails where waiting is of no use: the budget of the day is used up. Who is in front is not held up by the pace
// at which that is spread over the day.
func (g *gate) obstacle(now time.Time, front bool) (*obstacle, error) {
	if until, held := g.pause.holds(now); held {
		return &obstacle{until: until}, nil
	}
	if g.daily != nil {
		due, err := g.daily.due(now, front)
		if err != nil || now.Before(due) {
			return &obstacle{until: due}, err
		}
	}
	if g.slots > 0 && g.inFlight >= g.slots {
		return &obstacle{}, nil
	}
	g.pacer.settle(now)
	if due := g.pacer.due(); now.Before(due) {
		if again := now.Add(lookAgain); again.Before(due) && g.pacer.rate < g.pacer.base {
			due = again
		}
		return &obstacle{until: due, exact: g.pacer.strict() && g.pacer.interval() < worthExact}, nil
	}
	return nil, nil
}

// sleep waits for the end of an obstacle, or until something changes.
func (g *gate) sleep(ctx context.Context, o *obstacle, paused <-chan struct{}) error {
	var timeUp <-chan time.Time
	if !o.until.IsZero() {
		ahead := time.Duration(0)
		if o.exact {
			ahead = sleepAhead
		}
		wait := time.Until(o.until) - ahead
		if wait <= 0 {
			g.transport.sleepUntil(o.until)
			if wait = time.Until(o.until); wait <= 0 { // always, but inside a synctest bubble
				return nil
			}
		}
		timer := time.NewTimer(wait)
		defer timer.Stop()
		timeUp = timer.C
	}
	select {
	case <-timeUp:
	case <-g.freed:
	case <-paused:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// sleepSlack is what the kernel adds to a short sleep.
const sleepSlack = 50 * time.Microsecond

// sleepUntil comes as close to a time as the system can, never before it.
func (t *Transport) sleepUntil(until time.Time) {
	if d := time.Until(until) - sleepSlack; d > 0 {
		t.preciseSleep(d)
	}
	if d := time.Until(until); d > 0 && d <= sleepSlack {
		t.preciseSleep(d)
	}
}
