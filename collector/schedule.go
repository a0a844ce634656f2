package collector

import (
	"context"
	"slices"
	"time"

	"github.com/sourcegraph/conc/pool"
)

// turn is a line and when its poll should start; a time in the past is when it was last polled.
type turn struct {
	line *line
	at   time.Time
}

// queue orders the polls of one run: first those that are due, what was polled longest ago before the rest, so that a
// run that did not fit goes on where it stopped; then the others in the order of their turns. Paced, a line waits for
// its turn, and lines whose turn is beyond the interval are left out; otherwise every line that does not rest is due.
func queue(lines []*line, poll int, interval time.Duration, now time.Time, paced bool) []turn {
	turns := make([]turn, 0, len(lines))
	paced = paced && !overloaded(lines, poll, interval, now)
	for _, l := range lines {
		at := now
		if paced {
			at = l.due(poll, interval, now)
		}
		if at.After(now.Add(interval)) || l.rests(poll, now) {
			continue
		}
		if !at.After(now) {
			at = l.lastDone(poll)
		}
		turns = append(turns, turn{l, at})
	}
	slices.SortStableFunc(turns, func(a, b turn) int { return a.at.Compare(b.at) })
	return turns
}

// overloaded tells whether a line waits longer than pacing ever makes one wait, which is one and a half intervals.
// Then the budget is too short for the interval, turns mean nothing, and only who waited longest counts.
func overloaded(lines []*line, poll int, interval time.Duration, now time.Time) bool {
	limit := now.Add(-interval * 8 / 5)
	return slices.ContainsFunc(lines, func(l *line) bool {
		last := l.lastDone(poll)
		return !last.IsZero() && last.Before(limit) && !l.rests(poll, now)
	})
}

// sweepLines polls lines in their turns, as many at once as the account may have in flight. A line that fails does
// not stop the rest; a carrier that is away does. Paced, the run ends with its interval: what the budget left no time
// for is the oldest in the next run, and so the first.
func (u *Unom) sweepLines(ctx context.Context, p *pass, poll int, lines []*line, paced bool,
	do func(context.Context, *pass, *line) error) {
	interval := u.cfg.Jobs[p.job].Interval
	end := p.started.Add(interval)
	turns := queue(lines, poll, interval, time.Now(), paced)
	p.total.Add(int64(len(turns)))
	workers := u.workers()
	started := 0
	for _, next := range turns {
		if p.hopeless() || !pause(ctx, time.Until(next.at)) {
			p.failed.Add(int64(len(turns) - started))
			break
		}
		if paced && !time.Now().Before(end) {
			p.left.Add(int64(len(turns) - started))
			break
		}
		started++
		workers.Go(func() {
			began := time.Now() // not the end, or quick lines would overtake slow ones
			if p.item(ctx, func(ctx context.Context) error { return do(ctx, p, next.line) }) == nil {
				next.line.finish(poll, began)
			}
			u.tell(p)
		})
	}
	workers.Wait()
}

// workers do as much at once as the account may have in flight.
func (u *Unom) workers() *pool.Pool { return pool.New().WithMaxGoroutines(max(1, u.cfg.Workers)) }

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
