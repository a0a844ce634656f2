package logs

import (
	"context"
	"sync"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/unom/api"
	"kaisen/collector/unom/readings"
	"kaisen/schema"
)

// knownFor is for how long a contract counts as known after the carrier has answered a question about it. The call for
// its particulars is asked once a day where nothing else is.
const knownFor = 26 * time.Hour

// Empties are what the searches of an account that found nothing have shown.
type Empties struct {
	engine *collector.Engine

	mu    sync.Mutex
	known map[string]time.Time // contracts, and when one was last answered for
	asked map[string]time.Time // and when its particulars were last asked for, to know it
	told  map[string]time.Time // operations, and when their finding was last another
}

// NewEmpties makes what nothing has shown yet.
func NewEmpties(engine *collector.Engine) *Empties {
	return &Empties{engine: engine, known: make(map[string]time.Time), asked: make(map[string]time.Time), told: make(map[string]time.Time)}
}

// Answered notes how a question about a contract ended.
func (e *Empties) Answered(contract string, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err == nil {
		e.known[contract] = time.Now()
	} else if kind, ok := carrier.KindOf(err); ok && kind == api.KindNoSuchContract {
		delete(e.known, contract)
	}
}

// Knows reports whether the carrier has lately answered for a contract.
func (e *Empties) Knows(contract string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	at, known := e.known[contract]
	return known && time.Since(at) < knownFor
}

// MayAsk reports whether a contract that is not known may be asked for: once an hour, which bounds what a carrier costs that
// answers nothing else.
func (e *Empties) MayAsk(contract string) bool { return e.once(e.asked, contract, time.Hour) }

// mayTell reports whether a finding of an operation may be another one: a carrier that answers now so, now so is no
// news more than once a day.
func (e *Empties) mayTell(operation string) bool { return e.once(e.told, operation, 24*time.Hour) }

// once reports whether something was not done for so long, and notes that it is.
func (e *Empties) once(last map[string]time.Time, of string, in time.Duration) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if at, done := last[of]; done && time.Since(at) < in {
		return false
	}
	last[of] = time.Now()
	return true
}

// FoundNothing notes how an operation has said that it found nothing.
func (e *Empties) FoundNothing(ctx context.Context, sweep *collector.Sweep, operation string, form api.Empty, at time.Time) error {
	was := e.engine.Finding("", operation, readings.EmptyAnswer)
	if form == "" || was != "" && was != string(form) && !e.mayTell(operation) {
		return nil
	}
	return e.engine.Find(ctx, sweep, schema.CarrierFinding{Operation: operation, Reading: readings.EmptyAnswer, Value: string(form),
		Evidence: "a search that found nothing", ObservedAt: at})
}

const (
	// likeFor is for how long an answer shows that queries of its kind are answered.
	likeFor = time.Hour
	// likeAgain is how long after one that was not answered the next is put.
	likeAgain = 5 * time.Minute
)

// likeness is when a log was last answered with 200, and when that was last asked for.
type likeness struct {
	mu           sync.Mutex
	last, failed time.Time
}

func (l *likeness) answered() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = time.Now()
}

// nothing is the answer of a query that failed: an empty one where the failure is sure to mean that nothing was found.
// A 404 in the document's words does where the contract is known. A 400 does where the query is within reach and another
// of this log was lately answered: one that is refused whatever it asks for is a failure.
func (r *Reader) nothing(ctx context.Context, sweep *collector.Sweep, q api.LogQuery, err error) (Answer, error) {
	r.empties.Answered(r.contract, err)
	form := api.EmptyError(err)
	switch {
	case form == api.Empty404 && (r.empties.Knows(r.contract) || r.likeAnswered(ctx)):
	case form == api.Empty400 && r.within(q.Start, r.carrier.Now()) && r.likeAnswered(ctx):
	default:
		return Answer{}, err
	}
	failure := carrier.FailureOf(err)
	answer := Answer{ObservedAt: failure.ObservedAt, Status: failure.Status, Payload: failure.Payload}
	return answer, r.empties.FoundNothing(ctx, sweep, r.kind.Job, form, answer.ObservedAt)
}

// likeAnswered reports whether a query of this log was lately answered with 200. If none was, all of it is asked for.
func (r *Reader) likeAnswered(ctx context.Context) bool {
	r.like.mu.Lock()
	last, failed := r.like.last, r.like.failed
	if recent := time.Since(last) < likeFor; recent || time.Since(failed) < likeAgain {
		r.like.mu.Unlock()
		return recent
	}
	r.like.failed = time.Now()
	r.like.mu.Unlock()
	now := r.carrier.Now()
	_, after := r.midnights(now)
	_, err := r.all(ctx, after.Add(time.Minute), now)
	return err == nil
}

// tellEnd finds out once a day whether the rows of the end second are in an answer, by a query that ends at a second of
// which rows are known.
func (r *Reader) tellEnd(ctx context.Context, sweep *collector.Sweep) error {
	now := r.carrier.Now()
	_, after := r.midnights(now)
	if r.whole.Before(after.Add(time.Hour)) || r.whole.After(now.Add(-time.Minute)) || time.Since(r.endAsked) < 24*time.Hour {
		return nil
	}
	r.endAsked = time.Now()
	q := api.LogQuery{Start: r.whole.Add(-time.Second), End: r.whole}
	answer, err := r.kind.Fetch(ctx, r.carrier, r.contract, q)
	if err != nil {
		answer, err = r.nothing(ctx, sweep, q, err)
	}
	if err != nil || Full(answer) { // it shows nothing, and the log itself is read
		return nil
	}
	value, evidence := readings.LogEndOutside, "a row was not in the answer to a query that ended at its second"
	if has(answer, r.whole) {
		value, evidence = readings.LogEndInside, "a row was in the answer to a query that ended at its second"
	}
	r.endInside.Store(value == readings.LogEndInside)
	return r.find(ctx, sweep, readings.LogEnd, value, evidence, answer.ObservedAt)
}
