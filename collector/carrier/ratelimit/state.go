package ratelimit

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"
)

// State is how an account, or an operation in trouble, fares now.
type State struct {
	Operation string    // "": the account
	Rate      float64   // requests per second in force, +Inf for no limit
	Paused    bool      // nothing leaves but probes
	Down      bool      // the pause is maintenance
	Reason    string    // of the pause, or of the last one; "" if there was none
	Since     time.Time // when the pause began
	Until     time.Time // when the next request may leave
}

// States are the account's state, and behind it those of the operations that are slowed down or paused, by name.
func (t *Transport) States() []State {
	now := time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	states := []State{t.account.state(now)}
	for _, name := range slices.Sorted(maps.Keys(t.operations)) {
		if op := t.operations[name]; op.troubled {
			states = append(states, op.gate.state(now))
		}
	}
	return states
}

// state is how a gate is now. Called with the lock held, as are free and log.
func (g *gate) state(now time.Time) State {
	g.pacer.settle(now)
	return State{
		Operation: g.operation, Rate: g.pacer.rate, Paused: g.pause.on(now), Down: g.pause.maintenance,
		Reason: g.pause.reason, Since: g.pause.since, Until: g.pause.until,
	}
}

// free reports whether nothing is left of a trouble, so that requests need not come by the gate any more.
func (g *gate) free(now time.Time) bool {
	p := &g.pacer
	return !g.pause.on(now) && !g.queue.held && p.rate >= p.base && p.burstCredit >= p.maxBurstCredit &&
		p.margin <= p.leastMargin()*11/10
}

// record is what happened to a gate, to be logged once the lock is free.
type record struct {
	level     slog.Level
	operation string
	text      string
	details   []any
}

func (g *gate) log(level slog.Level, text string, details ...any) {
	t := g.transport
	if t.logger.Enabled(context.Background(), level) {
		t.records = append(t.records, record{level, g.operation, text, details})
	}
}

// unlockAndLog gives the lock back, and then says what happened: nobody should wait for a slow log.
func (t *Transport) unlockAndLog() {
	records := t.records
	t.records = nil
	t.mu.Unlock()
	for _, r := range records {
		operation := r.operation
		if operation == "" {
			operation = AllOperations
		}
		t.logger.Log(context.Background(), r.level, r.text, append([]any{"operation", operation}, r.details...)...)
	}
}

// AllOperations is the name in logs and metrics of what concerns the account as a whole.
const AllOperations = "all"
