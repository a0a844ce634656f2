package carrier

import (
	"container/list"
	"context"
	"fmt"
	"time"
)

// enter waits until a request may leave. The order is that of arrival: whoever holds the turn waits for the pause to
// end, for a slot and for the pace, and then passes the turn on.
func (b *budget) enter(ctx context.Context) (*permit, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	arrived := time.Now()
	b.mu.Lock()
	place := b.queue.enter()
	if place == nil {
		if b.obstacle(arrived) == nil {
			leave := b.leave(arrived)
			b.mu.Unlock()
			return leave, nil
		}
	}
	b.mu.Unlock()

	defer func() { b.waited.Add(time.Since(arrived).Seconds()) }()
	patience := &patience{limit: b.patience}
	if place != nil {
		if err := b.awaitTurn(ctx, place, patience); err != nil {
			return nil, err
		}
	}
	return b.awaitLeave(ctx, patience)
}

// awaitTurn waits in line.
func (b *budget) awaitTurn(ctx context.Context, place *list.Element, patience *patience) error {
	for {
		b.mu.Lock()
		err := patience.check(&b.pause, time.Now())
		paused := b.paused
		b.mu.Unlock()
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
		b.mu.Lock()
		b.queue.leave(place)
		b.mu.Unlock()
		return err
	}
}

// awaitLeave waits, holding the turn, until nothing is in the way.
func (b *budget) awaitLeave(ctx context.Context, patience *patience) (*permit, error) {
	for {
		b.mu.Lock()
		now := time.Now()
		obstacle := b.obstacle(now)
		if obstacle == nil {
			leave := b.leave(now)
			b.mu.Unlock()
			return leave, nil
		}
		err := patience.check(&b.pause, now)
		paused := b.paused
		b.mu.Unlock()
		if err == nil {
			err = b.sleep(ctx, obstacle, paused)
		}
		if err != nil {
			b.mu.Lock()
			b.queue.pass()
			b.mu.Unlock()
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

func (b *budget) obstacle(now time.Time) *obstacle {
	if until, held := b.pause.holds(now); held {
		return &obstacle{until: until}
	}
	if b.inFlight >= b.maxInFlight {
		return &obstacle{}
	}
	if due := b.pacer.due(); now.Before(due) {
		return &obstacle{until: due, exact: b.pacer.strict() && b.pacer.interval() < worthExact}
	}
	return nil
}

// leave lets the holder of the turn go.
func (b *budget) leave(now time.Time) *permit {
	b.inFlight++
	p := &permit{
		budget: b, sequence: b.pacer.sent(now), departed: now,
		probe: b.pause.probe(), holding: b.pacer.strict(),
	}
	if !p.holding {
		b.queue.pass()
	}
	return p
}

// sleep waits for the end of an obstacle, or until something changes.
func (b *budget) sleep(ctx context.Context, o *obstacle, paused <-chan struct{}) error {
	var timeUp <-chan time.Time
	if !o.until.IsZero() {
		ahead := time.Duration(0)
		if o.exact {
			ahead = napAhead
		}
		wait := time.Until(o.until) - ahead
		if wait <= 0 {
			b.napUntil(o.until)
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
	case <-b.freed:
	case <-paused:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// napSlack is what the kernel adds to a short sleep.
const napSlack = 50 * time.Microsecond

// napUntil comes as close to a time as the system can, never before it.
func (b *budget) napUntil(until time.Time) {
	if d := time.Until(until) - napSlack; d > 0 {
		b.nap(d)
	}
	if d := time.Until(until); d > 0 && d <= napSlack {
		b.nap(d)
	}
}

// wakeHolder lets the holder of the turn look again.
func (b *budget) wakeHolder() {
	select {
	case b.freed <- struct{}{}:
	default: // it will look anyway
	}
}

// patience is how long one request bears with pauses.
type patience struct {
	limit time.Duration // 0: for ever
	met   time.Time     // when it first met a pause
}

// check gives up as soon as it is known that the pause outlasts the patience: waiting the patience out first would
// only keep the caller from doing something else.
func (w *patience) check(p *pause, now time.Time) error {
	if w.limit <= 0 || !now.Before(p.until) {
		return nil
	}
	if w.met.IsZero() {
		w.met = now
	}
	if !p.until.After(w.met.Add(w.limit)) {
		return nil
	}
	failure := &Error{Kind: KindThrottled, ObservedAt: now, RetryAfter: p.until.Sub(now)}
	what := "the carrier asked for a pause"
	if p.maintenance {
		failure.Kind, failure.Reason = KindMaintenance, ReasonMaintenance
		what = "the carrier is under maintenance"
	}
	failure.Message = fmt.Sprintf("not sent: %s, next request at %s", what, p.until.Format(time.DateTime))
	return failure
}
