package ratelimit

import (
	"container/list"
	"sync/atomic"
	"time"
)

// permit is one request's leave to be under way: a slot among those in flight, and at a strict pace the turn as
// well, until the request is really written.
type permit struct {
	transport *Transport
	operation *operation // nil: the request is the account's own, such as that for a token
	item      string
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

// queue is a turn that one request holds at a time, handed over in the order of arrival. Its methods are called
// with the transport's lock held. sync.Mutex is the road not taken: it cannot be given up with a context, and it lets
// a newcomer overtake.
type queue struct {
	held    bool
	waiting list.List // of chan struct{}, closed when the turn is handed over
}

// enter holds the turn if it is free (nil), or waits at the end of the line.
func (q *queue) enter() *list.Element {
	if !q.held {
		q.held = true
		return nil
	}
	return q.waiting.PushBack(make(chan struct{}))
}

// turnOf is closed when a place in the line has become the turn.
func turnOf(place *list.Element) <-chan struct{} { return place.Value.(chan struct{}) }

// leave gives up a place in the line, or the turn if it was handed over just now.
func (q *queue) leave(place *list.Element) {
	select {
	case <-turnOf(place):
		q.pass()
	default:
		q.waiting.Remove(place)
	}
}

// pass hands the turn to the next in line.
func (q *queue) pass() {
	first := q.waiting.Front()
	if first == nil {
		q.held = false
		return
	}
	close(q.waiting.Remove(first).(chan struct{}))
}
