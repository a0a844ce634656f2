package unom

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

// searches is a carrier whose lists are empty where a 404 means no more than that. The logs, where a 400 may mean it too,
// are read by logs.Reader.
type searches struct {
	Carrier
	empty *empties
}

// empties are what the searches of an account that found nothing have shown.
type empties struct {
	engine *collector.Engine

	mu    sync.Mutex
	known map[string]time.Time // contracts, and when one was last answered for
	asked map[string]time.Time // and when its particulars were last asked for, to know it
	told  map[string]time.Time // operations, and when their finding was last another
}

func newEmpties(engine *collector.Engine) *empties {
	return &empties{engine: engine, known: make(map[string]time.Time), asked: make(map[string]time.Time), told: make(map[string]time.Time)}
}

// Answered notes how a question about a contract ended.
func (e *empties) Answered(contract string, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err == nil {
		e.known[contract] = time.Now()
	} else if kind, ok := carrier.KindOf(err); ok && kind == api.KindNoSuchContract {
		delete(e.known, contract)
	}
}

// Knows reports whether the carrier has lately answered for a contract.
func (e *empties) Knows(contract string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	at, known := e.known[contract]
	return known && time.Since(at) < knownFor
}

// mayAsk reports whether a contract that is not known may be asked for: once an hour, which bounds what a carrier costs that
// answers nothing else.
func (e *empties) mayAsk(contract string, now time.Time) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if at, asked := e.asked[contract]; asked && now.Sub(at) < time.Hour {
		return false
	}
	e.asked[contract] = now
	return true
}

// mayTell reports whether a finding of an operation may be another one: a carrier that answers now so, now so is no
// news more than once a day.
func (e *empties) mayTell(operation string, now time.Time) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if at, told := e.told[operation]; told && now.Sub(at) < 24*time.Hour {
		return false
	}
	e.told[operation] = now
	return true
}

// FoundNothing notes how an operation has said that it found nothing.
func (e *empties) FoundNothing(ctx context.Context, sweep *collector.Sweep, operation string, form api.Empty, at time.Time) error {
	was := e.engine.Finding("", operation, readings.EmptyAnswer)
	if form == "" || was != "" && was != string(form) && !e.mayTell(operation, time.Now()) {
		return nil
	}
	return e.engine.Find(ctx, sweep, schema.CarrierFinding{Operation: operation, Reading: readings.EmptyAnswer, Value: string(form),
		Evidence: "a search that found nothing", ObservedAt: at})
}

// listOr is the answer of a call for a list; of a 404 that means that nothing is in it, an empty one.
func listOr[T any](ctx context.Context, s searches, operation, contract string, answer carrier.Answer[[]T], err error) (carrier.Answer[[]T], error) {
	s.empty.Answered(contract, err)
	form := api.EmptyError(err)
	switch {
	case err == nil && len(answer.Value) == 0 && carrier.LeftOut(answer.Warnings) == 0:
		form = api.EmptyOf(answer.Status, answer.Payload)
	case form == api.Empty404 && s.isKnown(ctx, contract):
		failure := collector.FailureOf(err)
		answer = carrier.Answer[[]T]{ObservedAt: failure.ObservedAt, ReceivedAt: time.Now(), Status: failure.Status, Payload: failure.Payload}
	default:
		return answer, err
	}
	return answer, s.empty.FoundNothing(ctx, new(collector.Sweep), operation, form, answer.ObservedAt)
}

// isKnown reports whether the carrier knows a contract, for whose lists it has answered 404. A list may be the first thing
// that is asked for.
func (s searches) isKnown(ctx context.Context, contract string) bool {
	if !s.empty.Knows(contract) && s.empty.mayAsk(contract, time.Now()) {
		_, _ = s.Contract(ctx, contract)
	}
	return s.empty.Knows(contract)
}

func (s searches) Lines(ctx context.Context, contract string) (carrier.Answer[[]api.Line], error) {
	answer, err := s.Carrier.Lines(ctx, contract)
	return listOr(ctx, s, "lines", contract, answer, err)
}

func (s searches) DataShare(ctx context.Context, contract string) (carrier.Answer[[]api.ShareMember], error) {
	answer, err := s.Carrier.DataShare(ctx, contract)
	return listOr(ctx, s, "data_share", contract, answer, err)
}

func (s searches) Products(ctx context.Context, contract string) (carrier.Answer[[]api.Product], error) {
	answer, err := s.Carrier.Products(ctx, contract)
	return listOr(ctx, s, "products", contract, answer, err)
}

func (s searches) Orders(ctx context.Context, contract string) (carrier.Answer[[]api.Order], error) {
	answer, err := s.Carrier.Orders(ctx, contract)
	return listOr(ctx, s, "orders", contract, answer, err)
}

func (s searches) CompletedOrders(ctx context.Context, contract string) (carrier.Answer[[]api.Order], error) {
	answer, err := s.Carrier.CompletedOrders(ctx, contract)
	return listOr(ctx, s, "completed_orders", contract, answer, err)
}

// Contract, Traffic and Session show that the contract is known.
func (s searches) Contract(ctx context.Context, contract string) (carrier.Answer[api.Contract], error) {
	answer, err := s.Carrier.Contract(ctx, contract)
	s.empty.Answered(contract, err)
	return answer, err
}

// Traffic is likewise.
func (s searches) Traffic(ctx context.Context, contract, lineNo string) (carrier.Answer[api.Traffic], error) {
	answer, err := s.Carrier.Traffic(ctx, contract, lineNo)
	s.empty.Answered(contract, err)
	return answer, err
}

// Session is likewise.
func (s searches) Session(ctx context.Context, contract, lineNo string) (carrier.Answer[api.Session], error) {
	answer, err := s.Carrier.Session(ctx, contract, lineNo)
	s.empty.Answered(contract, err)
	return answer, err
}
