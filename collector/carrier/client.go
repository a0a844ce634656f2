package carrier

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// Client is one account of the carrier. It is safe for use by many goroutines, which share its budget and token.
type Client struct {
	cfg     Config
	base    string // BaseURL without a slash at its end
	budget  *budget
	tokens  *tokenSource
	metrics *Metrics

	accept, contentType, userAgent []string // header values, shared by all requests

	skew      atomic.Int64 // nanoseconds that the carrier's clock is ahead of ours
	requests  atomic.Uint64
	throttles atomic.Uint64
}

// New makes a client, inert until it is used. Without a base it makes its own transport, which keeps a connection for
// each request in flight. It fails on a configuration it could not work with, listing everything wrong.
func New(cfg Config, base http.RoundTripper, m *Metrics, log *slog.Logger) (*Client, error) {
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("source %s: %w", cfg.Source, err)
	}
	if base == nil {
		base = newTransport(cfg.MaxInFlight)
	}
	c := &Client{cfg: cfg, base: strings.TrimRight(cfg.BaseURL, "/"), metrics: m,
		accept: []string{"application/json"}, contentType: []string{"application/json"}, userAgent: []string{cfg.UserAgent}}
	c.budget = newBudget(cfg, base, m, c.throttled, log.With("source", cfg.Source))
	c.tokens = newTokenSource(cfg, c)
	return c, nil
}

// newTransport keeps as many idle connections as there can be requests: net/http's two would cost a handshake for
// almost every request of a sweep.
func newTransport(connections int) *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		TLSHandshakeTimeout: 10 * time.Second,
		MaxIdleConns:        0, // bounded per host
		MaxIdleConnsPerHost: connections,
		IdleConnTimeout:     90 * time.Second,
		ForceAttemptHTTP2:   true,
	}
}

// asError is err as the *Error that every call promises.
func asError(operation string, err error) *Error {
	var failure *Error
	if errors.As(err, &failure) {
		return failure
	}
	return &Error{Operation: operation, Kind: KindNetwork, ObservedAt: time.Now(), Err: err}
}

// Throttled notes that a reply with status 200 said in its body that there were too many requests (call 26,
// resultCode 2). It counts like a 429 without Retry-After.
func (c *Client) Throttled(reply Reply, reason string) {
	c.budget.throttle(reply.trip, reason, 0)
}

func (c *Client) throttled(t trip, reason string) {
	c.throttles.Add(1)
	t.tally.throttled()
	c.metrics.throttled.WithLabelValues(c.cfg.Source, reason).Inc()
}

// Warned counts the warnings of one decoded answer.
func (c *Client) Warned(operation string, warnings []Warning) {
	for _, w := range warnings {
		c.metrics.warnings.WithLabelValues(operation, w.Field, w.Reason).Inc()
	}
}

// Now is the carrier's clock: the local one, moved by what the newest Date header differed. It is right to about a
// second, and local until there was an answer.
func (c *Client) Now() time.Time { return time.Now().Add(time.Duration(c.skew.Load())) }

// CloseIdleConnections closes the connections that no request uses, for a clean end.
func (c *Client) CloseIdleConnections() {
	if base, ok := c.budget.base.(interface{ CloseIdleConnections() }); ok {
		base.CloseIdleConnections()
	}
}

// Stats are cumulative counts of one account, for the summary of a sweep.
type Stats struct {
	Requests  uint64 // sent, tokens included
	Throttled uint64 // 429, 503 and resultCode 2 among their answers
}

// Stats counts what was sent so far.
func (c *Client) Stats() Stats {
	return Stats{Requests: c.requests.Load(), Throttled: c.throttles.Load()}
}
