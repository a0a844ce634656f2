package collector

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/sourcegraph/conc/pool"

	"kaisen/collector/carrier"
	"kaisen/internal/wait"
)

// Target is an item that is asked about again and again, at its own place in the interval. PollState makes one. An item
// may be asked several questions, which are numbered from 0.
type Target interface {
	due(question int, interval time.Duration, now time.Time) time.Time
	LastAsked(question int) time.Time
	waiting(question int, interval time.Duration, now time.Time) time.Duration
	suspended(question int, now time.Time) bool
	Polled(question int, at time.Time)
	Failed(question int, at time.Time) (forgive func())
	Suspend(question int, until time.Time)
	pollState() *PollState
}

// Poll is an item and when its question should be put; a time in the past is when it last was.
type Poll[T any] struct {
	Item T
	At   time.Time
}

// queue orders the questions of one sweep: first those that are due, what was asked longest ago before the rest, so
// that a sweep that did not fit goes on where it stopped; then the others by when they are due. Paced, an item waits
// until then, and those that are due beyond the interval are left out; otherwise every item that is not suspended is
// due. Resting is how many are suspended.
func queue[T Target](items []T, question int, interval time.Duration, now time.Time, paced bool) (polls []Poll[T], resting int) {
	polls = make([]Poll[T], 0, len(items))
	overloaded := paced && overloaded(items, question, interval, now)
	for _, item := range items {
		if item.suspended(question, now) {
			resting++
			continue
		}
		at := now
		if paced && !(overloaded && item.waiting(question, interval, now) >= interval) {
			at = item.due(question, interval, now)
		}
		if at.After(now.Add(interval)) {
			continue
		}
		if !at.After(now) {
			at = item.LastAsked(question)
		}
		polls = append(polls, Poll[T]{item, at})
	}
	// Of those that were never asked no contract comes before another, whose trouble would keep the rest waiting.
	slices.SortStableFunc(polls, func(a, b Poll[T]) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Item.pollState().phase, b.Item.pollState().phase))
	})
	return polls, resting
}

// overloaded reports whether an item waits longer than pacing ever makes one wait, which is one and a half intervals.
// Then the budget is too short for the interval, places in it mean nothing, and of those that are past it only who
// waited longest counts. An item that fails does not wait: it was asked.
func overloaded[T Target](items []T, question int, interval time.Duration, now time.Time) bool {
	limit := interval * 8 / 5
	return slices.ContainsFunc(items, func(item T) bool { return item.waiting(question, interval, now) > limit })
}

// PollAll asks about items, each when it is due. Paced, the sweep ends with its interval: what the budget left no time
// for is the oldest in the next sweep, and so the first.
func PollAll[T Target](ctx context.Context, e *Engine, s *Sweep, question int, items []T, paced bool,
	do func(context.Context, *Sweep, T) error) {
	polls, resting := queue(items, question, e.Jobs[s.job].Interval, time.Now(), paced)
	s.resting.Add(int64(resting))
	InTurn(ctx, e, s, polls, paced, func(ctx context.Context, item T) error {
		return put(ctx, s, question, item, time.Now(), do)
	})
}

// put asks an item its question, and notes how that ended, by when it began: by its end quick items would overtake slow ones.
func put[T Target](ctx context.Context, s *Sweep, question int, item T, began time.Time, do func(context.Context, *Sweep, T) error) error {
	failed := true
	defer func() { // a panic is a failure too
		if failed && ctx.Err() == nil {
			s.excuse(item.Failed(question, began))
		}
	}()
	err := do(ctx, s, item)
	failed = err != nil && !isUsedUp(err)
	switch {
	case err == nil:
		item.Polled(question, began)
	case carrier.FailureOf(err).Contract: // the item may be well: it is asked with the others of its contract
		item.Suspend(question, time.Now().Add(carrier.FailureOf(err).RetryAfter))
		failed = false
	}
	return err
}

// InTurn does items at their times, as many at once as the account may have in flight. An item that fails does not stop
// the rest; a carrier that is away does. Paced, what is not begun before the interval ends is left for the next sweep.
func InTurn[T any](ctx context.Context, e *Engine, s *Sweep, polls []Poll[T], paced bool, do func(context.Context, T) error) {
	var end time.Time
	if paced {
		end = s.started.Add(e.Jobs[s.job].Interval)
	}
	s.Expect(len(polls))
	workers := e.pool()
	for started, next := range polls {
		if _, used := s.usedUp(); used {
			s.left.Add(int64(len(polls) - started))
			break
		}
		if s.Broken() || wait.For(ctx, time.Until(next.At)) != nil {
			s.Abandon(len(polls) - started)
			break
		}
		if paced && !time.Now().Before(end) {
			s.left.Add(int64(len(polls) - started))
			break
		}
		one := func() {
			if _, used := s.usedUp(); used { // by the one that it waited for
				s.left.Add(1)
				return
			}
			_ = s.Do(ctx, func(ctx context.Context) error { return do(ctx, next.Item) })
			e.Progressed(s)
		}
		if s.probing() {
			one()
			continue
		}
		workers.Go(one)
	}
	workers.Wait()
}

// ForEach does all items at once, as far as the account may have so many requests in flight. One that fails does so
// alone; done, where it is not nil, gets the end of each.
func ForEach[T any](ctx context.Context, e *Engine, s *Sweep, items []T, do func(context.Context, T) error, done func(T, error)) {
	s.Expect(len(items))
	workers := e.pool()
	for _, item := range items {
		workers.Go(func() {
			err := s.Do(ctx, func(ctx context.Context) error { return do(ctx, item) })
			if done != nil {
				done(item, err)
			}
			e.Progressed(s)
		})
	}
	workers.Wait()
}

// List does the one item of a job that reads a list, or whatever else is not done item by item, and notes how it ended.
func (e *Engine) List(ctx context.Context, s *Sweep, name string, do func(context.Context) error) error {
	s.Expect(1)
	err := s.Do(ctx, do)
	e.SetList(name, err)
	e.Progressed(s)
	return err
}

// pool does as much at once as the account may have in flight.
func (e *Engine) pool() *pool.Pool { return pool.New().WithMaxGoroutines(max(1, e.Workers)) }
