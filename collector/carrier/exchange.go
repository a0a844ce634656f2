package carrier

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"kaisen/collector/carrier/ratelimit"
)

// requestState is what belongs to one request on its way, in one piece because there are thousands.
type requestState struct {
	call    ratelimit.Call
	tally   *Tally
	maxBody int64 // how large the answer may be
}

// newRequest makes a request whose departure and verdict are written into the state.
func (c *Client) newRequest(
	ctx context.Context, method, address, contentType string, body []byte,
) (*http.Request, *requestState, *Error) {
	state := &requestState{tally: tallyOf(ctx), maxBody: maxBody, call: ratelimit.Call{Flow: flowOf(ctx)}}
	var content io.Reader // a nil *bytes.Reader would be one all the same
	if body != nil {
		content = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ratelimit.WithCall(ctx, &state.call), method, address, content)
	if err != nil {
		return nil, nil, &Error{Kind: KindInvalidRequest, ObservedAt: time.Now(), Err: err}
	}
	req.Header = http.Header{"Accept": c.accept, "User-Agent": c.userAgent}
	if body != nil {
		req.Header["Content-Type"] = []string{contentType}
	}
	return req, state, nil
}

// exchange sends one request and reads its answer to the end. An answer that is not 2xx, or is an error in all but its
// status, is an *Error like no answer at all.
func (c *Client) exchange(operation string, req *http.Request, state *requestState) (Reply, *Error) {
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return Reply{}, c.unanswered(operation, 0, req, state, err)
	}
	if verdict := state.call.Verdict; verdict.Outcome != ratelimit.Accepted {
		c.countThrottled(state, verdict.Reason)
	}
	body, err := readUpTo(resp, state.maxBody)
	received := time.Now()
	if err != nil {
		return Reply{}, c.unanswered(operation, resp.StatusCode, req, state, err)
	}
	c.count(operation, strconv.Itoa(resp.StatusCode), state)
	body, warnings := inUTF8(body, resp.Header.Get("Content-Type"))
	reply := Reply{
		Status: resp.StatusCode, Header: resp.Header, Body: body, Warnings: warnings,
		ObservedAt: received, ReceivedAt: received,
	}
	var failure *Error
	if state.call.Verdict.Outcome == ratelimit.Down { // such a page is one of the reasons
		failure = sorryPage(reply.Status, reply.Header, reply.Body)
	}
	if failure == nil {
		failure = c.cfg.Inspect(reply.Status, reply.Body)
	}
	c.date(operation, &reply, failure != nil)
	if failure != nil {
		failure.Operation, failure.Payload = operation, reply.Body
		failure.ObservedAt, failure.RetryAfter, failure.Own = reply.ObservedAt, retryAfter(reply.Header, received), state.call.Own
		failure.Indeterminate, failure.took = mayBeDone(operation, req, failure), time.Since(state.call.Departed)
		return Reply{}, failure
	}
	return reply, nil
}

// unanswered makes an *Error of a request that brought no complete answer, and counts it if it was sent.
func (c *Client) unanswered(operation string, status int, req *http.Request, state *requestState, err error) *Error {
	failure := &Error{Operation: operation, Kind: KindNetwork, Status: status, ObservedAt: time.Now(), Err: err}
	var paused *ratelimit.PausedError
	if errors.As(err, &paused) {
		failure.Kind, failure.Message, failure.RetryAfter, failure.Err = KindThrottled, paused.Error(), paused.Wait, nil
		failure.Own, failure.Contract = paused.Item || paused.Group, paused.Group
		if paused.Daily {
			failure.Kind = KindUsedUp
		}
		if paused.Down {
			failure.Kind, failure.Reason = KindMaintenance, ReasonMaintenance
		}
	}
	if isTooLarge(err) {
		failure.Kind = KindTooLarge
	}
	if sent := !state.call.Departed.IsZero(); sent {
		c.count(operation, wordFor(err), state)
		failure.took = time.Since(state.call.Departed)
		failure.Indeterminate = mayBeDone(operation, req, failure)
	}
	return failure
}

// count keeps the metrics of one request that was sent.
func (c *Client) count(operation, code string, state *requestState) {
	c.requests.Add(1)
	state.tally.Requests.Add(1)
	c.tallies.observe(c.metrics, c.cfg.Source, operation, code, time.Since(state.call.Departed))
}

// countThrottled keeps the metrics of an answer that asked for less.
func (c *Client) countThrottled(state *requestState, reason string) {
	c.throttles.Add(1)
	state.tally.Throttled.Add(1)
	c.metrics.throttled.WithLabelValues(c.cfg.Source, reason).Inc()
}

// wordFor is the label code of a request without a status.
func wordFor(err error) string {
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, context.Canceled):
		return "canceled"
	case isTooLarge(err):
		return "too_large"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	default:
		return "network"
	}
}

func isTooLarge(err error) bool {
	var large tooLargeError
	return errors.As(err, &large)
}
