package ratelimit

import (
	"sync/atomic"
	"time"
)

// permit is one request's leave to be under way: a slot among those in flight, and at a strict pace the turn as
// well, until the request is really written.
type permit struct {
	transport *Transport
	operation *operation // nil: the request is the account's own, such as that for a token
	names     [2]string  // the item that is asked about, and its group; "" for none
	departed  time.Time
	own       turn // at the operation's gate; without a gate where that stood open
	account   turn
	timed     bool // a strict pace counts from when it is written; guarded by the transport's lock
	released  atomic.Bool
}

// leave notes that the request leaves now. Called with the transport's lock held.
func (p *permit) leave(now time.Time) {
	p.departed = now
	if p.own.gate == nil && p.operation != nil {
		p.own.sequence = p.operation.gate.pacer.passed(now)
	}
	p.timed = p.account.holding || p.own.gate != nil && p.own.gate.pacer.strict()
}

// written passes the turn on, once, and lets the next request's interval begin now.
func (p *permit) written() {
	t := p.transport
	t.mu.Lock()
	defer t.mu.Unlock()
	if !p.timed {
		return
	}
	p.timed = false
	now := time.Now()
	if p.account.holding {
		p.account.holding = false
		t.account.pacer.written(now, p.account.sequence)
		t.account.queue.pass()
	}
	if own := p.own.gate; own != nil && own.pacer.strict() {
		own.pacer.written(now, p.own.sequence)
	}
}

// release gives the slot back, once: when the answer is complete, or there will be none.
func (p *permit) release() {
	if p.released.Swap(true) {
		return
	}
	t := p.transport
	t.mu.Lock()
	t.account.inFlight--
	t.mu.Unlock()
	t.account.wake()
}
