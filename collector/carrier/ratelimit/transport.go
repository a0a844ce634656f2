package ratelimit

import (
	"context"
	"errors"
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
	DailyRequests     int     // in a day of the server's at most; 0: as many as the rate allows
}

// Config configures a Transport.
type Config struct {
	Limit
	Timeout time.Duration // of one request, from its departure to the last byte of its answer
	MaxWait time.Duration // how long a pause may hold a request up; 0: as long as its context allows
	Daily   DailyConfig   // needed where Limit has DailyRequests
}

// Transport is the budget. Requests under way hold a slot until their answer's body is read to its end or closed. It is
// safe for use by many goroutines.
type Transport struct {
	cfg          Config
	base         http.RoundTripper
	inspect      func(*http.Response) Verdict
	waited       prometheus.Counter
	logger       *slog.Logger
	preciseSleep func(time.Duration)

	mu         sync.Mutex
	account    gate
	operations map[string]*operation
	promised   int // requests of visits that have not left yet
	records    []record
}

// New makes a Transport in front of base. Inspect reads every answer for what it says about the budget; it may read of
// its body, but must leave it as it was. Waited counts the seconds that requests waited for leave.
func New(cfg Config, base http.RoundTripper, inspect func(*http.Response) Verdict, waited prometheus.Counter, log *slog.Logger) *Transport {
	t := &Transport{
		cfg: cfg, base: base, inspect: inspect, waited: waited, logger: log, preciseSleep: preciseSleep,
		operations: make(map[string]*operation),
	}
	t.account = newGate(t, "")
	t.account.slots, t.account.exclusive, t.account.daily = cfg.MaxInFlight, true, newDaily(cfg.DailyRequests, cfg.Daily)
	return t
}

// longestWriting is how long a request may take to be written before the next one goes ahead all the same: a dial
// that hangs must not stop those that have a connection.
const longestWriting = time.Second

// RoundTrip waits for leave, and sends the request with a deadline that begins only then. It fails with a *PausedError
// where a pause lasts longer than the request may wait, and where the budget of the day is used up.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	call, _ := req.Context().Value(callKey{}).(*Call)
	permit, err := t.enter(req.Context(), call)
	if err != nil {
		if req.Body != nil {
			_ = req.Body.Close() // RoundTrip owes it, and nothing was sent
		}
		return nil, err
	}
	if call != nil {
		call.Departed = permit.departed
	}
	ctx, cancel := context.WithTimeout(req.Context(), t.cfg.Timeout)
	if permit.timed { // only this goroutine can have changed it so far
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
	verdict := t.verdictOn(call, resp)
	own := t.answered(permit, verdict)
	if call != nil {
		call.Verdict, call.Own = verdict, own
	}
	resp.Body = &answerBody{resp.Body, permit, cancel}
	return resp, nil
}

// enter waits for leave: for the item, at the operation's gate if that is shut, and at the account's.
func (t *Transport) enter(ctx context.Context, call *Call) (*permit, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	arrived := time.Now()
	p := &permit{transport: t}
	t.mu.Lock()
	if call != nil {
		p.operation, p.names = t.operationOf(call.Operation), [2]string{call.Item, call.Group}
		p.own.flow, p.account.flow = call.Flow, call.Flow
	}
	if op := p.operation; op == nil || !op.troubled && len(op.items) == 0 {
		waits, passed := t.account.try(arrived, &p.account)
		if passed {
			p.leave(arrived)
			t.mu.Unlock()
			return p, nil
		}
		t.mu.Unlock()
		defer t.countWait(arrived)
		err := t.account.await(ctx, waits, &p.account, &maxWait{limit: t.cfg.MaxWait, permit: p})
		if errors.Is(err, errOvertaken) {
			err = t.enterInTrouble(ctx, p)
		}
		return t.left(p, err)
	}
	t.mu.Unlock()
	defer t.countWait(arrived)
	return t.left(p, t.enterInTrouble(ctx, p))
}

// errOvertaken says that the operation has paused while the request waited for the account: it has to wait at the
// operation's gate.
var errOvertaken = errors.New("the operation has paused")

// longPause is what keeps back those that wait for the account already. A shorter pause is the operation's search for its
// pace, and the sooner it has an answer the sooner it finds that.
const longPause = 2 * time.Second

// overtaken reports that; the lock is held.
func (p *permit) overtaken(now time.Time) bool {
	if p == nil || p.operation == nil || !p.operation.troubled || p.own.probe {
		return false
	}
	until, held := p.operation.gate.pause.holds(now)
	return held && until.Sub(now) > longPause
}

// enterInTrouble waits for leave to ask for an operation that complained.
func (t *Transport) enterInTrouble(ctx context.Context, p *permit) error {
	wait := &maxWait{limit: t.cfg.MaxWait}
	for {
		if err := t.passGates(ctx, p, wait); !errors.Is(err, errOvertaken) {
			return err
		}
	}
}

// passGates waits for the item, at the operation's gate and at the account's.
func (t *Transport) passGates(ctx context.Context, p *permit, wait *maxWait) error {
	for i, name := range p.names {
		if name == "" {
			continue
		}
		if err := t.awaitItem(ctx, p.operation, name, i > 0); err != nil {
			return err
		}
	}
	t.mu.Lock()
	troubled := p.operation.troubled
	t.mu.Unlock()
	if troubled {
		if err := p.operation.gate.enter(ctx, &p.own, wait); err != nil {
			return err
		}
	}
	wait.permit = p
	err := t.account.enter(ctx, &p.account, wait)
	wait.permit = nil
	if err != nil {
		t.mu.Lock()
		p.own.forgo()
		p.own = turn{flow: p.own.flow}
		t.mu.Unlock()
	}
	return err
}

// left is a permit once its request may leave.
func (t *Transport) left(p *permit, err error) (*permit, error) {
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	p.leave(time.Now())
	t.mu.Unlock()
	return p, nil
}

func (t *Transport) countWait(since time.Time) { t.waited.Add(time.Since(since).Seconds()) }

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

// Held is a body that may have been read into memory already, by whoever inspected it.
type Held interface {
	// Held is what is left of it; whole reports whether that is all, so that it need not be read.
	Held() (body []byte, whole bool)
}

// Held implements Held.
func (a *answerBody) Held() (body []byte, whole bool) {
	if inner, held := a.ReadCloser.(Held); held {
		return inner.Held()
	}
	return nil, false
}

// end may be called again.
func (a *answerBody) end() {
	a.permit.release()
	a.cancel()
}

// Call is a request as its budget sees it, through the request's context as httptrace does it: what it asks for, and
// what became of it.
type Call struct {
	Operation string // what complaints are judged by; "": they are the account's, as are those of a token's request
	Item      string // what the operation asks about; "": nothing in particular. It is never logged
	Group     string // what the item is one of, which may be in trouble as a whole; "": nothing
	Flow      Flow   // on whose behalf it is sent
	// Inspect reads the answer in place of the Transport's own; nil: that.
	Inspect func(*http.Response) Verdict

	Own      bool      // its answer is a complaint of the item, or of its group, alone
	Departed time.Time // zero: the request never left
	Verdict  Verdict   // on its answer; none yet is Accepted
}

type callKey struct{}

// WithCall makes a Transport read and write c for a request under the context.
func WithCall(ctx context.Context, c *Call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}
