package collector

import (
	"context"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/schedule"
)

// lookAgain bounds how long a plan is believed to have all items, and that nothing else changes who is next.
const lookAgain = 10 * time.Second

// PollPlanned asks about items in the order of a plan, each as often as it is worth, until the job's interval is over.
// Items lists those that there are now. What the budget left no time for within
// its bound is counted as left.
func PollPlanned[T Target](ctx context.Context, e *Engine, s *Sweep, plan *Plan, items func() []T, of Known[T],
	do func(context.Context, *Sweep, T) error) {
	e.awaitHabits(ctx)
	var byTarget map[schedule.Target]T
	var listed time.Time
	first := false // there were items that were never asked; with the last of them the sweep ends, since others wait for that
	interval := e.Jobs[s.job].Interval
	again := min(lookAgain, interval)
	end := s.started.Add(interval)
	workers := e.pool()
	for now := time.Now(); !s.Broken() && ctx.Err() == nil && now.Before(end); now = time.Now() {
		if _, used := s.usedUp(); used {
			break
		}
		if now.Sub(listed) >= again {
			if byTarget, listed = begin(plan, now, items(), of), now; len(byTarget) == 0 {
				break
			}
			first = first || unasked(byTarget, plan.question)
		}
		target, due, ok := plan.next(now, e.budget(s.job, now))
		if !ok || due.After(now) {
			if first && !unasked(byTarget, plan.question) {
				break
			}
			until := listed.Add(again)
			if ok && due.Before(until) {
				until = due
			}
			plan.await(ctx, earliest(until, end).Sub(now))
			continue
		}
		plan.began(now, target)
		s.Expect(1)
		item := byTarget[target]
		one := func() { pollOne(ctx, e, s, plan, target, item, do) }
		if s.probing() {
			one()
			continue
		}
		workers.Go(one)
	}
	workers.Wait()
	left(s, plan.question, byTarget, e.Bound(s.job))
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// pollOne asks about one item, and survives whatever that does.
func pollOne[T Target](ctx context.Context, e *Engine, s *Sweep, plan *Plan, target schedule.Target, item T,
	do func(context.Context, *Sweep, T) error) {
	began := time.Now() // not the end, or quick items would overtake slow ones
	err := s.Do(ctx, func(ctx context.Context) error { return put(ctx, s, plan.question, item, began, do) })
	switch {
	case isUsedUp(err):
		plan.excused(target, began)
	case ctx.Err() == nil || err == nil:
		if forgive := plan.ended(target, began, err != nil && !carrier.FailureOf(err).Contract); forgive != nil {
			s.excuse(forgive)
		}
	}
	e.Progressed(s)
}

// await waits until another item may be next, at most so long.
func (p *Plan) await(ctx context.Context, most time.Duration) {
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-p.changed:
	case <-ctx.Done():
	}
}

// unasked reports whether an item may be asked and never was.
func unasked[T Target](items map[schedule.Target]T, question int) bool {
	now := time.Now()
	for _, item := range items {
		if item.LastAsked(question).IsZero() && !item.suspended(question, now) {
			return true
		}
	}
	return false
}

// left counts, at the end of a sweep, the items that the carrier does not answer for now, and those that wait longer
// than the bound.
func left[T Target](s *Sweep, question int, items map[schedule.Target]T, bound time.Duration) {
	now := time.Now()
	for _, item := range items {
		switch {
		case item.suspended(question, now):
			s.resting.Add(1)
		case item.waiting(question, bound, now) > bound:
			s.left.Add(1)
		}
	}
}
