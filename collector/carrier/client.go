package carrier

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"kaisen/collector/carrier/ratelimit"
)

// Client is one account of the carrier. It is safe for use by many goroutines, which share its budget and token.
type Client struct {
	cfg       Config
	site      site                 // BaseURL
	transport *ratelimit.Transport // to the carrier, for requests that need no token
	tokens    atomic.Pointer[tokens]
	metrics   *Metrics
	tallies   tallies

	accept, userAgent []string // header values, shared by all requests

	clock     *clock // the carrier's
	standing  standing
	log       *slog.Logger
	requests  atomic.Uint64
	throttles atomic.Uint64
}

// New makes a client, inert until it is used. Without a base it makes its own transport, which keeps a connection for
// each request in flight. It fails on a configuration it could not work with, listing everything wrong.
func New(cfg Config, base http.RoundTripper, m *Metrics, log *slog.Logger) (*Client, error) {
	return newClientBy(cfg, base, m, log, nil)
}

// newClientBy is New with a clock that is known; nil: it is not.
func newClientBy(cfg Config, base http.RoundTripper, m *Metrics, log *slog.Logger, clock *clock) (*Client, error) {
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("source %s: %w", cfg.Source, err)
	}
	if base == nil {
		base = NewTransport(cfg.MaxInFlight)
	}
	if cfg.Inspect == nil {
		cfg.Inspect = Classify
	}
	log = log.With("source", cfg.Source)
	if clock == nil {
		clock = newClock(log)
	}
	c := &Client{
		clock: clock, log: log,
		cfg: cfg, site: siteOf(cfg.BaseURL), metrics: m, tallies: tallies{all: make(map[[2]string]sent)},
		accept: []string{"application/json"}, userAgent: []string{cfg.UserAgent},
		transport: ratelimit.New(
			ratelimit.Config{Limit: cfg.Limit, Timeout: cfg.Timeout, MaxWait: cfg.MaxWait,
				Daily: ratelimit.DailyConfig{Zone: cfg.Zone, Now: clock.at, Ledger: cfg.Ledger, AtOnce: cfg.AtOnce}}, base, verdictOf,
			m.waited.WithLabelValues(cfg.Source), log,
		),
	}
	m.budgets.begin(cfg.Source, c.transport)
	for _, code := range []string{"200", "201"} { // from 0, so that the first token is an increase
		m.requests.WithLabelValues(cfg.Source, "token", code)
	}
	c.tokens.Store(newTokens(c, cfg.Credentials))
	return c, nil
}

// Address is where a request of an API goes. Its target is whole, from the root of the server; where the base address
// ends in the path that the targets of the API begin with (/infoIpoE/v2), as documents show it, that is not said twice.
func Address(base string, spec RequestSpec) string { return siteOf(base).address(spec) }

// site is a base address, taken apart once for all requests.
type site struct {
	base string // without a slash at its end
	path string // that it ends in, with one; "" where it has none
}

func siteOf(base string) site {
	s := site{base: strings.TrimRight(base, "/")}
	if at, err := url.Parse(s.base); err == nil && at.Path != "" {
		s.path = at.Path + "/"
	}
	return s
}

func (s site) address(spec RequestSpec) string {
	target := spec.Target()
	if s.path != "" && (strings.HasPrefix(target, s.path) || strings.HasPrefix(spec.Beside+"/", s.path)) {
		return strings.TrimSuffix(s.base, s.path[:len(s.path)-1]) + target
	}
	return s.base + target
}

// NewTransport is how kaisen reaches the carrier, by the proxy of the environment. It keeps as many idle connections as
// there can be requests: net/http's two would cost a handshake for almost every request of a sweep.
func NewTransport(connections int) *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		TLSHandshakeTimeout: 10 * time.Second,
		MaxIdleConns:        0, // bounded per host
		MaxIdleConnsPerHost: connections,
		IdleConnTimeout:     90 * time.Second,
		ForceAttemptHTTP2:   true,
		HTTP2:               &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingMaxWait, WriteByteTimeout: pingMaxWait},

		OnProxyConnectResponse: refusedByProxy,
	}
}

// A connection of HTTP/2 on which nothing came for pingAfter is asked for a sign of life, and given up where none comes
// within pingMaxWait: all requests share it, and each would spend its whole timeout on one that a firewall has forgotten.
const pingAfter, pingMaxWait = 10 * time.Second, 5 * time.Second

// Warned counts the warnings of one decoded answer.
func (c *Client) Warned(operation string, warnings []Warning) {
	for _, w := range warnings {
		c.metrics.warnings.WithLabelValues(operation, w.Field, w.Reason).Inc()
	}
}

// Now is the carrier's clock: the local one, moved by what the newest Date header differed that was in bounds. It is
// right to about a second, and local until there was such an answer, of which Settled reports.
func (c *Client) Now() time.Time { return c.clock.at(time.Now()) }

// Rate is how many requests a second the account may send now: the configured rate, or less after the carrier throttled, and no
// more than what is left of daily_requests allows until midnight. +Inf is no limit.
func (c *Client) Rate() float64 {
	rate := c.transport.States()[0].Rate
	if daily, limited := c.transport.Daily(); limited {
		rate = min(rate, float64(daily.Left)/max(1, time.Until(daily.Until).Seconds()))
	}
	return rate
}

// Settled reports whether Now is the carrier's clock, and not ours for want of an answer.
func (c *Client) Settled() bool { return c.clock.settled() }

// Close is a clean end: it gives back what the day's budget has in hand, and closes the connections that no request uses.
func (c *Client) Close() {
	if err := c.transport.Close(); err != nil {
		c.log.Warn("some requests of the day were not given back", "error", err)
	}
	c.transport.CloseIdleConnections()
}

// Stats are cumulative counts of one account, for the summary of a sweep.
type Stats struct {
	Requests  uint64 // sent, tokens included
	Throttled uint64 // answers that asked for less
}

// Stats counts what was sent so far.
func (c *Client) Stats() Stats {
	return Stats{Requests: c.requests.Load(), Throttled: c.throttles.Load()}
}
