package logs

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/unom/api"
	"kaisen/collector/unom/readings"
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
	// radiusRest is how long a contract whose RADIUS is not the carrier's is left alone.
	radiusRest = 24 * time.Hour
	// wantedRows is how many rows a window should bring: well below the 1,000 at which an answer is not believed.
	wantedRows = 600
)

// Carrier is what answers queries of the logs.
type Carrier interface {
	Authentications(ctx context.Context, contractID string, q api.LogQuery) (carrier.Answer[[]api.Authentication], error)
	Sessions(ctx context.Context, contractID string, q api.LogQuery) (carrier.Answer[[]api.SessionEvent], error)
	// Now is the carrier's clock: days, months and windows turn by it, not by ours.
	Now() time.Time
}

// Lines are the account's lines, as far as they are known.
type Lines interface {
	// Numbers lists those of a contract.
	Numbers(contract string) []string
	// Discover takes in those that a log shows.
	Discover(ctx context.Context, sweep *collector.Sweep, contract string, at time.Time, numbers map[string]struct{}) error
	// Saw notes a row of a job's log that is news. It may be of long ago, and it may come again.
	Saw(job, contract string, row Row)
}

// Row is what the carrier says of one event. Rows that are equal are distinguished by counting them.
type Row struct {
	LineNo  string
	At      int64 // Unix seconds
	Session schema.SessionType
	Outcome string // schema.AuthResult or schema.SessionEventKind
}

// Answer is one answer of a query.
type Answer = carrier.Answer[[]Row]

// lineNumbers are the lines that rows are of.
func lineNumbers(rows []Row) map[string]struct{} {
	numbers := make(map[string]struct{})
	for _, row := range rows {
		numbers[row.LineNo] = struct{}{}
	}
	return numbers
}

// Reader reads one log of one contract, from where it stopped.
type Reader struct {
	engine   *collector.Engine
	carrier  Carrier
	lines    Lines
	empties  *Empties
	kind     Kind
	contract string

	watermark time.Time         // every row before it is written
	begun     time.Time         // from when on this process has read the log
	seen      map[Row]int       // how many equal rows are written, for what is read again
	step      time.Duration     // the window that is likely to bring wantedRows
	whole     time.Time         // a second of which all rows are read, some of them there; zero: none
	unread    int               // answers of this run that could not be read
	rests     time.Time         // the carrier does not answer for this contract, which is not asked about until then
	backoff   collector.Backoff // over runs that gave up because answers could not be read
	trouble   error             // how the last of them ended
	endInside atomic.Bool       // the carrier counts the end second in
	noPoint   atomic.Bool       // it refuses a window that starts and ends in the same second
	readTo    atomic.Int64      // the watermark in Unix seconds, for others
	gap       atomic.Int64      // the end of the last window of which rows could not be read, in Unix seconds
	endAsked  time.Time         // when that was last looked at

	reach knownReach
	again secondReading
	stops *stopTimes
	like  likeness
}

// NewReader prepares a reader; it asks nothing yet.
func NewReader(engine *collector.Engine, kind Kind, contract string, carrier Carrier, lines Lines, empties *Empties) *Reader {
	return &Reader{engine: engine, carrier: carrier, lines: lines, empties: empties, kind: kind, contract: contract,
		seen: make(map[Row]int), step: firstStep, stops: newStopTimes(), again: secondReading{step: firstStep, stops: newStopTimes()}}
}

// Contract is whose log it is.
func (r *Reader) Contract() string { return r.contract }

// ReadTo is the time up to which the log is read, by the carrier's clock; zero: it is not. Gap is the end of the last window of which
// rows were lost, because the carrier's answer could not be read; zero: there was none. Both may be called beside a sweep.
func (r *Reader) ReadTo() (read, gap time.Time) {
	at := func(seconds int64) time.Time {
		if seconds == 0 {
			return time.Time{}
		}
		return time.Unix(seconds, 0)
	}
	return at(r.readTo.Load()), at(r.gap.Load())
}

// setWatermark notes that every row before a time is written.
func (r *Reader) setWatermark(at time.Time) {
	r.watermark = at
	if at.IsZero() {
		r.readTo.Store(0)
	} else {
		r.readTo.Store(at.Unix())
	}
}

// lost notes that rows of a window that ends there could not be read.
func (r *Reader) lost(end time.Time) { r.gap.Store(max(r.gap.Load(), end.Unix())) }

// Restore takes in what an earlier process knew: the watermark, and the rows that will be read again. A log that this process
// has begun behind the watermark is read again from there. What was found of a log counts until it is found anew.
func (r *Reader) Restore(state schema.State) {
	for _, mark := range state.Watermarks {
		if mark.ContractID == r.contract && mark.Log == r.kind.table && (r.watermark.IsZero() || mark.Watermark.Before(r.begun)) {
			r.setWatermark(mark.Watermark)
			r.again.since = mark.ObservedAt
		}
	}
	if r.finding(readings.LogEnd) == readings.LogEndInside {
		r.endInside.Store(true)
	}
	r.kind.each(state, func(contract string, row Row, ordinal uint16) {
		if contract == r.contract {
			r.seen[row] = max(r.seen[row], int(ordinal)+1)
		}
	})
}

// progress reports how much of the log's time is read, in hundredths: a log counts like a hundred lines.
func (r *Reader) progress(sweep *collector.Sweep, done, total time.Duration) {
	if r.engine.Progress != nil && total > 0 {
		r.engine.Progress(r.engine.Source, sweep.Job()+" "+r.contract, int64(100*done/total), 100)
	}
}

// find writes what this log has shown of a point of the document.
func (r *Reader) find(ctx context.Context, sweep *collector.Sweep, reading, value, evidence string, at time.Time) error {
	return r.engine.Find(ctx, sweep, schema.CarrierFinding{ContractID: r.contract, Operation: r.kind.Job,
		Reading: reading, Value: value, Evidence: evidence, ObservedAt: at})
}

// finding is what this log has shown of a point of the document, "" while it has not.
func (r *Reader) finding(reading string) string {
	return r.engine.Finding(r.contract, r.kind.Job, reading)
}

// Sweep reads a log of every contract. The job rests while the carrier answers for none of them.
func Sweep(ctx context.Context, engine *collector.Engine, sweep *collector.Sweep, readers []*Reader) {
	resting := func(r *Reader) bool { return r.rests.After(time.Now()) }
	asked := slices.DeleteFunc(slices.Clone(readers), resting)
	collector.ForEach(ctx, engine, sweep, asked, func(ctx context.Context, r *Reader) error {
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
		sweep.Suspend(readers[0].carrier.Now().Add(time.Until(until)))
	}
}

// readOrRest reads the log, unless it is to be left alone. A contract whose RADIUS is not the carrier's has no log (403,
// error table ⑧): it is asked about once a day. One whose answers cannot be read is asked less and less.
func (r *Reader) readOrRest(ctx context.Context, sweep *collector.Sweep) error {
	if !r.backoff.Ready(time.Now()) {
		return r.trouble
	}
	err := r.read(ctx, sweep)
	if carrier.ReasonOf(err) == api.ReasonNotComRadius {
		r.rests = time.Now().Add(radiusRest)
		r.engine.Log.Info("the carrier has no log of a contract whose RADIUS is not its own: asked again in a day",
			"log", r.kind.table, "contract", r.contract)
		return nil
	}
	if err == nil || r.unread <= maxUnreadable {
		r.backoff = collector.Backoff{}
		return err
	}
	r.backoff.Ended(err, r.engine.Jobs[r.kind.Job].Interval, sweep.Started())
	r.trouble = fmt.Errorf("left alone until %s: %w", r.backoff.Until().Format(time.DateTime), err)
	return err
}
