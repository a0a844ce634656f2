package ratelimit

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Limit is an account's request budget: the bucket that the server is believed to keep.
type Limit struct {
	RequestsPerSecond float64 // 0 and +Inf: no limit, until a complaint teaches one
	Burst             int     // the bucket's size, at least 1
	MaxInFlight       int     // requests whose answer is not complete, at least 1
}

// Config configures a Transport.
type Config struct {
	Limit
	Timeout time.Duration // of one request, from its departure to the last byte of its answer
	MaxWait time.Duration // how long a pause may hold a request up; 0: as long as its context allows
}

// Metrics are the self-metrics of one Transport.
type Metrics struct {
	Rate   prometheus.Gauge   // requests per second in force, +Inf for no limit
	Waited prometheus.Counter // seconds that requests waited for leave
}

// Transport is the budget. Requests under way hold a slot until their answer's body is read to its end or closed. It is
// safe for use by many goroutines.
type Transport struct {
	cfg          Config
	base         http.RoundTripper
	inspect      func(*http.Response) Verdict
	metrics      Metrics
	log          *slog.Logger
	preciseSleep func(time.Duration)

	freed chan struct{} // capacity 1: makes the holder of the turn look again

	mu       sync.Mutex
	queue    queue
	pacer    pacer
	pause    pause
	paused   chan struct{} // closed and replaced when a pause begins or grows
	inFlight int
}

// New makes a Transport in front of base. Inspect reads every answer for what it says about the budget; it may read of
// its body, but must leave it as it was.
func New(cfg Config, base http.RoundTripper, inspect func(*http.Response) Verdict, m Metrics, log *slog.Logger) *Transport {
	t := &Transport{
		cfg: cfg, base: base, inspect: inspect, metrics: m, log: log, preciseSleep: preciseSleep,
		freed: make(chan struct{}, 1), pacer: newPacer(cfg.Limit), paused: make(chan struct{}),
	}
	m.Rate.Set(t.pacer.rate)
	return t
}

// longestWriting is how long a request may take to be written before the next one goes ahead all the same: a dial
// that hangs must not stop those that have a connection.
const longestWriting = time.Second

// RoundTrip waits for leave, and sends the request with a deadline that begins only then. It fails with a *PausedError
// where a pause lasts longer than the request may wait.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	permit, err := t.enter(req.Context())
	if err != nil {
		if req.Body != nil {
			_ = req.Body.Close() // RoundTrip owes it, and nothing was sent
		}
		return nil, err
	}
	if d, ok := req.Context().Value(departureKey{}).(*Departure); ok {
		*d = Departure{At: permit.departed, sequence: permit.sequence, transport: t}
	}
	ctx, cancel := context.WithTimeout(req.Context(), t.cfg.Timeout)
	if permit.holding { // only this goroutine can have changed it so far
		late := time.AfterFunc(longestWriting, permit.written)
		defer late.Stop()
		ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
			WroteRequest: func(httptrace.WroteRequestInfo) { permit.written() },
		})
	}
	resp, err := t.base.RoundTrip(req.WithContext(ctx))
	permit.written()
	if err != nil {
		t.unanswered(permit, req.Context())
		permit.release()
		cancel()
		return nil, err
	}
	t.answered(permit, resp)
	resp.Body = &answerBody{resp.Body, permit, cancel}
	return resp, nil
}

// CloseIdleConnections closes the connections that no request uses, if the base can.
func (t *Transport) CloseIdleConnections() {
	if base, ok := t.base.(interface{ CloseIdleConnections() }); ok {
		base.CloseIdleConnections()
	}
}

// answerBody ends a request's time under way with the end of its answer.
type answerBody struct {
	io.ReadCloser
	permit *permit
	cancel context.CancelFunc
}

func (a *answerBody) Read(p []byte) (int, error) {
	n, err := a.ReadCloser.Read(p)
	if err == io.EOF {
		a.end()
	}
	return n, err
}

func (a *answerBody) Close() error {
	err := a.ReadCloser.Close()
	a.end()
	return err
}

// end may be called again.
func (a *answerBody) end() {
	a.permit.release()
	a.cancel()
}

// Departure is a Transport's record of a request, through the request's context as httptrace does it.
type Departure struct {
	At        time.Time // zero: the request never left
	sequence  uint64
	transport *Transport
}

type departureKey struct{}

// WithDeparture makes a Transport write into d when a request under the context leaves.
func WithDeparture(ctx context.Context, d *Departure) context.Context {
	return context.WithValue(ctx, departureKey{}, d)
}

// Throttled notes that the answer to the request complained in a way that only who decodes it can see. It counts like a
// Verdict of that outcome without a Wait.
func (d *Departure) Throttled(reason string) {
	if d.transport != nil {
		d.transport.throttle(d.sequence, Verdict{Outcome: Throttled, Reason: reason})
	}
}
