package carrier

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector/carrier/ratelimit"
)

// roundTrip is a carrier without a network, so that virtual time can pass (a goroutine that waits for a socket keeps
// a synctest bubble from it). It reports the request as written like net/http's transport.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		_, _ = io.Copy(io.Discard, req.Body)
	}
	if trace := httptrace.ContextClientTrace(req.Context()); trace != nil && trace.WroteRequest != nil {
		trace.WroteRequest(httptrace.WroteRequestInfo{})
	}
	return f(req)
}

// reply is an answer with headers given as name, value, name, value.
func reply(status int, body string, headers ...string) *http.Response {
	h := http.Header{}
	for i := 0; i+1 < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	return &http.Response{
		StatusCode: status, Header: h, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)),
	}
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

const goodToken = `{"accessToken":"token-1","tokenType":"BearerToken","expiresIn":"3599","issuedAt":"1559289842141"}`

func testConfig() Config {
	cfg := DefaultConfig()
	cfg.Source, cfg.BaseURL, cfg.TokenURL = "hq", "http://carrier.test", "http://carrier.test/token"
	cfg.ClientID, cfg.ClientSecret = "the-id", "the-secret"
	cfg.Limit = ratelimit.Limit{RequestsPerSecond: 100, Burst: 1, MaxInFlight: 8}
	return cfg
}

// newClient is a client of a carrier that hands out tokens and answers everything else by api.
func newClient(t testing.TB, cfg Config, api roundTrip) *Client {
	t.Helper()
	client, _ := newClientWithMetrics(t, cfg, roundTrip(func(req *http.Request) (*http.Response, error) {
		if req.Method == http.MethodPost {
			return reply(http.StatusCreated, goodToken), nil
		}
		return api(req)
	}))
	return client
}

func newClientWithMetrics(t testing.TB, cfg Config, base http.RoundTripper) (*Client, *prometheus.Registry) {
	t.Helper()
	reg := prometheus.NewPedanticRegistry()
	client, err := New(cfg, base, NewMetrics(reg), slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return client, reg
}

// withToken has the client fetch its token, and lets the pace forget it.
func withToken(t testing.TB, c *Client) {
	t.Helper()
	if _, err := c.tokens.Load().get(t.Context()); err != nil {
		t.Fatal(err)
	}
	time.Sleep(10 * time.Second)
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
