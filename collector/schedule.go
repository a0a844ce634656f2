package collector

import (
	"context"
	"slices"
	"time"

	"github.com/sourcegraph/conc/pool"
)

// polled is an item that is asked about again and again, in a turn of its own. Turns make one.
type polled interface {
	due(poll int, interval time.Duration, now time.Time) time.Time
	lastDone(poll int) time.Time
	rests(poll int, now time.Time) bool
	finish(poll int, at time.Time)
}

// turn is an item and when its question should be put; a time in the past is when it last was.
type turn[T any] struct {
	item T
	at   time.Time
}

// queue orders the questions of one run: first those that are due, what was asked longest ago before the rest, so that
// a run that did not fit goes on where it stopped; then the others in the order of their turns. Paced, an item waits
// for its turn, and those whose turn is beyond the interval are left out; otherwise every item that does not rest is
// due.
func queue[T polled](items []T, poll int, interval time.Duration, now time.Time, paced bool) []turn[T] {
	turns := make([]turn[T], 0, len(items))
	paced = paced && !overloaded(items, poll, interval, now)
	for _, item := range items {
		at := now
		if paced {
			at = item.due(poll, interval, now)
		}
		if at.After(now.Add(interval)) || item.rests(poll, now) {
			continue
		}
		if !at.After(now) {
			at = item.lastDone(poll)
		}
		turns = append(turns, turn[T]{item, at})
	}
	slices.SortStableFunc(turns, func(a, b turn[T]) int { return a.at.Compare(b.at) })
	return turns
}

// overloaded reports whether an item waits longer than pacing ever makes one wait, which is one and a half intervals.
// Then the budget is too short for the interval, turns mean nothing, and only who waited longest counts.
func overloaded[T polled](items []T, poll int, interval time.Duration, now time.Time) bool {
	limit := now.Add(-interval * 8 / 5)
	return slices.ContainsFunc(items, func(item T) bool {
		last := item.lastDone(poll)
		return !last.IsZero() && last.Before(limit) && !item.rests(poll, now)
	})
}

// sweepAll asks about items in their turns. Paced, the run ends with its interval: what the budget left no time for is
// the oldest in the next run, and so the first.
func sweepAll[T polled](ctx context.Context, s *sweeper, p *pass, poll int, items []T, paced bool,
	do func(context.Context, *pass, T) error) {
	interval := s.jobs[p.job].Interval
	var end time.Time
	if paced {
		end = p.started.Add(interval)
	}
	work(ctx, s, p, queue(items, poll, interval, time.Now(), paced), end, func(ctx context.Context, item T) error {
		began := time.Now() // not the end, or quick items would overtake slow ones
		err := do(ctx, p, item)
		if err == nil {
			item.finish(poll, began)
		}
		return err
	})
}

// sweepLines polls lines.
func (u *Unom) sweepLines(ctx context.Context, p *pass, poll int, lines []*line, paced bool,
	do func(context.Context, *pass, *line) error) {
	sweepAll(ctx, &u.sweeper, p, poll, lines, paced, do)
}

// work does items in their turns, as many at once as the account may have in flight. An item that fails does not stop
// the rest; a carrier that is away does. What is not begun by the end, if there is one, is left for the next run.
func work[T any](ctx context.Context, s *sweeper, p *pass, turns []turn[T], end time.Time, do func(context.Context, T) error) {
	p.total.Add(int64(len(turns)))
	workers := s.workers()
	started := 0
	for _, next := range turns {
		if p.hopeless() || !pause(ctx, time.Until(next.at)) {
			p.failed.Add(int64(len(turns) - started))
			break
		}
		if !end.IsZero() && !time.Now().Before(end) {
			p.left.Add(int64(len(turns) - started))
			break
		}
		started++
		workers.Go(func() {
			_ = p.item(ctx, func(ctx context.Context) error { return do(ctx, next.item) })
			s.tell(p)
		})
	}
	workers.Wait()
}

// workers do as much at once as the account may have in flight.
func (s *sweeper) workers() *pool.Pool { return pool.New().WithMaxGoroutines(max(1, s.inFlight)) }

// pause waits a while, and is false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
