package carrier

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

// budget is an account's request budget, as a decorator of http.RoundTripper. Requests leave in the order in which
// they came, never faster than the carrier's bucket is believed to fill, never more than maxInFlight at a time (a
// slot is held until the answer's body is read or closed), and not at all during a pause. It reads the answers for
// what they say about the budget (429, 503) and passes them on unchanged.
type budget struct {
	base        http.RoundTripper
	maxInFlight int
	timeout     time.Duration // of one request, from its departure
	patience    time.Duration // 0: as long as the context
	nap         func(time.Duration)
	log         *slog.Logger
	rate        prometheus.Gauge
	waited      prometheus.Counter
	throttled   func(t trip, reason string)

	freed chan struct{} // capacity 1: tells the holder of the turn to look again

	mu       sync.Mutex
	queue    queue
	pacer    pacer
	pause    pause
	paused   chan struct{} // closed and replaced when a pause begins or grows
	inFlight int
}

func newBudget(cfg Config, base http.RoundTripper, m *Metrics, throttled func(trip, string), log *slog.Logger) *budget {
	b := &budget{
		base:        base,
		maxInFlight: cfg.MaxInFlight,
		timeout:     cfg.Timeout,
		patience:    cfg.Patience,
		nap:         nap,
		log:         log,
		rate:        m.rate.WithLabelValues(cfg.Source),
		waited:      m.waited.WithLabelValues(cfg.Source),
		throttled:   throttled,
		freed:       make(chan struct{}, 1),
		pacer:       newPacer(cfg.Limit),
		paused:      make(chan struct{}),
	}
	b.rate.Set(b.pacer.rate)
	return b
}

// longestWriting is how long a request may take to be written before the next one goes ahead all the same: a dial
// that hangs must not stop those that have a connection.
const longestWriting = time.Second

// RoundTrip waits for leave, and sends the request with a deadline that begins only then. It fails with an *Error
// where the account is paused for longer than the configured patience.
func (b *budget) RoundTrip(req *http.Request) (*http.Response, error) {
	permit, err := b.enter(req.Context())
	if err != nil {
		if req.Body != nil {
			_ = req.Body.Close() // RoundTrip owes it, and nothing was sent
		}
		return nil, err
	}
	trip := tripOf(req.Context())
	trip.departed, trip.sequence = permit.departed, permit.sequence
	ctx, cancel := context.WithTimeout(req.Context(), b.timeout)
	if permit.holding { // only this goroutine can have changed it so far
		late := time.AfterFunc(longestWriting, permit.written)
		defer late.Stop()
		ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
			WroteRequest: func(httptrace.WroteRequestInfo) { permit.written() },
		})
	}
	resp, err := b.base.RoundTrip(req.WithContext(ctx))
	permit.written()
	if err != nil {
		b.unanswered(permit, req.Context())
		permit.release()
		cancel()
		return nil, err
	}
	b.judge(permit, *trip, resp)
	resp.Body = &answerBody{ReadCloser: resp.Body, end: func() { permit.release(); cancel() }}
	return resp, nil
}

// answerBody ends a request's time under way with the end of its answer.
type answerBody struct {
	io.ReadCloser
	end func() // may be called again
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
