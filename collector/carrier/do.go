package carrier

import (
	"context"
	"net/http"
	"net/url"

	"kaisen/internal/wait"
)

// Get asks for path (which begins with a slash and is escaped) below BaseURL, as often as it is worth it, and fails
// with an *Error. The operation names the call in metrics and errors.
func (c *Client) Get(ctx context.Context, operation, path string, query url.Values) (Reply, error) {
	return c.Do(ctx, operation, RequestSpec{Method: http.MethodGet, Path: path, Query: query})
}

// Do sends a request below BaseURL and fails with an *Error. A GET behaves as Get does. Anything else changes
// something at the carrier and is sent again only where the carrier certainly did not do it: once after a 401, and
// after 503 "System Maintainance". A failure that leaves it open whether it was done (no answer, 429, any other 5xx, a
// page or a redirection) is returned with Indeterminate.
func (c *Client) Do(ctx context.Context, operation string, spec RequestSpec) (Reply, error) {
	address := c.site.address(spec)
	tries := retries{attempts: c.cfg.MaxAttempts, patience: c.cfg.Timeout, changing: spec.Changes()}
	for {
		c.standing.begin()
		reply, err := c.attempt(ctx, operation, address, spec, &tries)
		c.standing.end(err, ctx.Err() != nil)
		if err == nil {
			if !reply.Said.IsZero() {
				c.settle(ctx, operation, address, spec, &reply, &tries)
			}
			return reply, nil
		}
		pause, again := tries.again(err)
		if !again || ctx.Err() != nil {
			return Reply{}, err
		}
		if stop := wait.For(ctx, pause); stop != nil {
			return Reply{}, err
		}
	}
}

// attempt sends one request; two if the token turns out to be dead, but only once a call: a token that is refused
// twice is not what is wrong.
func (c *Client) attempt(ctx context.Context, operation, address string, spec RequestSpec, tries *retries) (Reply, *Error) {
	for {
		req, state, failure := c.newRequest(ctx, spec.Method, address, "application/json", spec.Body)
		if failure != nil {
			failure.Operation = operation
			return Reply{}, failure
		}
		if spec.MaxBody > 0 {
			state.maxBody = spec.MaxBody
		}
		if spec.Anonymous { // what issues a token concerns the account, like the token's own request
			return c.exchange(operation, req, state)
		}
		state.call.Operation, state.call.Item, state.call.Group = operation, spec.Path, spec.Group
		if spec.Complaint != nil {
			state.call.Inspect = spec.inspect
		}
		tokens := c.tokens.Load()
		token, failure := tokens.get(ctx)
		var reply Reply
		if failure == nil {
			token.SetAuthHeader(req)
			reply, failure = c.exchange(operation, req, state)
		}
		if failure == nil || failure.Kind != KindUnauthorised || tries.renewed {
			return reply, failure
		}
		if token == nil && c.tokens.Load() == tokens { // the secret is refused, and it is still that
			return reply, failure
		}
		tries.renewed = true
		tokens.drop(token)
	}
}
