package ratelimit

import (
	"fmt"
	"maps"
	"time"
)

// Inherit takes over what another Transport of the same account has used up and learnt: its place on the schedule, the pace
// that the carrier's complaints taught it, pauses, and the budget of the day. A limit that has changed holds from now on, and
// gives nothing that the other has spent. Nothing is sent by the other any more, and nothing was by this one.
func (t *Transport) Inherit(from *Transport) error {
	if t == from {
		return nil
	}
	from.mu.Lock()
	defer from.mu.Unlock()
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	t.account.inherit(&from.account, now)
	for name, was := range from.operations {
		op := t.operationOf(name)
		op.gate.inherit(&was.gate, now)
		op.troubled, op.lastAccepted, op.complained, op.inARow, op.recent = was.troubled, was.lastAccepted, was.complained, was.inARow, was.recent
		op.items = maps.Clone(was.items)
	}
	return t.account.daily.inherit(from.account.daily)
}

// inherit takes over pace and pause. A probe that was on its way has been given up.
func (g *gate) inherit(from *gate, now time.Time) {
	g.pacer.inherit(from.pacer, now)
	g.pause, g.slowed = from.pause, from.slowed
	g.pause.probing, g.pause.second = false, false
}

// inherit goes on where another pacer has stopped, by its own limit.
func (p *pacer) inherit(from pacer, now time.Time) {
	own := *p
	*p = from
	if from.limit == own.limit && from.maxBurstCredit == own.maxBurstCredit {
		return
	}
	ahead := 0. // requests of the schedule that have left before they were due
	if from.next.After(now) {
		ahead = from.next.Sub(now).Seconds() * from.rate
	}
	p.limit, p.base, p.maxBurstCredit = own.limit, own.base, own.maxBurstCredit
	if slowed := from.rate < from.base || from.burstCredit < from.maxBurstCredit; slowed {
		p.rate, p.ceiling = min(from.rate, own.rate), min(from.ceiling, own.ceiling)
		p.burstCredit, p.margin = min(from.burstCredit, own.burstCredit), max(from.margin, own.margin)
	} else {
		p.rate, p.ceiling, p.burstCredit, p.margin = own.rate, own.ceiling, own.burstCredit, own.margin
	}
	p.next = now.Add(time.Duration(ahead / p.rate * float64(time.Second)))
	if p.strict() && p.next.After(p.last) {
		p.last = p.next
	}
}

// inherit counts what was spent of the day, also where that was counted under another name, and leaves the bucket no fuller
// than it was.
func (d *daily) inherit(from *daily) error {
	if d == nil || from == nil {
		return nil
	}
	if err := from.giveBack(); err != nil {
		return err
	}
	d.level, d.at = min(d.size(), from.level), from.at
	if from.day.IsZero() || d.cfg.Ledger == from.cfg.Ledger {
		return nil
	}
	_, spent, err := d.cfg.Ledger.Take(from.day, 0, d.limit)
	if err == nil && spent < from.spent {
		_, _, err = d.cfg.Ledger.Take(from.day, from.spent-spent, d.limit)
	}
	if err != nil {
		return fmt.Errorf("the requests of the day that were sent before: %w", err)
	}
	return nil
}
