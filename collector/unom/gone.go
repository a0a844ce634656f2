package unom

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/schema"
)

// A line is gone when two calls agree: the list (call 02) lacks it, and the line itself (call 03) answers 404 ⑤. Either
// alone proves little: lists lose rows, and a call that knows no line for an hour is out of order. Where the list has the
// line, or none can be had, call 03 counts by itself once it has said so for a day; but not where it says so of most
// lines.

const (
	// deniedLong and deniedTimes are how long and how often call 03 must know no such line before it counts by itself.
	deniedLong  = 24 * time.Hour
	deniedTimes = 3

	// soonFor is how long call 03 goes on asking about a line that is gone as often as about the others, and laterFor how
	// long each inventory does. Of lines that were never in a list each inventory asks for ever.
	soonFor, laterFor = time.Hour, 48 * time.Hour
)

var (
	errLostLines = errors.New("the carrier's list has lost most of its lines: not believed before a day is over, and then where call 03 says so too")
	errDenied    = errors.New("the line stays until the list of lines says so too")
)

// presence is what the carrier says of whether a line is there. The line's lock guards it.
type presence struct {
	unlisted bool      // the last list that was whole and believed has it not
	denied   time.Time // since when call 03 answers 404 ⑤; zero: it does not
	times    int       // how often it has
	left     time.Time // when the line was found to be gone; zero: it is not, or an earlier process found so
	beside   [3]bool   // by question: a call beside 03 answers 404 ⑤
}

// setListed notes whether the list has the line.
func (l *line) setListed(listed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.presence.unlisted = !listed
}

// deny notes that call 03 knows no such line, and reports whether the line is gone if it is right: the list agrees, or
// it has said so for long.
func (l *line) deny(now time.Time) (agreed, long bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := &l.presence
	if p.times++; p.denied.IsZero() {
		p.denied = now
	}
	return p.unlisted, p.times >= deniedTimes && now.Sub(p.denied) >= deniedLong
}

// doubtful reports whether an inventory asks call 03 about the line: it may be gone, or back.
func (l *line) doubtful(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch l.row.State {
	case schema.LineActive:
		return l.presence.unlisted && l.row.Origin == schema.OriginList
	case schema.LineRemoved:
		return now.Sub(l.presence.left) < laterFor
	}
	return true
}

// polled reports whether the line is asked for its traffic: it is there, or was until just now.
func (l *line) polled() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.row.State == schema.LineActive || time.Since(l.presence.left) < soonFor
}

// noSuchLine digests a 404 ⑤ of call 03.
func (c *Collector) noSuchLine(ctx context.Context, sweep *collector.Sweep, l *line, err error) error {
	if !l.active() {
		return nil // that is known
	}
	agreed, long := l.deny(time.Now())
	denied := func(p *presence) bool { return p.times > 0 }
	switch {
	case agreed:
	case c.most(l.key.ContractID, (*line).active, denied):
		return fmt.Errorf("%w (%w)", c.Failed(ctx, sweep, l.key, "traffic", err), errDenied)
	case !long: // one line in doubt is no trouble of the job's
		sweep.Resting(1)
		return nil
	}
	if err := c.Write(ctx, sweep, l.leave(carrier.FailureOf(err).ObservedAt)); err != nil {
		return err
	}
	c.Log.Info("a line has left: the carrier knows it no more", "line", l.key.String(), "list_agrees", agreed)
	c.countLines()
	return nil
}

// noSuchLineBeside digests a 404 ⑤ of a call beside 03, which takes nothing but that call's answer. Of most lines it is
// trouble at the carrier.
func (c *Collector) noSuchLineBeside(ctx context.Context, sweep *collector.Sweep, l *line, question int, operation string, err error) error {
	l.setBeside(question, true)
	asked := (*line).active
	if question == askDataShare {
		asked = (*line).inPool
	}
	if c.most(l.key.ContractID, asked, func(p *presence) bool { return p.beside[question] }) {
		return c.Failed(ctx, sweep, l.key, operation, err)
	}
	sweep.Resting(1)
	return nil
}

func (l *line) setBeside(question int, denied bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.presence.beside[question] = denied
}

// most reports whether something is so of more than half of a contract's lines that are asked.
func (c *Collector) most(contract string, asked func(*line) bool, is func(*presence) bool) bool {
	all, so := 0, 0
	for _, l := range c.fleet.of(contract) {
		if !asked(l) {
			continue
		}
		all++
		l.mu.Lock()
		if is(&l.presence) {
			so++
		}
		l.mu.Unlock()
	}
	return 2*so > all
}

// leave is a line that is gone: it is polled and shown no more.
func (l *line) leave(at time.Time) schema.Batch {
	l.mu.Lock()
	l.presence.left = time.Now()
	l.session.forget()
	l.told = time.Time{}
	unlisted := l.presence.unlisted
	l.mu.Unlock()
	return l.change(at, func(row *schema.Line) {
		switch {
		case row.State != schema.LineActive:
		case unlisted && row.Origin == schema.OriginList:
			row.State = schema.LineRemoved
		default:
			row.State = schema.LineNotFound
		}
	})
}

// markFound is a line that answered: if it had been lost, it is back.
func (l *line) markFound(at time.Time) (back []schema.Line, changes []schema.LineChange) {
	l.mu.Lock()
	l.presence.denied, l.presence.times, l.presence.left = time.Time{}, 0, time.Time{}
	known := l.row.State == schema.LineActive
	l.mu.Unlock()
	if known { // as almost all are
		return nil, nil
	}
	rows := l.change(at, func(row *schema.Line) { row.State = schema.LineActive })
	return rows.Lines, rows.LineChanges
}

// askAgain asks call 03 about the lines that may be gone, or be back.
func (c *Collector) askAgain(ctx context.Context, sweep *collector.Sweep) {
	now := time.Now()
	lines := c.fleet.all(func(l *line) bool { return l.doubtful(now) })
	collector.ForEach(ctx, c.Engine, sweep, lines,
		func(ctx context.Context, l *line) error { return c.pollTraffic(ctx, sweep, l) }, nil)
}
