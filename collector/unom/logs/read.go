package logs

import (
	"context"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
)

// read brings the log up to the carrier's now, and then reads a part of what is older again. The watermark moves with
// every window that is safe, so that what was read stays read whatever happens next.
func (r *Reader) read(ctx context.Context, sweep *collector.Sweep) error {
	r.unread = 0
	was, now := r.watermark, r.carrier.Now().Truncate(time.Second)
	from, err := r.from(ctx, sweep, now)
	if err != nil {
		return err
	}
	if clock := r.carrier.Now().Truncate(time.Second); clock.Before(now.Add(-guessed)) {
		return r.read(ctx, sweep)
	} else if clock.After(now) {
		now = clock
	}
	if r.begun.IsZero() {
		r.begun = from
	}
	refusals := refusals{margin: time.Second}
	for at := from; at.Before(now); {
		r.progress(sweep, at.Sub(from), now.Sub(from))
		end := at.Add(min(r.step, now.Sub(at)))
		rows, err := r.window(ctx, sweep, at, end)
		if refused(err) {
			if at, err = r.behindEdge(ctx, sweep, at, err, &refusals); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		clock := r.carrier.Now()
		if clock.Before(now.Add(-guessed)) || r.forgetAhead(clock) { // its clock was a guess until now, and all of this with it
			return r.read(ctx, sweep)
		}
		if end.Before(now) || end.Sub(at) == r.step {
			r.step = adapted(r.step, rows)
		}
		at = end
	}
	r.progress(sweep, now.Sub(from), now.Sub(from))
	if err := r.tellEnd(ctx, sweep); err != nil {
		return err
	}
	return r.readAgain(ctx, sweep, was)
}

// forgetAhead drops a watermark that is a day ahead of the carrier's clock, which an answer whose clock was wrong has left:
// how far the log is read is not known then. It reports whether it did.
func (r *Reader) forgetAhead(clock time.Time) bool {
	if !r.watermark.After(clock.Add(24 * time.Hour)) {
		return false
	}
	r.engine.Log.Warn("a log's watermark is in the future; the log is read from its beginning",
		"log", r.kind.table, "contract", r.contract, "watermark", r.watermark)
	r.setWatermark(time.Time{})
	return true
}

// refused reports whether the carrier refuses a query as such.
func refused(err error) bool {
	kind, ok := carrier.KindOf(err)
	return ok && kind == carrier.KindInvalidRequest
}

// from is where a run starts: a little before the watermark, or as far back as configured, but never further than
// the carrier answers.
func (r *Reader) from(ctx context.Context, sweep *collector.Sweep, now time.Time) (time.Time, error) {
	start := r.furthest(now)
	if !r.watermark.IsZero() {
		start = earlier(r.watermark, now).Add(-collector.LogOverlap)
	}
	if err := r.reachTo(ctx, sweep, start, now); err != nil {
		return start, err
	}
	oldest := r.oldest(now)
	if !r.watermark.IsZero() && r.watermark.Before(oldest) {
		r.engine.Log.Warn("the carrier no longer tells a part of a log: nobody asked in time",
			"log", r.kind.table, "contract", r.contract, "from", r.watermark, "to", oldest)
	}
	return later(oldest, start), nil
}

// furthest is how far back the log is to be read: all of it, unless the configuration wants less.
func (r *Reader) furthest(now time.Time) time.Time {
	if lookback := r.engine.Jobs[r.kind.Job].Lookback; lookback < reach {
		return now.Add(-lookback)
	}
	calendar, _ := r.midnights(now)
	return calendar
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a.Truncate(time.Second)
	}
	return b.Truncate(time.Second)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a.Truncate(time.Second)
	}
	return b.Truncate(time.Second)
}

// adapted is the step that is likely to bring wantedRows, where the last brought so many.
func adapted(last time.Duration, rows int) time.Duration {
	step := last * 4
	if rows > 0 {
		step = min(step, last*wantedRows/time.Duration(rows))
	}
	return min(max(step.Truncate(time.Second), lastStep), firstStep)
}
