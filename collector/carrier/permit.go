package carrier

import (
	"sync/atomic"
	"time"
)

// permit is one request's leave to be under way: a slot among those in flight, and at a strict pace the turn as
// well, until the request is really written.
type permit struct {
	budget   *budget
	sequence uint64
	departed time.Time
	probe    bool // the one request that asks whether maintenance is over
	holding  bool // holds the turn; guarded by the budget's lock
	released atomic.Bool
}

// written passes the turn on, once, and lets the next request's interval begin now.
func (p *permit) written() {
	b := p.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	if p.holding {
		p.holding = false
		b.pacer.written(time.Now())
		b.queue.pass()
	}
}

// release gives the slot back, once: when the answer is complete, or there will be none.
func (p *permit) release() {
	if p.released.Swap(true) {
		return
	}
	b := p.budget
	b.mu.Lock()
	b.inFlight--
	b.mu.Unlock()
	b.wakeHolder()
}
