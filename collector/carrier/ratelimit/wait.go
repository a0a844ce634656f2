package ratelimit

import (
	"container/list"
	"context"
	"time"
)

// enter waits until a request may leave. The order is that of arrival: whoever holds the turn waits for the pause to
// end, for a slot and for the pace, and then passes the turn on.
func (t *Transport) enter(ctx context.Context) (*permit, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	arrived := time.Now()
	t.mu.Lock()
	place := t.queue.enter()
	if place == nil {
		if t.obstacle(arrived) == nil {
			leave := t.leave(arrived)
			t.mu.Unlock()
			return leave, nil
		}
	}
	t.mu.Unlock()

	defer func() { t.metrics.Waited.Add(time.Since(arrived).Seconds()) }()
	wait := &maxWait{limit: t.cfg.MaxWait}
	if place != nil {
		if err := t.awaitTurn(ctx, place, wait); err != nil {
			return nil, err
		}
	}
	return t.awaitLeave(ctx, wait)
}

// awaitTurn waits in line.
func (t *Transport) awaitTurn(ctx context.Context, place *list.Element, wait *maxWait) error {
	for {
		t.mu.Lock()
		err := wait.check(&t.pause, time.Now())
		paused := t.paused
		t.mu.Unlock()
		if err == nil {
			select {
			case <-turnOf(place):
				return nil
			case <-paused:
				continue
			case <-ctx.Done():
				err = ctx.Err()
			}
		}
		t.mu.Lock()
		t.queue.leave(place)
		t.mu.Unlock()
		return err
	}
}

// awaitLeave waits, holding the turn, until nothing is in the way.
func (t *Transport) awaitLeave(ctx context.Context, wait *maxWait) (*permit, error) {
	for {
		t.mu.Lock()
		now := time.Now()
		obstacle := t.obstacle(now)
		if obstacle == nil {
			leave := t.leave(now)
			t.mu.Unlock()
			return leave, nil
		}
		err := wait.check(&t.pause, now)
		paused := t.paused
		t.mu.Unlock()
		if err == nil {
			err = t.sleep(ctx, obstacle, paused)
		}
		if err != nil {
			t.mu.Lock()
			t.queue.pass()
			t.mu.Unlock()
			return nil, err
		}
	}
}

// obstacle is what keeps the next request from leaving.
type obstacle struct {
	until time.Time // zero: until something changes
	exact bool      // a millisecond late is a loss
}

// worthExact is the interval below which a late departure costs more than half a percent.
const worthExact = 200 * time.Millisecond

func (t *Transport) obstacle(now time.Time) *obstacle {
	if until, held := t.pause.holds(now); held {
		return &obstacle{until: until}
	}
	if t.inFlight >= t.cfg.MaxInFlight {
		return &obstacle{}
	}
	if due := t.pacer.due(); now.Before(due) {
		return &obstacle{until: due, exact: t.pacer.strict() && t.pacer.interval() < worthExact}
	}
	return nil
}

// leave lets the holder of the turn go.
func (t *Transport) leave(now time.Time) *permit {
	t.inFlight++
	p := &permit{
		transport: t, sequence: t.pacer.sent(now), departed: now,
		probe: t.pause.probe(), holding: t.pacer.strict(),
	}
	if !p.holding {
		t.queue.pass()
	}
	return p
}

// sleep waits for the end of an obstacle, or until something changes.
func (t *Transport) sleep(ctx context.Context, o *obstacle, paused <-chan struct{}) error {
	var timeUp <-chan time.Time
	if !o.until.IsZero() {
		ahead := time.Duration(0)
		if o.exact {
			ahead = sleepAhead
		}
		wait := time.Until(o.until) - ahead
		if wait <= 0 {
			t.sleepUntil(o.until)
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
	case <-t.freed:
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

// wakeHolder lets the holder of the turn look again.
func (t *Transport) wakeHolder() {
	select {
	case t.freed <- struct{}{}:
	default: // it will look anyway
	}
}
