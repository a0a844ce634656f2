package ratelimit

import (
	"context"
	"time"
)

// gate is where requests wait for leave: that of the account, and one for each operation that is in trouble. Whoever
// holds the turn waits for the pause to end, for a slot and for the pace, and then passes the turn on. All gates of a
// Transport share its lock.
type gate struct {
	transport *Transport
	operation string // "" is the account
	slots     int    // requests under way at once; 0: as many as there are
	inFlight  int
	exclusive bool // at a strict pace the turn is held until the request is really written

	queue  queue
	daily  *daily // nil: a day has no budget, or this is not the account's gate
	pacer  pacer
	pause  pause
	slowed bool          // and said so
	paused chan struct{} // closed and replaced when a pause begins or grows
	freed  chan struct{} // capacity 1: makes the holder of the turn look again
}

func newGate(t *Transport, operation string) gate {
	return gate{
		transport: t, operation: operation, pacer: newPacer(t.cfg.Limit), queue: newQueue(),
		paused: make(chan struct{}), freed: make(chan struct{}, 1),
	}
}

// turn is a request's passage through one gate.
type turn struct {
	gate     *gate
	flow     Flow
	sequence uint64
	probe    bool // the one request that asks whether maintenance is over
	holding  bool // still has the turn; guarded by the transport's lock
}

// try passes if nothing is in the way; otherwise the request has the turn (nil) or a place in line. Called with the
// lock held, as are obstacle, leave and announcePause.
func (g *gate) try(now time.Time, through *turn) (waits *place, passed bool) {
	if waits = g.queue.enter(through.flow); waits != nil {
		if through.flow.Front {
			g.wake() // whoever has the turn may have to yield it
		}
		return waits, false
	}
	if o, err := g.obstacle(now, through.flow.Front); o != nil || err != nil {
		return nil, false
	}
	g.leave(now, through)
	return nil, true
}

// enter waits until a request may pass.
func (g *gate) enter(ctx context.Context, through *turn, wait *maxWait) error {
	g.transport.mu.Lock()
	waits, passed := g.try(time.Now(), through)
	g.transport.mu.Unlock()
	if passed {
		return nil
	}
	return g.await(ctx, waits, through, wait)
}

// await waits where try has left the request.
func (g *gate) await(ctx context.Context, waits *place, through *turn, wait *maxWait) error {
	for {
		if waits != nil {
			if err := g.awaitTurn(ctx, waits, wait); err != nil {
				return err
			}
		}
		var err error
		if waits, err = g.awaitLeave(ctx, through, wait); waits == nil {
			return err
		}
	}
}

// awaitTurn waits in line.
func (g *gate) awaitTurn(ctx context.Context, waits *place, wait *maxWait) error {
	t := g.transport
	for {
		t.mu.Lock()
		err := wait.check(g, time.Now())
		paused := g.paused
		t.mu.Unlock()
		if err == nil {
			select {
			case <-waits.turn:
				return nil
			case <-paused:
				continue
			case <-ctx.Done():
				err = ctx.Err()
			}
		}
		t.mu.Lock()
		g.queue.leave(waits)
		t.mu.Unlock()
		return err
	}
}

// awaitLeave waits, holding the turn, until nothing is in the way. A place is where the request waits again, because
// somebody in front goes first.
func (g *gate) awaitLeave(ctx context.Context, through *turn, wait *maxWait) (again *place, err error) {
	t := g.transport
	for {
		t.mu.Lock()
		now := time.Now()
		if wait.permit.overtaken(now) {
			g.queue.pass()
			t.mu.Unlock()
			return nil, errOvertaken
		}
		obstacle, err := g.obstacle(now, through.flow.Front)
		if obstacle == nil && err == nil {
			g.leave(now, through)
			t.mu.Unlock()
			return nil, nil
		}
		if err == nil {
			err = wait.check(g, now)
		}
		if err == nil && g.queue.yields(through.flow) {
			again = g.queue.yield(through.flow)
			t.mu.Unlock()
			return again, nil
		}
		paused := g.paused
		t.mu.Unlock()
		if err == nil {
			err = g.sleep(ctx, obstacle, paused)
		}
		if err != nil {
			t.mu.Lock()
			g.queue.pass()
			t.mu.Unlock()
			return nil, err
		}
	}
}

// leave lets the holder of the turn go.
func (g *gate) leave(now time.Time, through *turn) {
	if g.slots > 0 {
		g.inFlight++
	}
	if g.daily != nil {
		g.daily.sent()
	}
	if g.operation == "" {
		through.flow.Visit.sent()
	}
	g.queue.visit = nil
	*through = turn{
		gate: g, flow: through.flow, sequence: g.pacer.sent(now), probe: g.pause.probe(), holding: g.exclusive && g.pacer.strict(),
	}
	if !through.holding {
		g.queue.pass()
	}
}

// announcePause makes everybody who waits look at the pause.
func (g *gate) announcePause() {
	close(g.paused)
	g.paused = make(chan struct{})
}

// wake lets the holder of the turn look again.
func (g *gate) wake() {
	select {
	case g.freed <- struct{}{}:
	default: // it will look anyway
	}
}
