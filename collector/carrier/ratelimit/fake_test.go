package ratelimit

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// roundTrip is a server without a network, so that virtual time can pass (a goroutine that waits for a socket keeps a
// synctest bubble from it). It reports the request as written like net/http's transport.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) {
	if trace := httptrace.ContextClientTrace(req.Context()); trace != nil && trace.WroteRequest != nil {
		trace.WroteRequest(httptrace.WroteRequestInfo{})
	}
	return f(req)
}

// reply is an answer with headers given as name, value, name, value.
func reply(status int, headers ...string) *http.Response {
	h := http.Header{}
	for i := 0; i+1 < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader("{}"))}
}

// latency passes before an answer, unless the request is given up.
func latency(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func testConfig() Config {
	return Config{Limit: Limit{RequestsPerSecond: 100, Burst: 1, MaxInFlight: 8}, Timeout: 30 * time.Second}
}

// byStatus takes 429 for a complaint and 503 for maintenance.
func byStatus(resp *http.Response) Verdict {
	seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
	verdict := Verdict{Wait: time.Duration(seconds) * time.Second}
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		verdict.Outcome, verdict.Reason = Throttled, "429"
	case http.StatusServiceUnavailable:
		verdict.Outcome = Down
	}
	return verdict
}

func newTransport(cfg Config, base http.RoundTripper) *Transport {
	waited := prometheus.NewCounter(prometheus.CounterOpts{Name: "waited"})
	return New(cfg, base, byStatus, waited, slog.New(slog.NewTextHandler(io.Discard, nil)))
}

// newFake is a Transport for virtual time.
func newFake(cfg Config, base roundTrip) *Transport {
	transport := newTransport(cfg, base)
	transport.preciseSleep = func(time.Duration) {} // it would pass real time, in which nothing happens
	return transport
}

func request(ctx context.Context, path string) *http.Request {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://carrier.test"+path, nil)
	if err != nil {
		panic(err) // the address is a constant
	}
	return req
}

// ask sends a request until its answer is no complaint, as a client does.
func ask(req *http.Request, transport http.RoundTripper) error {
	for {
		resp, err := transport.RoundTrip(req)
		if err == nil {
			_, err = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
			if err == nil && resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		if req.Context().Err() != nil {
			return fmt.Errorf("given up: %w", err)
		}
		if err != nil {
			time.Sleep(500 * time.Millisecond)
		}
	}
}

// sweep asks n times with so many workers, and is how long it took.
func sweep(t testing.TB, transport http.RoundTripper, address string, workers, n int) time.Duration {
	t.Helper()
	start := time.Now()
	var next atomic.Int64
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for next.Add(1) <= int64(n) {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
				if err == nil {
					err = ask(req, transport)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	return time.Since(start)
}

// times are when things happened, since a start.
type times struct {
	mu    sync.Mutex
	start time.Time
	all   []time.Duration
}

func newTimes() *times { return &times{start: time.Now()} }

func (t *times) note() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = append(t.all, time.Since(t.start))
	return len(t.all)
}

func (t *times) list() []time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]time.Duration(nil), t.all...)
}
