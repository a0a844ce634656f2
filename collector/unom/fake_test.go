package unom

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/collectortest"
	"kaisen/collector/unom/api"
)

const contract = "N123456789"

var tokyo = time.FixedZone("Asia/Tokyo", 9*60*60)

// fakeCarrier answers from what a test put in. It is for what the simulator cannot do; the whole pipeline
// is tested against the simulator in internal/app.
type fakeCarrier struct {
	mu              sync.Mutex
	lines           []api.Line
	linesErr        error
	odd             []carrier.Warning // what is odd in the lists of lines and of members
	linesTake       time.Duration     // how long call 02 takes
	traffic         map[string]func() (carrier.Answer[api.Traffic], error)
	members         []api.ShareMember
	memberErr       error
	shareTraffic    func(lineNo string) (carrier.Answer[api.Traffic], error) // nil: no share group
	session         func(lineNo string) (carrier.Answer[api.Session], error)
	logErr          error                // what both logs answer
	log             []api.Authentication // the authentication log
	contractAnswers *contractAnswers     // answers about contracts, products and orders; nil: 404 to all
	asked           []string
	now             time.Time // zero: the local clock
}

var errNotTold = &carrier.Error{Kind: carrier.KindMalformed, Err: errors.New("nothing was put in")}

// edit changes what it answers while it is asked.
func (f *fakeCarrier) edit(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *fakeCarrier) note(call string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, call)
}

func (f *fakeCarrier) calls(prefix string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, call := range f.asked {
		if strings.HasPrefix(call, prefix) {
			n++
		}
	}
	return n
}

func answered[T any](f *fakeCarrier, value T) carrier.Answer[T] {
	return carrier.Answer[T]{Value: value, ObservedAt: f.Now().Truncate(time.Second), ReceivedAt: time.Now(), Status: 200}
}

func (f *fakeCarrier) Now() time.Time {
	if f.now.IsZero() {
		return time.Now()
	}
	return f.now
}

func (f *fakeCarrier) Lines(ctx context.Context, _ string) (carrier.Answer[[]api.Line], error) {
	f.note("lines")
	select {
	case <-ctx.Done():
		return carrier.Answer[[]api.Line]{}, ctx.Err()
	case <-time.After(f.linesTake):
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	answer := answered(f, slices.Clone(f.lines))
	answer.Warnings = f.odd
	return answer, f.linesErr
}

func (f *fakeCarrier) Traffic(_ context.Context, _, lineNo string) (carrier.Answer[api.Traffic], error) {
	f.note("traffic " + lineNo)
	f.mu.Lock()
	answer := f.traffic[lineNo]
	f.mu.Unlock()
	if answer == nil {
		return carrier.Answer[api.Traffic]{}, &carrier.Error{Kind: api.KindNoSuchLine, Status: 404, ObservedAt: f.Now()}
	}
	return answer()
}

func (f *fakeCarrier) DataShareTraffic(_ context.Context, _, lineNo string) (carrier.Answer[api.Traffic], error) {
	f.note("data_share_traffic " + lineNo)
	if f.shareTraffic != nil {
		return f.shareTraffic(lineNo)
	}
	return carrier.Answer[api.Traffic]{}, &carrier.Error{Kind: api.KindNoShareGroup, Status: 404, ObservedAt: f.Now()}
}

func (f *fakeCarrier) DataShare(context.Context, string) (carrier.Answer[[]api.ShareMember], error) {
	f.note("data_share")
	f.mu.Lock()
	defer f.mu.Unlock()
	answer := answered(f, slices.Clone(f.members))
	answer.Warnings = f.odd
	return answer, f.memberErr
}

func (f *fakeCarrier) Session(_ context.Context, _, lineNo string) (carrier.Answer[api.Session], error) {
	f.note("session " + lineNo)
	if f.session == nil {
		return carrier.Answer[api.Session]{}, errNotTold
	}
	return f.session(lineNo)
}

func (f *fakeCarrier) Sessions(context.Context, string, api.LogQuery) (carrier.Answer[[]api.SessionEvent], error) {
	f.note("sessions")
	return answered[[]api.SessionEvent](f, nil), f.logErr
}

func (f *fakeCarrier) Authentications(_ context.Context, _ string, q api.LogQuery) (carrier.Answer[[]api.Authentication], error) {
	f.note("authentications")
	var rows []api.Authentication
	for _, row := range f.log {
		if !row.At.Before(q.Start) && row.At.Before(q.End) {
			rows = append(rows, row)
		}
	}
	return answered(f, rows), f.logErr
}

// settings are what a test may have otherwise.
type settings struct {
	collector.Account
	Contracts []string
	Extra     []ExtraLine
	Metrics   *prometheus.Registry
}

func newUnom(c Carrier, sink collector.Sink, edit func(*settings)) *Collector {
	cfg := settings{Contracts: []string{contract}, Metrics: prometheus.NewRegistry(), Account: collector.Account{
		Source: "hq", Zone: tokyo, Workers: 4, Jobs: Kind().DefaultJobs()}}
	if edit != nil {
		edit(&cfg)
	}
	cfg.Account.Settings = &Settings{Contracts: cfg.Contracts}
	return New(cfg.Account, cfg.Extra, c, newGauges(cfg.Metrics), collectortest.Deps(sink, cfg.Metrics))
}

// sweepOnce runs one job once.
func sweepOnce(t testing.TB, u *Collector, name string) *collector.Sweep {
	t.Helper()
	sweep, err := u.SweepOnce(t.Context(), name, false)
	if err != nil {
		t.Fatal(err)
	}
	return sweep
}
