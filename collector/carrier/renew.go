package carrier

import (
	"fmt"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
)

// Renew makes the client log in by other credentials from now on. A token that it has by the old ones is used no more; what is
// on its way with one, and is refused, is sent again with a new one.
func (c *Client) Renew(by Credentials) {
	if c.tokens.Load().by != by {
		c.tokens.Store(newTokens(c, by))
	}
}

// Credentials are those that the client logs in by now.
func (c *Client) Credentials() Credentials { return c.tokens.Load().by }

// Successor makes a client of another configuration of the same account, which has the carrier's clock in common with this one
// where the server is the same. Before it is used it has to Inherit.
func (c *Client) Successor(cfg Config, log *slog.Logger) (*Client, error) {
	var known *clock
	if siteOf(cfg.BaseURL) == c.site {
		known = c.clock
	}
	return newClientBy(cfg, nil, c.metrics, log, known)
}

// Inherit takes over what another client of the same account has used up and learnt: its part of the rate and of the day,
// pauses, and, where the credentials are the same, the token and how the carrier answers by it. That one has ended, and this
// one has sent nothing yet. It fails where the requests of the day cannot be counted.
func (c *Client) Inherit(from *Client) error {
	defer c.metrics.budgets.watch(c.cfg.Source, c.transport)
	c.requests.Store(from.requests.Load())
	c.throttles.Store(from.throttles.Load())
	if was := from.tokens.Load(); was.by == c.Credentials() {
		c.tokens.Load().current.Store(was.current.Load())
		if c.site == from.site {
			c.standing.inherit(&from.standing)
		}
	}
	if err := c.transport.Inherit(from.transport); err != nil {
		return fmt.Errorf("source %s: %w", c.cfg.Source, err)
	}
	return nil
}

// inherit goes on by what the carrier has answered until now.
func (s *standing) inherit(from *standing) {
	from.mu.Lock()
	defer from.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answered, s.failing, s.failed, s.failure = from.answered, from.failing, from.failed, from.failure
}

// DeletePartialMatch shows the budget of a source no more, as metrics of the library's own forget their series.
func (b *budgets) DeletePartialMatch(labels prometheus.Labels) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	source := labels["source"]
	if _, has := b.all[source]; !has || len(labels) > 1 {
		return 0
	}
	delete(b.all, source)
	return 1
}
