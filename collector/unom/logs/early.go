package logs

import (
	"context"
	"slices"
	"time"

	"kaisen/collector"
	"kaisen/collector/unom/readings"
	"kaisen/schema"
)

// The document calls startTime 検索対象の開始日時 (UNO Mobile API v2.1 §1.2 of calls 04 and 05) and does not say whether rows
// of that second are in the answer. So a query begins a second before its window: either way it has all rows of the
// window, and what comes with it from before is left to the window before. Which of the two holds need not be known,
// and may change. Roads not taken: finding it out once, as with the end second, loses rows for ever where the carrier
// changes it.

// ask asks for the rows of [start, end), and for those of the second before it where the log reaches back so far. The
// window is asked for by itself where that second may be what makes the answer too long, unreadable or refused.
func (r *Reader) ask(ctx context.Context, sweep *collector.Sweep, start, end time.Time, lineNo string) (Answer, error) {
	early, now := start.Add(-time.Second), r.carrier.Now()
	if !r.mayReach(early, now) {
		return r.query(ctx, sweep, start, end, lineNo)
	}
	answer, err := r.query(ctx, sweep, early, end, lineNo)
	switch {
	case unreadable(err):
		return r.readable(ctx, sweep, start, end, lineNo, err)
	case refused(err) && !r.within(early, now):
		return r.query(ctx, sweep, start, end, lineNo)
	case err != nil || !Full(answer) || end.Sub(start) > time.Second:
		return answer, err
	}
	own, err := r.query(ctx, sweep, start, end, lineNo)
	if err == nil && (has(answer, early) || has(own, start)) { // the carrier counts the start second in
		return own, nil
	}
	return answer, err
}

// mayReach reports whether the log may reach back to a second, as far as that is known.
func (r *Reader) mayReach(at, now time.Time) bool {
	oldest := r.oldest(now)
	if r.reach.value == "" || r.reach.value == readings.LogReachSeconds {
		oldest = oldest.Add(2 * time.Second) // the edge moves on while a request is under way
	}
	return !at.Before(oldest)
}

// readable asks for a window by itself whose answer could not be read together with the second before. Where that can be
// read, and does not show that the carrier counts the start second in, either of the two seconds may be at fault.
func (r *Reader) readable(ctx context.Context, sweep *collector.Sweep, start, end time.Time, lineNo string, cause error) (Answer, error) {
	own, err := r.query(ctx, sweep, start, end, lineNo)
	if err != nil || has(own, start) {
		return own, err
	}
	r.lost(start.Add(time.Second))
	key := schema.LineKey{Source: r.engine.Source, ContractID: r.contract, LineNo: lineNo}
	if err := r.engine.Failed(ctx, sweep, key, r.kind.Job, cause); !unreadable(err) {
		return own, err
	}
	return own, nil
}

// has reports whether an answer has rows of a second.
func has(answer Answer, second time.Time) bool {
	return slices.ContainsFunc(answer.Value, func(row Row) bool { return row.At == second.Unix() })
}
