package logs

import (
	"context"
	"fmt"
	"time"

	"github.com/sourcegraph/conc/pool"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/unom/api"
	"kaisen/schema"
)

// A log query answers at most 1,000 rows and does not say when there were more (UNO Mobile API v2.1 §1.1 of calls 04 and 05).
// So an answer that long is not believed: its window is halved, down to one second, and that second is asked for
// line by line. Windows are half open, [start, end): whether the carrier counts the end second in or not, a row at
// the end belongs to the next window, so every row is read exactly once either way. It may leave the start second out
// as well, so that queries begin a second before their window (early.go).

// window reads the rows of [start, end) and delivers them in order of time, in as many pieces as it takes.
func (r *Reader) window(ctx context.Context, sweep *collector.Sweep, start, end time.Time) (rows int, err error) {
	answer, err := r.ask(ctx, sweep, start, end, "")
	if unreadable(err) {
		return r.unreadable(ctx, sweep, start, end, err)
	}
	if err != nil {
		return 0, err
	}
	if !Full(answer) {
		return len(answer.Value), r.deliver(ctx, sweep, answer, start, end)
	}
	if end.Sub(start) <= time.Second {
		whole, err := r.byLine(ctx, sweep, answer, start, end)
		if err != nil {
			return 0, err
		}
		return len(whole.Value), r.deliver(ctx, sweep, whole, start, end)
	}
	return r.halves(ctx, sweep, start, end)
}

// halves reads a window as two.
func (r *Reader) halves(ctx context.Context, sweep *collector.Sweep, start, end time.Time) (int, error) {
	middle := start.Add((end.Sub(start) / 2).Truncate(time.Second))
	if !middle.After(start) {
		middle = start.Add(time.Second)
	}
	left, err := r.window(ctx, sweep, start, middle)
	if err != nil {
		return left, err
	}
	right, err := r.window(ctx, sweep, middle, end)
	return left + right, err
}

// query puts one query, of a window or from a second before it. Once a row at the end second has shown that the carrier
// counts it in, the second is left to the next window instead of being asked for twice.
func (r *Reader) query(ctx context.Context, sweep *collector.Sweep, from, end time.Time, lineNo string) (Answer, error) {
	q := api.LogQuery{Start: from, End: end, LineNo: lineNo}
	if r.endInside.Load() && (end.Sub(from) > time.Second || !r.noPoint.Load()) {
		q.End = end.Add(-time.Second)
	}
	answer, err := r.kind.Fetch(ctx, r.carrier, r.contract, q)
	if refused(err) && !q.End.After(q.Start) {
		r.noPoint.Store(true) // this carrier wants the end behind the start
		return r.query(ctx, sweep, from, end, lineNo)
	}
	if err != nil {
		return r.nothing(ctx, sweep, q, err)
	}
	r.like.answered()
	r.empties.Answered(r.contract, nil)
	if has(answer, q.End) {
		r.endInside.Store(true)
	}
	if len(answer.Value) == 0 && len(answer.Warnings) == 0 {
		return answer, r.empties.FoundNothing(ctx, sweep, r.kind.Job, api.EmptyOf(answer.Status, answer.Payload), answer.ObservedAt)
	}
	if lineNo != "" { // several are asked at once
		return answer, nil
	}
	return answer, r.tellReach(ctx, sweep, answer)
}

// byLine reads one second of one contract line by line: all lines known, and those the cut answer shows.
func (r *Reader) byLine(ctx context.Context, sweep *collector.Sweep, cut Answer, start, end time.Time) (Answer, error) {
	if err := r.lines.Discover(ctx, sweep, r.contract, cut.ObservedAt, lineNumbers(cut.Value)); err != nil {
		return Answer{}, err
	}
	workers := pool.NewWithResults[Answer]().WithMaxGoroutines(max(1, r.engine.Workers)).WithErrors()
	for _, lineNo := range r.lines.Numbers(r.contract) {
		key := schema.LineKey{Source: r.engine.Source, ContractID: r.contract, LineNo: lineNo}
		workers.Go(func() (Answer, error) {
			answer, err := r.ask(ctx, sweep, start, end, lineNo)
			if kind, ok := carrier.KindOf(err); ok && kind == api.KindNoSuchLine {
				return Answer{}, nil
			}
			if err == nil && Full(answer) {
				err = r.beyond(ctx, sweep, key, answer, start)
			}
			if err == nil && carrier.LeftOut(answer.Warnings) > 0 {
				r.lost(end)
			}
			if err == nil && len(answer.Warnings) > 0 {
				err = r.engine.Write(ctx, sweep, schema.Batch{DeadLetters: collector.DeadLetters(key, r.kind.Job, answer)})
			}
			return answer, err
		})
	}
	answers, err := workers.Wait()
	if err != nil {
		return Answer{}, err
	}
	whole := Answer{ObservedAt: cut.ObservedAt}
	for _, answer := range answers {
		whole.Value = append(whole.Value, answer.Value...)
	}
	return whole, nil
}

// Full reports whether an answer is as long as the carrier makes them, with the rows that could not be read.
func Full(answer Answer) bool {
	return len(answer.Value)+carrier.LeftOut(answer.Warnings) >= api.MaxRows
}

// beyond notes what cannot be read: over 1,000 rows of one line in one second. There is no narrower question.
func (r *Reader) beyond(ctx context.Context, sweep *collector.Sweep, key schema.LineKey, answer Answer, second time.Time) error {
	reason := fmt.Sprintf("%d or more rows of one line in the second %s: the rest cannot be asked for",
		api.MaxRows, second.Format(time.DateTime))
	r.lost(second.Add(time.Second))
	r.engine.Log.Warn("a log has rows that cannot be read", "log", r.kind.table, "line", key.String(), "reason", reason)
	return r.engine.Write(ctx, sweep, schema.Batch{DeadLetters: []schema.DeadLetter{{LineKey: key, Operation: r.kind.Job,
		Reason: reason, Status: uint16(answer.Status), Payload: answer.Payload, ObservedAt: answer.ObservedAt}}})
}

// maxUnreadable bounds how many unreadable answers one run looks behind before it leaves the log for the next run.
const maxUnreadable = 32

// unreadable narrows a window whose answer cannot be read down to the second at fault, so that one bad row costs
// one second and not the log. That second's answer is kept as a dead letter, and the log goes on behind it.
func (r *Reader) unreadable(ctx context.Context, sweep *collector.Sweep, start, end time.Time, cause error) (int, error) {
	key := schema.LineKey{Source: r.engine.Source, ContractID: r.contract}
	err := r.engine.Failed(ctx, sweep, key, r.kind.Job, cause)
	if r.unread++; r.unread > maxUnreadable || !unreadable(err) {
		return 0, err
	}
	if end.Sub(start) > time.Second {
		return r.halves(ctx, sweep, start, end)
	}
	r.lost(end)
	r.engine.Log.Warn("a second of a log cannot be read; its answer is in dead_letters",
		"log", r.kind.table, "contract", r.contract, "second", start.Format(time.DateTime))
	return 0, r.deliver(ctx, sweep, Answer{ObservedAt: r.carrier.Now()}, start, end)
}

func unreadable(err error) bool {
	kind, ok := carrier.KindOf(err)
	return ok && (kind == carrier.KindMalformed || kind == carrier.KindTooLarge)
}
