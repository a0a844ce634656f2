package logs

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/collectortest"
	"kaisen/collector/unom/api"
	"kaisen/schema"
)

const contract = "N123456789"

var tokyo = time.FixedZone("Asia/Tokyo", 9*60*60)

func lineNo(i int) string { return fmt.Sprintf("0900000%04d", i) }

// fakeCarrier answers from what a test put in.
type fakeCarrier struct {
	log       []api.Authentication // the authentication log
	exclusive bool                 // the start second is outside a window
	inclusive bool                 // the end second is inside one
	pointless bool                 // a window that starts and ends in the same second is refused
	malformed map[int64]bool       // seconds whose rows make an answer unreadable
	now       time.Time            // zero: the local clock
	guess     atomic.Int64         // how far off Now is until the first answer, a time.Duration
}

func (f *fakeCarrier) Now() time.Time {
	if f.now.IsZero() {
		return time.Now()
	}
	return f.now.Add(time.Duration(f.guess.Load()))
}

// since reports whether a row's time is not before a query's start, as this carrier means it.
func (f *fakeCarrier) since(at, start time.Time) bool {
	return at.After(start) || !f.exclusive && at.Equal(start)
}

func (f *fakeCarrier) Sessions(context.Context, string, api.LogQuery) (carrier.Answer[[]api.SessionEvent], error) {
	return carrier.Answer[[]api.SessionEvent]{}, &carrier.Error{Kind: carrier.KindMalformed}
}

func (f *fakeCarrier) Authentications(_ context.Context, _ string, q api.LogQuery) (carrier.Answer[[]api.Authentication], error) {
	if f.pointless && q.Start.Equal(q.End) {
		return carrier.Answer[[]api.Authentication]{}, &carrier.Error{Kind: carrier.KindInvalidRequest, Status: 400}
	}
	if q.Start.Nanosecond() != 0 || q.End.Nanosecond() != 0 || f.now.Sub(q.Start) > 30*24*time.Hour {
		return carrier.Answer[[]api.Authentication]{}, &carrier.Error{Kind: carrier.KindInvalidRequest, Status: 400, Message: "startTime"}
	}
	var rows []api.Authentication
	for _, row := range f.log {
		if !f.since(row.At, q.Start) || !row.At.Before(q.End) && !(f.inclusive && row.At.Equal(q.End)) || (q.LineNo != "" && row.LineNo != q.LineNo) {
			continue
		}
		if f.malformed[row.At.Unix()] {
			return carrier.Answer[[]api.Authentication]{}, &carrier.Error{Kind: carrier.KindMalformed, Status: 200, Payload: []byte("torn")}
		}
		if rows = append(rows, row); len(rows) == api.MaxRows {
			break
		}
	}
	f.guess.Store(0)
	return carrier.Answer[[]api.Authentication]{Value: rows, Status: 200, ObservedAt: f.Now().Truncate(time.Second), ReceivedAt: time.Now()}, nil
}

// account reads the logs of one contract, with both of its jobs, and knows the lines that they show.
type account struct {
	*collector.Engine
	readers []*Reader
	numbers []string
}

func newAccount(c Carrier, sink collector.Sink, edit func(jobs map[string]collector.JobConfig)) *account {
	jobs := make(map[string]collector.JobConfig)
	for _, kind := range []Kind{Authentications(), Sessions()} {
		jobs[kind.Job] = collector.JobConfig{Interval: 5 * time.Minute, Lookback: collector.MaxLookback}
	}
	if edit != nil {
		edit(jobs)
	}
	engine := collector.NewEngine(collector.Account{Source: "hq", Zone: tokyo, Workers: 4, Jobs: jobs},
		collectortest.Deps(sink, prometheus.NewRegistry()), c.Now, nil)
	a, empties := &account{Engine: engine}, NewEmpties(engine)
	var all []collector.Job
	for _, kind := range []Kind{Authentications(), Sessions()} {
		r := NewReader(engine, kind, contract, c, a, empties)
		a.readers = append(a.readers, r)
		all = append(all, collector.Job{Name: kind.Job, Sweep: func(ctx context.Context, sweep *collector.Sweep, _ bool) {
			Sweep(ctx, engine, sweep, []*Reader{r})
		}})
	}
	engine.Prepare(nil, all...)
	return a
}

// Restore takes in what an earlier process knew.
func (a *account) Restore(state schema.State) {
	a.RestoreFindings(state)
	for _, row := range state.Lines {
		a.numbers = append(a.numbers, row.LineNo)
	}
	for _, r := range a.readers {
		r.Restore(state)
	}
}

func (a *account) Numbers(string) []string { return a.numbers }

func (a *account) Discover(ctx context.Context, sweep *collector.Sweep, contract string, _ time.Time, numbers map[string]struct{}) error {
	var rows schema.Batch
	for number := range numbers {
		if !slices.Contains(a.numbers, number) {
			a.numbers = append(a.numbers, number)
			rows.Lines = append(rows.Lines, schema.Line{LineKey: schema.LineKey{Source: a.Source, ContractID: contract, LineNo: number}})
		}
	}
	return a.Write(ctx, sweep, rows)
}

func (a *account) Saw(string, string, Row) {}

// sweepOnce runs one job once.
func sweepOnce(t testing.TB, a *account, job string) *collector.Sweep {
	t.Helper()
	sweep, err := a.SweepOnce(t.Context(), job, false)
	if err != nil {
		t.Fatal(err)
	}
	return sweep
}
