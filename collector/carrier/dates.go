package carrier

import (
	"context"
	"net/http"
	"time"
)

// date gives a reply its ObservedAt. One that is out of bounds keeps in Said what it said, and Do looks at it once more;
// of a failure, and of a token, nobody does. An error that is the first to say anything of the time is believed, because
// there is nothing to hold against it.
func (c *Client) date(operation string, reply *Reply, failed bool) {
	said, ok := c.clock.read(reply.Header)
	if !ok {
		return
	}
	believed, first := c.clock.believe(said, reply.ReceivedAt)
	if believed || failed && first && near(c.clock.skewOf(said, reply.ReceivedAt), 0, clockReach) {
		reply.ObservedAt = said
		return
	}
	reply.Said = said
	if failed || operation == tokenOperation && c.clock.settled() { // the first token's waits for an answer that agrees, or does not
		c.reject(operation, reply)
	}
}

// settle decides on a reply whose Date is out of bounds. Where one more answer may clear the doubt, the question is put
// again, by one at a time: what the others meanwhile brought is looked at first. Then the reply is dated by the others.
func (c *Client) settle(ctx context.Context, operation, address string, spec RequestSpec, reply *Reply, tries *retries) {
	if spec.Changes() || !c.clock.asksAgain(reply.Said, reply.ReceivedAt) {
		c.reject(operation, reply)
		return
	}
	select {
	case c.clock.asking <- struct{}{}:
		defer func() { <-c.clock.asking }()
	case <-ctx.Done():
		c.reject(operation, reply)
		return
	}
	if c.clock.check(reply.Said, reply.ReceivedAt) {
		reply.ObservedAt, reply.Said = reply.Said, time.Time{}
		return
	}
	if c.clock.asksAgain(reply.Said, reply.ReceivedAt) {
		second, failure := c.attempt(ctx, operation, address, spec, tries)
		if failure == nil && second.Said.IsZero() && c.clock.check(reply.Said, reply.ReceivedAt) {
			*reply = second
			return
		}
		c.clock.inVain(time.Now())
	}
	c.reject(operation, reply)
}

// reject dates a reply by the account's clock, counts it and tells of it. Said stays where it is told.
func (c *Client) reject(operation string, reply *Reply) {
	c.metrics.dates.WithLabelValues(c.cfg.Source, operation).Inc()
	reply.ObservedAt = c.clock.at(reply.ReceivedAt).Truncate(time.Second)
	if !c.clock.tells(reply.ReceivedAt) {
		reply.Said = time.Time{}
		return
	}
	c.log.Warn("an answer's Date is out of bounds of the account's other answers and of our own clock; it is dated by them",
		"operation", operation, "date", reply.Said.UTC().Format(http.TimeFormat), "dated", reply.ObservedAt.UTC().Format(http.TimeFormat))
}
