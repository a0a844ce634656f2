package collector

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector/carrier"
	unom "kaisen/collector/unom/api"
	"kaisen/schema"
)

const contract = "N123456789"

// fakeCarrier answers from what a test put in. It is for what the simulator cannot be told to do; the whole pipeline
// is tested against the simulator in internal/app.
type fakeCarrier struct {
	mu        sync.Mutex
	lines     []unom.Line
	linesErr  error
	traffic   map[string]func() (carrier.Answer[unom.Traffic], error)
	members   []unom.ShareMember
	memberErr error
	session   func(lineNo string) (carrier.Answer[unom.Session], error)
	log       []unom.Authentication // the authentication log
	inclusive bool                  // the end second is inside a window
	pointless bool                  // a window that starts and ends in the same second is refused
	malformed map[int64]bool        // seconds whose rows make an answer unreadable
	desk      *desk                 // answers about contracts, products and orders; nil: 404 to all
	asked     []string
	now       time.Time    // zero: the local clock
	guess     atomic.Int64 // how far off Now is until the first answer, a time.Duration
}

var errNotTold = &carrier.Error{Kind: carrier.KindMalformed, Err: errors.New("nothing was put in")}

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
	f.guess.Store(0)
	return carrier.Answer[T]{Value: value, ObservedAt: f.Now().Truncate(time.Second), ReceivedAt: time.Now(), Status: 200}
}

func (f *fakeCarrier) Now() time.Time {
	if f.now.IsZero() {
		return time.Now()
	}
	return f.now.Add(time.Duration(f.guess.Load()))
}

func (f *fakeCarrier) Lines(context.Context, string) (carrier.Answer[[]unom.Line], error) {
	f.note("lines")
	f.mu.Lock()
	defer f.mu.Unlock()
	return answered(f, slices.Clone(f.lines)), f.linesErr
}

func (f *fakeCarrier) Traffic(_ context.Context, _, lineNo string) (carrier.Answer[unom.Traffic], error) {
	f.note("traffic " + lineNo)
	f.mu.Lock()
	answer := f.traffic[lineNo]
	f.mu.Unlock()
	if answer == nil {
		return carrier.Answer[unom.Traffic]{}, &carrier.Error{Kind: unom.KindNoSuchLine, Status: 404, ObservedAt: f.Now()}
	}
	return answer()
}

func (f *fakeCarrier) DataShareTraffic(_ context.Context, _, lineNo string) (carrier.Answer[unom.Traffic], error) {
	f.note("data_share_traffic " + lineNo)
	return carrier.Answer[unom.Traffic]{}, &carrier.Error{Kind: unom.KindNoShareGroup, Status: 404, ObservedAt: f.Now()}
}

func (f *fakeCarrier) DataShare(context.Context, string) (carrier.Answer[[]unom.ShareMember], error) {
	f.note("data_share")
	f.mu.Lock()
	defer f.mu.Unlock()
	return answered(f, slices.Clone(f.members)), f.memberErr
}

func (f *fakeCarrier) Session(_ context.Context, _, lineNo string) (carrier.Answer[unom.Session], error) {
	f.note("session " + lineNo)
	if f.session == nil {
		return carrier.Answer[unom.Session]{}, errNotTold
	}
	return f.session(lineNo)
}

func (f *fakeCarrier) Sessions(context.Context, string, unom.LogQuery) (carrier.Answer[[]unom.SessionEvent], error) {
	f.note("sessions")
	return answered[[]unom.SessionEvent](f, nil), nil
}

func (f *fakeCarrier) Authentications(_ context.Context, _ string, q unom.LogQuery) (carrier.Answer[[]unom.Authentication], error) {
	f.note("authentications")
	if f.pointless && q.Start.Equal(q.End) {
		return carrier.Answer[[]unom.Authentication]{}, &carrier.Error{Kind: carrier.KindInvalidRequest, Status: 400}
	}
	if q.Start.Nanosecond() != 0 || q.End.Nanosecond() != 0 || f.now.Sub(q.Start) > 30*24*time.Hour {
		return carrier.Answer[[]unom.Authentication]{}, &carrier.Error{Kind: carrier.KindInvalidRequest, Status: 400, Message: "startTime"}
	}
	var rows []unom.Authentication
	for _, row := range f.log {
		inside := !row.At.Before(q.Start) && (row.At.Before(q.End) || f.inclusive && row.At.Equal(q.End))
		if !inside || (q.LineNo != "" && row.LineNo != q.LineNo) {
			continue
		}
		if f.malformed[row.At.Unix()] {
			return carrier.Answer[[]unom.Authentication]{}, &carrier.Error{Kind: carrier.KindMalformed, Status: 200, Payload: []byte("torn")}
		}
		if rows = append(rows, row); len(rows) == unom.MaxRows {
			break
		}
	}
	return answered(f, rows), nil
}

// memory is a sink that keeps what it is given.
type memory struct {
	mu   sync.Mutex
	rows schema.Batch
	fail func() error // nil: accept
}

func (m *memory) Write(_ context.Context, b schema.Batch) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		if err := m.fail(); err != nil {
			return err
		}
	}
	m.rows.Append(b)
	return nil
}

func (m *memory) all() schema.Batch {
	m.mu.Lock()
	defer m.mu.Unlock()
	var copied schema.Batch
	copied.Append(m.rows)
	return copied
}

func newUnom(c Carrier, sink Sink, edit func(*Config)) *Unom {
	cfg := DefaultConfig()
	cfg.Source, cfg.Contracts, cfg.Workers = "hq", []string{contract}, 4
	if edit != nil {
		edit(&cfg)
	}
	return New(cfg, c, sink, NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler), nil)
}

// sweep runs one job once.
func sweepOnce(t testing.TB, u *Unom, name string) *pass {
	t.Helper()
	for _, j := range append(append(u.lineJobs(), u.contractJobs()...), u.inventoryJob()) {
		if j.name == name {
			return u.run(t.Context(), j, false)
		}
	}
	t.Fatalf("no job %s", name)
	return nil
}
