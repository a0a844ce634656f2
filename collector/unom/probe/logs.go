package probe

import (
	"context"
	"slices"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/probing"
	"kaisen/collector/unom/api"
	"kaisen/collector/unom/logs"
	"kaisen/collector/unom/readings"
	"kaisen/schema"
)

const (
	longestLook  = 7 * 24 * time.Hour // of the newest rows of a log
	shortestLook = 10 * time.Minute
	fewRows      = 6                // are worth another look, further back
	looks        = 3                // requests that this may take
	settled      = 10 * time.Minute // rows so old are believed to be all there
	nearMidnight = 10 * time.Minute // where the readings of a log's reach are too close to each other
)

// probedLog is what a few answers have shown of one log of one contract.
type probedLog struct {
	*probe
	kind     logs.Kind
	contract string

	rows  []logs.Row // of the part that is whole
	start time.Time  // where that begins
	end   time.Time
	whole bool

	small bool   // a part of a few seconds is answered
	empty string // how an answer that finds nothing says so
}

// ask searches the log.
func (l *probedLog) ask(ctx context.Context, start, end time.Time) (logs.Answer, error) {
	return probing.Ask(ctx, l.Probe, l.contract, l.kind.Job, countRows,
		func(ctx context.Context) (logs.Answer, error) {
			return l.kind.Fetch(ctx, l.carrier, l.contract, api.LogQuery{Start: start, End: end})
		})
}

// probeLog finds out what holds for a log. Lines is how many lines the contract has.
func (q *probe) probeLog(ctx context.Context, kind logs.Kind, contract string, lines int) *probedLog {
	l := &probedLog{probe: q, kind: kind, contract: contract}
	if !l.look(ctx, lines) {
		why := "the log did not answer"
		if _, refused := l.Refused(contract, kind.Job); !refused {
			why = "the log has no rows of the last days"
		}
		for _, reading := range []string{readings.LogEnd, readings.LogReach} {
			l.Unknown(contract, reading+" of "+kind.Job, why)
		}
		return l
	}
	l.findEnd(ctx)
	l.findEmpty(ctx)
	l.findReach(ctx)
	return l
}

// look reads the newest part of the log that an answer holds whole, and reports whether it has rows.
func (l *probedLog) look(ctx context.Context, lines int) bool {
	doubtful := false // a search was answered with 400, which need not say that nothing is there
	span := longestLook
	if lines > 0 { // three rows a line and day
		span = min(24*time.Hour, max(shortestLook, 24*time.Hour*150/time.Duration(lines)))
	}
	for range looks {
		l.end = l.carrier.Now().Truncate(time.Second)
		l.start = l.end.Add(-span)
		answer, err := l.ask(ctx, l.start, l.end)
		if carrier.ReasonOf(err) == api.ReasonNotComRadius {
			l.Answered(l.contract, l.kind.Job, "the contract has a RADIUS of its own, of which the carrier has no log")
			return false
		}
		form := emptyOf(answer, err)
		if err != nil && form == "" {
			return false
		}
		l.rows, l.whole = answer.Value, !logs.Full(answer)
		if doubtful = doubtful || form == readings.Empty400; doubtful && len(l.rows) > 0 {
			l.noteEmpty(readings.Empty400, nil)
		} else if form != "" && form != readings.Empty400 {
			l.noteEmpty(form, err)
		}
		switch {
		case !l.whole && span > shortestLook:
			span = max(shortestLook, span/8)
		case l.whole && len(l.rows) < fewRows && span < longestLook:
			span = min(longestLook, 7*span)
		default:
			return len(l.rows) > 0
		}
	}
	return len(l.rows) > 0
}

// noteEmpty takes a search that found nothing for an answer, also where it came as a failure.
func (l *probedLog) noteEmpty(form string, err error) {
	if l.empty = form; err != nil {
		l.Answered(l.contract, l.kind.Job, "a search that finds nothing is answered with "+form)
	}
}

// findEnd asks for a row's own second as the end.
func (l *probedLog) findEnd(ctx context.Context) {
	at, found := l.settledRow()
	if !found {
		l.Unknown(l.contract, readings.LogEnd+" of "+l.kind.Job, "no row is old enough to be sure of")
		return
	}
	inside := func(answer logs.Answer) bool {
		return slices.ContainsFunc(answer.Value, func(row logs.Row) bool { return row.At == at.Unix() })
	}
	behind, err := l.ask(ctx, at.Add(-2*time.Second), at.Add(time.Second))
	if l.small = err == nil && inside(behind); err != nil {
		l.Unknown(l.contract, readings.LogEnd+" of "+l.kind.Job, "a search of three seconds did not answer")
		return
	}
	if !l.small {
		l.Unknown(l.contract, readings.LogEnd+" of "+l.kind.Job, "a row that was there is not in a search of three seconds around it")
		return
	}
	answer, err := l.ask(ctx, at.Add(-2*time.Second), at)
	form := emptyOf(answer, err)
	second := at.In(l.account.Zone).Format(time.DateTime)
	switch {
	case err == nil && inside(answer):
		l.Found(l.contract, l.kind.Job, readings.LogEnd, readings.LogEndInside, "rows of "+second+" are in a search that ends there")
	case err == nil || form != "":
		if form != "" {
			l.noteEmpty(form, err)
		}
		l.Found(l.contract, l.kind.Job, readings.LogEnd, readings.LogEndOutside, "rows of "+second+" are not in a search that ends there, and are in one that ends a second later")
	default:
		l.Unknown(l.contract, readings.LogEnd+" of "+l.kind.Job, "the search that ends with a row did not answer")
	}
}

// settledRow is the time of the newest row that is settled.
func (l *probedLog) settledRow() (at time.Time, found bool) {
	latest := l.end.Add(-settled).Unix()
	for _, row := range l.rows {
		if row.At <= latest && row.At > l.start.Unix()+2 && (!found || row.At > at.Unix()) {
			at, found = time.Unix(row.At, 0), true
		}
	}
	return at, found
}

// findEmpty asks for seconds in which nothing happened.
func (l *probedLog) findEmpty(ctx context.Context) {
	if l.empty == "" && l.small && l.whole {
		if at, found := l.quiet(); found {
			answer, err := l.ask(ctx, at, at.Add(3*time.Second))
			if form := emptyOf(answer, err); form != "" {
				l.noteEmpty(form, err)
			}
		}
	}
	if l.empty == "" {
		l.Unknown(l.contract, readings.EmptyAnswer+" of "+l.kind.Job, "no search found nothing")
		return
	}
	l.Found("", l.kind.Job, readings.EmptyAnswer, l.empty, "a search of the log that found nothing")
}

// quiet is the beginning of three seconds, settled, that no row is near.
func (l *probedLog) quiet() (at time.Time, found bool) {
	busy := make(map[int64]bool, 8*len(l.rows))
	for _, row := range l.rows {
		for near := row.At - 4; near <= row.At+1; near++ {
			busy[near] = true
		}
	}
	for second := l.end.Add(-settled).Unix() - 4; second > l.start.Unix(); second-- {
		if !busy[second] {
			return time.Unix(second, 0), true
		}
	}
	return time.Time{}, false
}

// findReach asks for everything since each of the times at which the log may begin. There are rows in it whatever the
// carrier means, so that a refusal is one.
func (l *probedLog) findReach(ctx context.Context) {
	now := l.carrier.Now()
	edge := now.Add(-collector.MaxLookback)
	midnight, next := logs.Midnights(now, l.account.Zone)
	unknown := func(why string) { l.Unknown(l.contract, readings.LogReach+" of "+l.kind.Job, why) }
	if edge.Sub(midnight) < nearMidnight || next.Sub(edge) < nearMidnight {
		unknown("it is too near to midnight to tell one from the other: ask again in an hour")
		return
	}
	const seconds = "30 days ago to the second"
	for _, try := range []struct {
		from            time.Time
		value, evidence string
	}{
		{midnight, readings.LogReachCalendar, "a search from the midnight before " + seconds + " is answered, a second earlier not"},
		{edge.Add(time.Minute), readings.LogReachSeconds, "a search from " + seconds + " is answered, from the midnight before it is refused"},
		{next, readings.LogReachCalendarShort, "a search from " + seconds + " is refused, from the midnight after it is answered"},
	} {
		taken, refused := l.since(ctx, try.from)
		if taken && try.value == readings.LogReachCalendar {
			if earlier, _ := l.since(ctx, midnight.Add(-time.Second)); earlier {
				unknown("searches from more than 30 calendar days ago are answered too")
				return
			}
		}
		switch {
		case taken:
			l.Found(l.contract, l.kind.Job, readings.LogReach, try.value, try.evidence)
			return
		case !refused:
			unknown("a search of 30 days did not answer")
			return
		}
	}
	unknown("a search from the midnight 29 days ago is refused too")
}

// since asks for everything since a time, and reports whether that is answered with rows, or refused.
func (l *probedLog) since(ctx context.Context, start time.Time) (taken, refused bool) {
	answer, err := l.ask(ctx, start, l.carrier.Now().Truncate(time.Second))
	if refused = carrier.FailureOf(err).Status == 400; refused {
		l.Answered(l.contract, l.kind.Job, "") // it is asked for to be refused
	}
	return err == nil && len(answer.Value) > 0, refused
}

// roamed are the lines that the log has abroad since the month began.
func (l *probedLog) roamed() map[string]bool {
	year, month, _ := l.end.In(l.account.Zone).Date()
	begin := time.Date(year, month, 1, 0, 0, 0, 0, l.account.Zone).Unix()
	lines := make(map[string]bool)
	for _, row := range l.rows {
		if row.Session == schema.SessionRoaming && row.At >= begin {
			lines[row.LineNo] = true
		}
	}
	return lines
}
