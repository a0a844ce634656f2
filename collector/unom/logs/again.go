package logs

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"kaisen/collector"
)

// A row may enter a log far behind the watermark: late, or as the stop of a session that is dated by its start; and a
// window may have been taken for empty that was not. So once a day all of the log that lies before the overlap is read
// again, spread over the day: how far that is follows from the time of day alone, and after a restart from when the
// watermark was last written. What is stored is looked up, window by window: only what is not there is written, so that
// column observed_at keeps saying when a row was first seen.

const (
	// lap is how long a second reading takes.
	lap = 24 * time.Hour
	// fewest is how many windows of a second reading a run may read, and windowTime the time of its interval for each
	// beyond that.
	fewest, windowTime = 8, 75 * time.Second
)

// secondReading is how far the log is read again.
type secondReading struct {
	on     bool          // it is what is being read
	since  time.Time     // until when the readings before are known to have been done; zero: there were none
	began  time.Time     // the lap, by the carrier's clock; zero: none has
	at     time.Time     // every row of this lap before it is read
	step   time.Duration // the window that is likely to bring wantedRows
	stops  *stopTimes
	failed bool // the store could not be asked, which was said
}

// lapOf is when the lap began that a time is in. Laps of contracts begin at different times of the day.
func (r *Reader) lapOf(at time.Time) time.Time {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(r.contract + r.kind.table))
	offset := time.Duration(hash.Sum32()%uint32(lap/time.Second)) * time.Second
	return at.Add(-offset).Truncate(lap).Add(offset)
}

// place is where the second reading of a lap is at a time: from its oldest row, when it begins, to the overlap.
func place(began, at, oldest, newest time.Time) time.Time {
	part := min(1, float64(at.Sub(began))/float64(lap))
	return oldest.Add(time.Duration(part * float64(newest.Sub(oldest)))).Truncate(time.Second)
}

// readAgain reads that part of the log again which is due. Was is the watermark before this run: what lies behind it was
// read just now.
func (r *Reader) readAgain(ctx context.Context, sweep *collector.Sweep, was time.Time) error {
	a, now := &r.again, r.carrier.Now().Truncate(time.Second)
	if r.engine.Logs == nil || was.IsZero() {
		a.since = now
		return nil
	}
	oldest := r.oldestAgain(now)
	if err := r.reachTo(ctx, sweep, oldest, now); err != nil {
		return err
	}
	oldest = r.oldestAgain(now)
	newest := was.Add(-collector.LogOverlap)
	if !oldest.Before(newest) {
		return nil
	}
	interval := r.engine.Jobs[r.kind.Job].Interval
	if a.began.IsZero() {
		since := later(a.since, now.Add(-lap))
		a.began = r.lapOf(since)
		a.at = place(a.began, since, oldest, newest).Add(-firstStep) // what was due then may have waited for more
	}
	a.on = true
	defer func() { a.on = false }()
	for left := max(fewest, interval/windowTime); left > 0; left-- {
		a.at = later(a.at, oldest)
		end, over := place(a.began, now, oldest, newest), !now.Before(a.began.Add(lap))
		switch {
		case !a.at.Before(newest) && over:
			a.began, a.at = r.lapOf(now), oldest
			continue
		case !over && end.Sub(a.at) < a.step, !a.at.Before(end): // not worth a request yet
			return nil
		}
		end = earlier(end, a.at.Add(a.step))
		rows, err := r.window(ctx, sweep, a.at, end)
		if refused(err) && a.at.Before(r.oldestAgain(r.carrier.Now())) {
			continue // the edge has moved on
		}
		if refused(err) && time.Since(r.reach.asked) > time.Hour { // or is another than it was
			r.reach.value = ""
			if err := r.findReach(ctx, sweep); err != nil {
				return r.againFailed(err)
			}
			oldest = r.oldestAgain(now)
			continue
		}
		if err != nil {
			return r.againFailed(err)
		}
		a.step, a.failed = adapted(end.Sub(a.at), rows), false
		a.at = end
	}
	return nil
}

// oldestAgain is where a second reading begins: where the log does, or where the first reading of it began.
func (r *Reader) oldestAgain(now time.Time) time.Time {
	begun := r.furthest(now)
	if r.begun.Before(begun) {
		begun = r.begun
	}
	return later(r.oldest(now).Add(2*time.Minute), begun)
}

// notStored is a store that cannot say what it has.
type notStored struct{ err error }

func (e notStored) Error() string { return e.err.Error() }
func (e notStored) Unwrap() error { return e.err }

// againFailed is the failure of a second reading. A store that is away is none of the log's: it says so itself, and what
// is due is read when it is back.
func (r *Reader) againFailed(err error) error {
	var away notStored
	if !errors.As(err, &away) {
		return fmt.Errorf("second reading: %w", err)
	}
	if !r.again.failed {
		r.again.failed = true
		r.engine.Log.Warn("what is stored of a log could not be looked up; its second reading waits", "log", r.kind.table, "contract", r.contract, "error", err)
	}
	return nil
}

// stored are the rows of a window that are in the database, and how many of each.
func (r *Reader) stored(ctx context.Context, start, end time.Time) (map[Row]int, error) {
	state, err := r.engine.Logs.LogRows(ctx, r.engine.Source, r.contract, r.kind.table, start, end)
	if err != nil {
		return nil, notStored{err}
	}
	rows := make(map[Row]int)
	r.kind.each(state, func(_ string, row Row, ordinal uint16) { rows[row] = max(rows[row], int(ordinal)+1) })
	return rows, nil
}
