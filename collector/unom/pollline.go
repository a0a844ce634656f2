package unom

import (
	"context"
	"errors"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
)

// PollLine implements collector.LinePoller: it asks for a line's own figures (call 03), and for those of its share group
// (call 09) where it draws on one.
func (c *Collector) PollLine(ctx context.Context, contract, lineNo string) error {
	l, known := c.fleet.get(contract, lineNo)
	if !known {
		return collector.ErrUnknownLine
	}
	operations := []string{"traffic"}
	if l.inPool() {
		operations = append(operations, "data_share_traffic")
	}
	ctx, end, err := c.visit(ctx, operations...)
	if err != nil {
		return err
	}
	defer end()
	failure := c.pollNow(ctx, l, askTraffic, c.pollTraffic)
	if len(operations) > 1 {
		failure = errors.Join(failure, c.pollNow(ctx, l, askDataShare, c.pollShare))
	}
	return failure
}

// visit lets a question in.
func (c *Collector) visit(ctx context.Context, operations ...string) (in context.Context, end func(), err error) {
	if c.Visit == nil {
		return carrier.InFront(ctx), func() {}, nil
	}
	return c.Visit(ctx, operations...)
}

// pollNow puts a question out of its turn: the next one is due an interval later.
func (c *Collector) pollNow(ctx context.Context, l *line, question int, ask func(context.Context, *collector.Sweep, *line) error) error {
	began := time.Now()
	err := ask(ctx, new(collector.Sweep), l)
	if err == nil {
		l.Polled(question, began)
	}
	return err
}
