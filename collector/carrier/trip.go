package carrier

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// maxBody is the largest answer that is read: a list of 1,000 lines has about half of it.
const maxBody = 1 << 20

// trip is what the budget tells about a request on its way, through the request's context.
type trip struct {
	departed time.Time // zero: it never left
	sequence uint64
	tally    *Tally // may be nil
}

type tripKey struct{}

// tripOf is the trip of a request; for one that is not the client's, it is a trip that nobody reads.
func tripOf(ctx context.Context) *trip {
	if t, ok := ctx.Value(tripKey{}).(*trip); ok {
		return t
	}
	return new(trip)
}

// exchange sends one request through the budget and reads its answer to the end. An answer that is not 2xx, or is
// an error in all but its status, is an *Error like no answer at all.
func (c *Client) exchange(operation string, req *http.Request) (Reply, error) {
	t := trip{tally: tallyOf(req.Context())}
	req = req.WithContext(context.WithValue(req.Context(), tripKey{}, &t))
	resp, err := c.budget.RoundTrip(req)
	if err != nil {
		c.count(operation, wordFor(err), &t)
		failure := c.noAnswer(operation, 0, err)
		failure.Indeterminate = mayBeDone(req, &t, failure)
		return Reply{}, failure
	}
	body, err := readBody(resp)
	received := time.Now()
	if err != nil {
		c.count(operation, wordFor(err), &t)
		failure := c.noAnswer(operation, resp.StatusCode, err)
		if errors.Is(err, errTooLarge) {
			failure.Kind = KindTooLarge
		}
		failure.Indeterminate = mayBeDone(req, &t, failure)
		return Reply{}, failure
	}
	c.count(operation, strconv.Itoa(resp.StatusCode), &t)
	reply := Reply{
		Status: resp.StatusCode, Header: resp.Header, Body: body,
		ObservedAt: received, ReceivedAt: received, trip: t,
	}
	if date, ok := dateOf(resp.Header); ok {
		reply.ObservedAt = date
		c.skew.Store(int64(date.Sub(received)))
	}
	if failure := failureIn(operation, reply); failure != nil {
		failure.Indeterminate = mayBeDone(req, &t, failure)
		return Reply{}, failure
	}
	return reply, nil
}

func failureIn(operation string, reply Reply) *Error {
	var failure *Error
	if reply.Status < 200 || reply.Status > 299 {
		failure = classify(operation, reply.Status, reply.Body)
	} else if failure = errorInside(operation, reply.Body); failure == nil {
		return nil
	}
	failure.ObservedAt = reply.ObservedAt
	failure.RetryAfter = retryAfter(reply.Header, reply.ReceivedAt)
	return failure
}

// noAnswer makes an *Error of a request that brought no complete answer.
func (c *Client) noAnswer(operation string, status int, err error) *Error {
	var failure *Error
	if errors.As(err, &failure) { // the budget did not let it go
		failure.Operation = operation
		return failure
	}
	return &Error{Operation: operation, Kind: KindNetwork, Status: status, ObservedAt: time.Now(), Err: err}
}

// count keeps the metrics of one request, if it was sent.
func (c *Client) count(operation, code string, t *trip) {
	if t.departed.IsZero() {
		return
	}
	c.requests.Add(1)
	t.tally.sent()
	c.metrics.observe(c.cfg.Source, operation, code, time.Since(t.departed))
}

// wordFor is the label code of a request without a status.
func wordFor(err error) string {
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, errTooLarge):
		return "too_large"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	default:
		return "network"
	}
}

var errTooLarge = fmt.Errorf("the body is over %d bytes", maxBody)

// readBody reads an answer to its end, which also gives its slot back to the budget.
func readBody(resp *http.Response) ([]byte, error) {
	defer resp.Body.Close()
	if resp.ContentLength > maxBody {
		return nil, errTooLarge
	}
	if n := resp.ContentLength; n >= 0 {
		body := make([]byte, n)
		if _, err := io.ReadFull(resp.Body, body); err != nil {
			return nil, fmt.Errorf("the body was cut off: %w", err)
		}
		return body, nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("the body was cut off: %w", err)
	case len(body) > maxBody:
		return nil, errTooLarge
	}
	return body, nil
}
