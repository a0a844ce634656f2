package ratelimit

import (
	"context"
	"log/slog"
	"maps"
	"time"
)

// operation is one kind of request. Complaints are judged here first: those about one item again and again, while others
// are accepted, are that item's; the rest are the operation's, and slow it down alone; only when several operations
// complain and none is spared are they the account's.
type operation struct {
	gate     gate
	troubled bool // requests wait at the gate; otherwise it stands open

	items        map[string]*item // that complained last, and their groups
	lastAccepted uint64           // sequence of the last request that was accepted
	complained   time.Time        // last, of too many requests
	inARow       int              // answers without complaint since
	recent       [sparedAnswers]time.Time
}

// item is what an operation asks about, once it has complained, or a group of such; it is forgotten when it is accepted, or one of it.
type item struct {
	complaints int       // in a row
	sequence   uint64    // of the operation when it last complained
	until      time.Time // it is not asked for again before
	own        bool      // others were accepted meanwhile
	group      bool
	verdict    Verdict
}

const (
	// sparedAnswers in a row without complaint, all within troubleLasts, show that the account is not what is wrong.
	sparedAnswers = 5
	troubleLasts  = time.Minute
	// neverAccepted is how long an operation that was not accepted since its complaint counts as in trouble.
	neverAccepted = 10 * time.Minute

	// ownFrom is which complaint in a row is the item's own, if others were accepted meanwhile.
	ownFrom             = 3
	firstHold, mostHold = time.Second, 5 * time.Minute
	// holdWaits is what a request waits for its item; a longer hold fails at once, so that the caller can turn to others.
	holdWaits = 2 * time.Second
	mostItems = 1000 // remembered; more than that complaining is no item's own trouble
)

// operationOf is the operation of a name, nil for none. Called with the lock held.
func (t *Transport) operationOf(name string) *operation {
	if name == "" {
		return nil
	}
	op := t.operations[name]
	if op == nil {
		op = &operation{gate: newGate(t, name), items: make(map[string]*item)}
		t.operations[name] = op
	}
	return op
}

// awaitItem waits for an item, or a group, that complained again and again, or fails where that is long.
func (t *Transport) awaitItem(ctx context.Context, op *operation, name string, group bool) error {
	for {
		t.mu.Lock()
		held, now := op.items[name], time.Now()
		var wait time.Duration
		var failure error
		if held != nil {
			if wait = held.until.Sub(now); wait > holdWaits {
				failure = &PausedError{
					Until: held.until, Wait: wait, Down: held.verdict.Outcome == Down,
					Operation: op.gate.operation, Reason: held.verdict.Reason, Item: !group, Group: group,
				}
			}
		}
		t.mu.Unlock()
		if failure != nil || wait <= 0 {
			return failure
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// accepted notes an answer without complaint.
func (o *operation) accepted(now time.Time, p *permit) {
	for _, name := range p.names {
		if it := o.items[name]; it != nil {
			delete(o.items, name)
			if it.own {
				o.gate.log(slog.LevelInfo, "what was refused again and again is taken")
			}
		}
	}
	o.lastAccepted = max(o.lastAccepted, p.own.sequence)
	o.recent[o.inARow%sparedAnswers] = now
	o.inARow++
	o.gate.acceptedAt(now, p.own)
	if o.troubled && o.gate.free(now) {
		o.troubled = false
	}
}

// itsOwn notes a complaint, and reports whether it is the trouble of the item alone, or of its group.
func (o *operation) itsOwn(now time.Time, p *permit, verdict Verdict) bool {
	for i, name := range p.names {
		if it := o.complaining(now, name, i > 0); it != nil && o.alone(now, p, it, verdict) {
			return true
		}
	}
	return false
}

// complaining is an item, or a group, that complains; nil where there is none of the name, or so many complain that it is not theirs. Of groups
// there are few.
func (o *operation) complaining(now time.Time, name string, group bool) *item {
	it := o.items[name]
	if it != nil || name == "" {
		return it
	}
	if len(o.items) >= mostItems && !group {
		maps.DeleteFunc(o.items, func(_ string, it *item) bool { return now.After(it.until) }) // perhaps nobody asks for them any more
		if len(o.items) >= mostItems {
			return nil
		}
	}
	it = &item{group: group}
	o.items[name] = it
	return it
}

// alone notes a complaint about an item, or a group, and reports whether others are taken meanwhile.
func (o *operation) alone(now time.Time, p *permit, it *item, verdict Verdict) bool {
	if now.Before(it.until) { // it was on its way already
		return true
	}
	others := o.lastAccepted > it.sequence || // it left after the last complaint, and this item was not accepted
		it.own && p.own.sequence == it.sequence+1 // nothing else has left since, which could have been refused
	it.complaints, it.sequence, it.verdict = it.complaints+1, o.gate.pacer.sequence, verdict
	if it.complaints < ownFrom || !others {
		return false
	}
	hold := firstHold << min(it.complaints-ownFrom, 10)
	it.until = now.Add(min(max(hold, verdict.Wait), mostHold))
	switch {
	case it.own:
	case it.group:
		o.gate.log(slog.LevelWarn, "all of a contract is refused again and again while others are taken: it alone is asked for less", "reason", verdict.Reason)
	default:
		o.gate.log(slog.LevelInfo, "an item is refused again and again while others are taken: it alone is asked for less", "reason", verdict.Reason)
	}
	it.own = true
	return true
}

// another reports whether another item should probe, which happens once a pause: this one, or its group, complained before as well, and
// may be the only one. Who began the trouble is often first in line.
func (o *operation) another(p *permit) bool {
	g, before := &o.gate, false
	for _, name := range p.names {
		it := o.items[name]
		before = before || it != nil && it.complaints >= 2
	}
	if !before || g.pause.second || !g.queue.waits() && !g.queue.held {
		return false
	}
	g.pause.second = true
	return true
}

// complains notes that a complaint is the operation's. Maintenance says nothing of the account.
func (o *operation) complains(now time.Time, verdict Verdict) {
	o.inARow, o.troubled = 0, true
	if verdict.Outcome == Throttled {
		o.complained = now
	}
}

// spared reports whether the operation is asked for and does not complain.
func (o *operation) spared(now time.Time) bool {
	return o.inARow >= sparedAnswers && now.Sub(o.recent[o.inARow%sparedAnswers]) < troubleLasts
}

// inTrouble reports whether the operation complained lately.
func (o *operation) inTrouble(now time.Time) bool {
	if o.complained.IsZero() {
		return false
	}
	ago := now.Sub(o.complained)
	return ago < troubleLasts || o.inARow == 0 && ago < neverAccepted
}

// several reports whether so many operations complain that it is the account's trouble: two at least, and none that is
// asked for is spared. A limit of the account would have met that one as well.
func (t *Transport) several(now time.Time) bool {
	complaining := 0
	for _, op := range t.operations {
		if op.spared(now) {
			return false
		}
		if op.inTrouble(now) {
			complaining++
		}
	}
	return complaining > 1
}
