package unom

import (
	"context"
	"fmt"
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
	whole     time.Time         // a second of which all rows are read, some of them there; zero: none
	unread    int               // answers of this run that could not be read
	rests     time.Time         // the carrier does not answer for this contract, which is not asked about until then
	backoff   collector.Backoff // over runs that gave up because answers could not be read
	trouble   error             // how the last of them ended
	endInside atomic.Bool       // the carrier counts the end second in
	noPoint   atomic.Bool       // it refuses a window that starts and ends in the same second
	endAsked  time.Time         // when that was last looked at

	reach logReach
	again secondReading
	stops *stopTimes
	like  likeness
}

func newLogReader(c *Collector, kind logKind, contract string) *logReader {
	return &logReader{c: c, kind: kind, contract: contract, seen: make(map[logRow]int), step: firstStep,
		stops: newStopTimes(), again: secondReading{step: firstStep, stops: newStopTimes()}}
}

// find writes what this log has shown of a point of the document.
func (r *logReader) find(ctx context.Context, sweep *collector.Sweep, reading, value, evidence string, at time.Time) error {
	return r.c.Find(ctx, sweep, schema.CarrierFinding{ContractID: r.contract, Operation: r.kind.job,
		Reading: reading, Value: value, Evidence: evidence, ObservedAt: at})
}

// finding is what this log has shown of a point of the document, "" while it has not.
func (r *logReader) finding(reading string) string {
	return r.c.Finding(r.contract, r.kind.job, reading)
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
	c.judgeFigures(ctx, sweep) // which may have waited for the lines that the log shows to roam
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
