package carrier

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Get asks for path (which begins with a slash and is escaped) below BaseURL, as often as it is worth it, and fails
// with an *Error. The operation names the call in metrics and errors.
func (c *Client) Get(ctx context.Context, operation, path string, query url.Values) (Reply, error) {
	return c.Do(ctx, operation, RequestSpec{Method: http.MethodGet, Path: path, Query: query})
}

// Do sends a request below BaseURL and fails with an *Error. A GET behaves as Get does. Anything else changes
// something at the carrier and is sent again only where the carrier certainly did not do it: once after a 401, and
// after 429 and 503. A failure that leaves it open whether it was done (no answer, 5xx) is returned with Indeterminate.
func (c *Client) Do(ctx context.Context, operation string, w RequestSpec) (Reply, error) {
	address := c.base + w.Target()
	tries := retries{attempts: c.cfg.MaxAttempts, changing: w.Changes()}
	for {
		reply, err := c.attempt(ctx, operation, address, w, &tries)
		if err == nil {
			return reply, nil
		}
		wait, again := tries.again(err)
		if !again || ctx.Err() != nil {
			return Reply{}, err
		}
		if stop := pauseFor(ctx, wait); stop != nil {
			return Reply{}, err
		}
	}
}

// attempt sends one request; two if the token turns out to be dead, but only once a call: a token that is refused
// twice is not what is wrong.
func (c *Client) attempt(ctx context.Context, operation, address string, w RequestSpec, tries *retries) (Reply, *Error) {
	for {
		token, err := c.tokenFor(ctx, w)
		if err != nil {
			return Reply{}, asError(tokenOperation, err)
		}
		var body io.Reader // a nil *bytes.Reader would be one all the same
		if w.Body != nil {
			body = bytes.NewReader(w.Body)
		}
		req, err := http.NewRequestWithContext(ctx, w.Method, address, body)
		if err != nil {
			return Reply{}, &Error{Operation: operation, Kind: KindInvalidRequest, ObservedAt: time.Now(), Err: err}
		}
		req.Header = http.Header{"Accept": c.accept, "User-Agent": c.userAgent}
		if token != nil {
			req.Header["Authorization"] = token.header
		}
		if w.Body != nil {
			req.Header["Content-Type"] = c.contentType
		}
		reply, err := c.exchange(operation, req)
		if err == nil {
			return reply, nil
		}
		failure := asError(operation, err)
		if failure.Kind != KindUnauthorised || tries.renewed || token == nil {
			return Reply{}, failure
		}
		tries.renewed = true
		c.tokens.drop(token)
	}
}

// tokenFor is the token that a request goes out with, nil for none.
func (c *Client) tokenFor(ctx context.Context, w RequestSpec) (*token, error) {
	if w.Anonymous {
		return nil, nil
	}
	return c.tokens.get(ctx)
}

// mayBeDone reports whether a request that failed may have changed something all the same. What the carrier refused in
// words, or what never left, changed nothing.
func mayBeDone(req *http.Request, t *trip, failure *Error) bool {
	if req.Method == http.MethodGet || failure.Operation == tokenOperation || t.departed.IsZero() {
		return false
	}
	switch failure.Kind {
	case KindNetwork:
		var broken *net.OpError
		return !errors.As(failure.Err, &broken) || broken.Op != "dial" // without a connection nothing was sent
	case KindServer, KindTooLarge:
		return true
	}
	return false
}
