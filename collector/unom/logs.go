package unom

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/unom/api"
	"kaisen/schema"
)

const (
	// reach is how far back a log query may ask (UNO Mobile API v2.1 §1.2 of calls 04 and 05: 過去30日分).
	reach = collector.MaxLookback

	// guessed is how far the carrier's clock may go back without having been a mere guess: before its first answer
	// the local clock stands for it.
	guessed = time.Minute

	// firstStep and lastStep bound the windows a log is read in; between them they follow its density.
	firstStep, lastStep = 24 * time.Hour, time.Minute
	// wantedRows is how many rows a window should bring: well below the 1,000 at which an answer is not believed.
	wantedRows = 600
)

// logRow is what the carrier says of one event. Rows that are equal are distinguished by counting them.
type logRow struct {
	lineNo  string
	at      int64 // Unix seconds
	session schema.SessionType
	outcome string // schema.AuthResult or schema.SessionEventKind
}

// logAnswer is one answer of a log query.
type logAnswer = carrier.Answer[[]logRow]

// lineNumbers are the lines that rows are of.
func lineNumbers(rows []logRow) map[string]struct{} {
	numbers := make(map[string]struct{})
	for _, row := range rows {
		numbers[row.lineNo] = struct{}{}
	}
	return numbers
}

// logReader reads one log of one contract, from where it stopped.
type logReader struct {
	c        *Collector
	kind     logKind
	contract string

	watermark time.Time         // every row before it is written
	begun     time.Time         // from when on this process has read the log
	seen      map[logRow]int    // how many equal rows are written, for what is read again
	step      time.Duration     // the window that is likely to bring wantedRows
	unread    int               // answers of this run that could not be read
	rests     time.Time         // the carrier does not answer for this contract, which is not asked about until then
	backoff   collector.Backoff // over runs that gave up because answers could not be read
	trouble   error             // how the last of them ended
	endInside atomic.Bool       // the carrier counts the end second in
	noPoint   atomic.Bool       // it refuses a window that starts and ends in the same second
}

// sweepLogs reads one log of every contract. The job rests while the carrier answers for none of them.
func (c *Collector) sweepLogs(ctx context.Context, sweep *collector.Sweep, readers []*logReader) {
	c.takeIn(sweep.Job(), func(state schema.State) { c.restoreLogs(sweep.Job(), state) })
	resting := func(r *logReader) bool { return r.rests.After(time.Now()) }
	asked := slices.DeleteFunc(slices.Clone(readers), resting)
	collector.ForEach(ctx, c.Engine, sweep, asked, func(ctx context.Context, r *logReader) error {
		if err := r.readOrRest(ctx, sweep); err != nil {
			return fmt.Errorf("log %s of contract %s: %w", r.kind.table, r.contract, err)
		}
		return nil
	}, nil)
	var until time.Time
	for _, r := range readers {
		if !resting(r) {
			return
		}
		if until.IsZero() || r.rests.Before(until) {
			until = r.rests
		}
		sweep.Resting(1)
	}
	if len(readers) > 0 {
		sweep.Suspend(c.carrier.Now().Add(time.Until(until)))
	}
}

// readOrRest reads the log, unless it is to be left alone. A contract whose RADIUS is not the carrier's has no log (403,
// error table ⑧): it is asked about once a day. One whose answers cannot be read is asked less and less.
func (r *logReader) readOrRest(ctx context.Context, sweep *collector.Sweep) error {
	if !r.backoff.Ready(time.Now()) {
		return r.trouble
	}
	err := r.read(ctx, sweep)
	if carrier.ReasonOf(err) == api.ReasonNotComRadius {
		r.rests = time.Now().Add(deniedFor)
		r.c.Log.Info("the carrier has no log of a contract whose RADIUS is not its own: asked again in a day",
			"log", r.kind.table, "contract", r.contract)
		return nil
	}
	if err == nil || r.unread <= maxUnreadable {
		r.backoff = collector.Backoff{}
		return err
	}
	r.backoff.Ended(err, r.c.Jobs[r.kind.job].Interval, sweep.Started())
	r.trouble = fmt.Errorf("left alone until %s: %w", r.backoff.Until().Format(time.DateTime), err)
	return err
}

// read brings the log up to the carrier's now. The watermark moves with every window that is safe, so that what was
// read stays read whatever happens next.
func (r *logReader) read(ctx context.Context, sweep *collector.Sweep) error {
	r.unread = 0
	now := r.c.carrier.Now().Truncate(time.Second)
	from := r.from(now)
	if r.begun.IsZero() {
		r.begun = from
	}
	margin := time.Second
	for at := from; at.Before(now); {
		r.c.logProgress(sweep.Job(), r.contract, at.Sub(from), now.Sub(from))
		end := at.Add(min(r.step, now.Sub(at)))
		rows, err := r.window(ctx, sweep, at, end)
		if edge := r.c.carrier.Now().Add(-reach); tooOld(err, at, edge) {
			// The edge of what the carrier answers moves on while a request is under way.
			if at = later(at, edge.Add(margin)); margin > time.Hour {
				return err
			}
			margin *= 4
			continue
		}
		if err != nil {
			return err
		}
		clock := r.c.carrier.Now()
		if clock.Before(now.Add(-guessed)) || r.forgetAhead(clock) { // its clock was a guess until now, and all of this with it
			return r.read(ctx, sweep)
		}
		if end.Before(now) || end.Sub(at) == r.step {
			r.adapt(rows)
		}
		at = end
	}
	r.c.logProgress(sweep.Job(), r.contract, now.Sub(from), now.Sub(from))
	return nil
}

// forgetAhead drops a watermark that is a day ahead of the carrier's clock, which an answer whose clock was wrong has left:
// how far the log is read is not known then. It reports whether it did.
func (r *logReader) forgetAhead(clock time.Time) bool {
	if !r.watermark.After(clock.Add(24 * time.Hour)) {
		return false
	}
	r.c.Log.Warn("a log's watermark is in the future; the log is read from its beginning",
		"log", r.kind.table, "contract", r.contract, "watermark", r.watermark)
	r.watermark = time.Time{}
	return true
}

// tooOld reports whether a window was refused because it reaches back too far.
func tooOld(err error, start, edge time.Time) bool {
	kind, ok := carrier.KindOf(err)
	return ok && kind == carrier.KindInvalidRequest && start.Before(edge.Add(time.Hour))
}

// from is where a run starts: a little before the watermark, or as far back as configured, but never further than
// the carrier answers.
func (r *logReader) from(now time.Time) time.Time {
	oldest := now.Add(-reach)
	if r.watermark.IsZero() {
		return later(oldest, now.Add(-r.c.Jobs[r.kind.job].Lookback))
	}
	if r.watermark.Before(oldest) {
		r.c.Log.Warn("the carrier no longer tells a part of a log: nobody asked in time",
			"log", r.kind.table, "contract", r.contract, "from", r.watermark, "to", oldest)
	}
	return later(oldest, earlier(r.watermark, now).Add(-collector.LogOverlap))
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

// adapt makes the next window likely to bring wantedRows.
func (r *logReader) adapt(rows int) {
	step := r.step * 4
	if rows > 0 {
		step = min(step, r.step*wantedRows/time.Duration(rows))
	}
	r.step = min(max(step.Truncate(time.Second), lastStep), firstStep)
}

// deliver writes the rows of [start, end) that are news, and the watermark behind them in the same batch.
func (r *logReader) deliver(ctx context.Context, sweep *collector.Sweep, answer logAnswer, start, end time.Time) error {
	if err := r.c.discover(ctx, sweep, r.contract, schema.OriginLog, answer.ObservedAt, lineNumbers(answer.Value)); err != nil {
		return err
	}
	var batch schema.Batch
	told := make(map[logRow]int)
	for _, row := range answer.Value {
		if row.at < start.Unix() || row.at >= end.Unix() {
			continue
		}
		ordinal := told[row]
		told[row]++
		if ordinal >= r.seen[row] {
			r.c.noteRow(r.contract, row)
			key := schema.LineKey{Source: r.c.Source, ContractID: r.contract, LineNo: row.lineNo}
			r.kind.add(&batch, key, row, uint16(min(ordinal, 65535)), answer.ObservedAt, r.c.Zone)
		}
	}
	key := schema.LineKey{Source: r.c.Source, ContractID: r.contract}
	batch.DeadLetters = collector.DeadLetters(key, r.kind.job, answer)
	safe := earlier(end, answer.ObservedAt) // the carrier knows nothing of what comes after its answer
	if !safe.After(start) {
		safe = r.watermark
	}
	if safe.After(r.watermark) {
		batch.Watermarks = []schema.LogWatermark{{Source: r.c.Source, ContractID: r.contract, Log: r.kind.table,
			Watermark: safe, ObservedAt: answer.ObservedAt}}
	}
	if batch.Rows() > 0 {
		if err := r.c.Write(ctx, sweep, batch); err != nil {
			return err
		}
	}
	r.remember(told, safe)
	return nil
}

// remember notes what is written up to end, and forgets what will not be read again.
func (r *logReader) remember(told map[logRow]int, end time.Time) {
	for row, n := range told {
		r.seen[row] = max(n, r.seen[row])
	}
	if !end.After(r.watermark) {
		return
	}
	r.watermark = end
	oldest := end.Add(-collector.LogOverlap - time.Hour).Unix()
	maps.DeleteFunc(r.seen, func(row logRow, _ int) bool { return row.at < oldest })
}
