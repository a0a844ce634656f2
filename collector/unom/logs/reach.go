package logs

import (
	"context"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/unom/api"
	"kaisen/collector/unom/readings"
	"kaisen/schema"
)

// The logs reach back 過去30日分 (UNO Mobile API v2.1 §1.2 of calls 04 and 05): 30 times 24 hours, or calendar days, and
// then from the midnight before that or from the one after it. A query that begins too early is refused with 400. Which
// holds is found out by asking for all of the log from each of the three, the widest first, when a reading goes back so
// far that it matters; that a row is older than 30 times 24 hours shows it as well.

// knownReach is what is known of how far back a log can be asked.
type knownReach struct {
	value string    // LogReach…, "" while nothing is known
	asked time.Time // when it was last asked for, by our own clock
}

// clearOf is how far two readings must lie apart for an answer to tell one from the other.
const clearOf = 5 * time.Minute

// Midnights are the beginnings of the day 30 times 24 hours ago and of the day after it, in the carrier's zone.
func Midnights(now time.Time, zone *time.Location) (before, after time.Time) {
	at := now.Add(-reach).In(zone)
	before = time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, zone)
	return before, before.AddDate(0, 0, 1)
}

func (r *Reader) midnights(now time.Time) (before, after time.Time) {
	return Midnights(now, r.engine.Zone)
}

// oldest is the first second that the carrier answers for, as far as that is known.
func (r *Reader) oldest(now time.Time) time.Time {
	return r.edgeOf(r.reach.value, now).Truncate(time.Second)
}

// edgeOf is where the answers of a carrier begin that has this reading, or of one of which nothing is known.
func (r *Reader) edgeOf(value string, now time.Time) time.Time {
	before, after := r.midnights(now)
	switch value {
	case readings.LogReachCalendar:
		return before
	case readings.LogReachCalendarShort:
		return after
	}
	return now.Add(-reach)
}

// within reports whether a second can certainly be asked for.
func (r *Reader) within(at, now time.Time) bool {
	_, after := r.midnights(now)
	switch {
	case !at.Before(after.Add(time.Minute)):
		return true
	case r.reach.value == "" || time.Since(r.reach.asked) > 24*time.Hour: // the carrier may have changed it
		return false
	case r.reach.value == readings.LogReachSeconds: // whose edge moves on while a request is under way
		return !at.Before(r.oldest(now).Add(2 * time.Second))
	}
	return !at.Before(r.oldest(now))
}

// reachTo finds out how far back the log can be asked, if a start is so early that it matters and it is not known.
func (r *Reader) reachTo(ctx context.Context, sweep *collector.Sweep, start, now time.Time) error {
	_, after := r.midnights(now)
	told := r.finding(readings.LogReach)
	if r.reach.value == "" {
		r.reach.value = told
	}
	if told != "" || time.Since(r.reach.asked) < 24*time.Hour || start.After(after.Add(time.Minute)) {
		return nil
	}
	return r.findReach(ctx, sweep)
}

// findReach asks for all of the log from each edge that it may have; once more if that showed that the carrier's clock
// is another.
func (r *Reader) findReach(ctx context.Context, sweep *collector.Sweep) error {
	for range 2 {
		now := r.carrier.Now()
		if err := r.tryReaches(ctx, sweep, now); err != nil {
			return err
		}
		if r.carrier.Now().Sub(now).Abs() < guessed {
			break
		}
	}
	r.reach.asked = time.Now()
	return nil
}

func (r *Reader) tryReaches(ctx context.Context, sweep *collector.Sweep, now time.Time) error {
	for _, value := range []string{readings.LogReachCalendar, readings.LogReachSeconds, readings.LogReachCalendarShort} {
		answer, from, err := r.fromEdge(ctx, value)
		switch {
		case refused(err):
			continue
		case err != nil && (api.EmptyError(err) != api.Empty404 || !r.empties.Knows(r.contract)):
			return err
		case err != nil || from.IsZero(): // it is empty, whichever way, or nobody can say
			return nil
		}
		if r.reach.value = value; value == readings.LogReachCalendar {
			return r.tellReach(ctx, sweep, answer) // a carrier may answer for more than it has
		}
		before, after := r.midnights(now)
		seconds := now.Add(-reach)
		if value == readings.LogReachSeconds {
			seconds = from
		}
		if seconds.Sub(before) <= clearOf || after.Sub(seconds) <= clearOf {
			return nil
		}
		return r.find(ctx, sweep, readings.LogReach, value, "a query from "+from.In(r.engine.Zone).Format(time.DateTime)+
			" was answered, one from earlier was refused", answer.ObservedAt)
	}
	return nil // all were refused: what for shows when windows are read
}

// fromEdge asks for all of the log from the edge of a reading. Edges move on, and a request may wait for its turn for longer than it takes: one that was
// refused when its edge had gone by says nothing, and is asked again from further behind. from is zero where that did not help.
func (r *Reader) fromEdge(ctx context.Context, value string) (answer Answer, from time.Time, err error) {
	for margin := time.Minute; margin < 2*time.Hour; margin *= 4 {
		now := r.carrier.Now()
		if from = r.edgeOf(value, now); value == readings.LogReachSeconds {
			from = from.Add(margin)
		}
		answer, err = r.all(ctx, from, now)
		if !refused(err) || !r.edgeOf(value, r.carrier.Now()).After(from) {
			return answer, from, err
		}
	}
	return Answer{}, time.Time{}, nil
}

// all asks for all of the log from a second on. The answer may be cut, and is not delivered.
func (r *Reader) all(ctx context.Context, from, now time.Time) (Answer, error) {
	answer, err := r.kind.Fetch(ctx, r.carrier, r.contract, api.LogQuery{Start: from.Truncate(time.Second), End: now.Truncate(time.Second)})
	if unreadable(err) { // it was answered; which second is at fault shows when windows are read
		answer, err = Answer{ObservedAt: carrier.FailureOf(err).ObservedAt}, nil
	}
	if err == nil {
		r.like.answered()
		r.empties.Answered(r.contract, nil)
	}
	return answer, err
}

// tellReach takes a row that is older than 30 times 24 hours for what it shows. A stop shows nothing: it may be within reach,
// and have the time of its session's start.
func (r *Reader) tellReach(ctx context.Context, sweep *collector.Sweep, answer Answer) error {
	edge := answer.ObservedAt.Add(-reach - time.Minute).Unix()
	for _, row := range answer.Value {
		if row.At < edge && row.Outcome != string(schema.SessionStop) {
			r.reach.value = readings.LogReachCalendar
			return r.find(ctx, sweep, readings.LogReach, readings.LogReachCalendar, "a row older than 30 times 24 hours was in an answer", answer.ObservedAt)
		}
	}
	return nil
}

// refusals are what a run knows of the queries that were refused.
type refusals struct {
	margin time.Duration // how far behind the edge the next is
	looked bool          // for how far back the log reaches
	jumped bool          // to what is within reach however it is meant
}

// behindEdge is where a run goes on after a window that was refused because it begins too early: the edge moves on while
// a request is under way, or is another than was thought. It returns the refusal where it has another cause.
func (r *Reader) behindEdge(ctx context.Context, sweep *collector.Sweep, at time.Time, cause error, t *refusals) (time.Time, error) {
	now := r.carrier.Now()
	_, after := r.midnights(now)
	if at.After(after.Add(time.Hour)) || t.margin > time.Hour {
		return at, cause
	}
	if t.margin > 10*time.Second && !t.looked {
		t.looked, r.reach.value = true, ""
		if err := r.findReach(ctx, sweep); err != nil {
			return at, err
		}
		now = r.carrier.Now()
	}
	if t.looked && r.reach.value == "" {
		if t.jumped {
			return at, cause
		}
		t.jumped = true
		return later(at, after.Add(time.Minute)), nil
	}
	at = later(at, r.oldest(now).Add(t.margin))
	t.margin *= 4
	return at, nil
}
