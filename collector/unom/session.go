package unom

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/unom/api"
	"kaisen/schema"
)

// sessionAttempts is how often a sweep that has no next one repeats call 26 when it answers 200 with resultCode 2,
// "too many". Each time the client has slowed the account down.
const sessionAttempts = 3

var errTooMany = errors.New("resultCode 2: too many requests")

// pollSession asks whether a line is connected. A 403 is no failure only where it is that of a RADIUS of the customer's
// own; and a 404 says nothing of whether there is such a line, which is call 03's to say.
func (c *Collector) pollSession(ctx context.Context, sweep *collector.Sweep, l *line, attempts int) error {
	for range attempts {
		answer, err := c.carrier.Session(ctx, l.key.ContractID, l.key.LineNo)
		if carrier.ReasonOf(err) == api.ReasonNotComRadius {
			c.restForRadius(sweep, l, askSession)
			return nil
		}
		if kind, ok := carrier.KindOf(err); ok && kind == api.KindNoSuchLine {
			return c.noSuchLineBeside(ctx, sweep, l, askSession, "session", err)
		}
		if err != nil {
			return c.Failed(ctx, sweep, l.key, "session", err)
		}
		l.setBeside(askSession, false)
		if answer.Value.ResultCode == api.ResultTooMany { // which the client has counted, and slowed down for
			continue
		}
		sample := schema.SessionSample{LineKey: l.key, ObservedAt: answer.ObservedAt, ReceivedAt: answer.ReceivedAt,
			SessionType: answer.Value.Type, Connected: answer.Value.Connected, ResultCode: answer.Value.ResultCode}
		if err := c.Write(ctx, sweep, schema.Batch{Sessions: []schema.SessionSample{sample},
			DeadLetters: collector.DeadLetters(l.key, "session", answer)}); err != nil {
			return err
		}
		l.noteSession(&sample)
		return nil
	}
	return fmt.Errorf("session of %s: %w", l.key, errTooMany)
}

// noteSession takes in an answer of call 26.
func (l *line) noteSession(sample *schema.SessionSample) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if sample.Connected.Known {
		l.roaming.saw(sample.Connected.V && sample.SessionType == schema.SessionRoaming, sample.ObservedAt)
		l.roaming.move(sample.SessionType, sample.Connected.V, sample.ObservedAt)
	}
	l.session.answer(sample)
}

// noteEvent takes in a row of the session log. What a line used until then it may have used elsewhere.
func (l *line) noteEvent(session schema.SessionType, event schema.SessionEventKind, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at.After(l.roaming.since) {
		l.roaming.since = time.Time{}
	}
	l.roaming.move(session, event == schema.SessionStart, at)
	l.session.add(session, event, at)
}

// followSession reports whether the session log tells all there is to know of a line's connection now, so that call 26 need
// not be asked.
func (c *Collector) followSession(l *line) bool {
	log := c.sessionLog(l.key.ContractID)
	now := c.carrier.Now()
	if !log.tells(now) {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	is, known := l.session.now(log)
	if !known || checkDue(l.key.LineNo, l.session.answered, now) {
		return false
	}
	l.roaming.saw(is.Roaming, log.read)
	return true
}

// checkEvery is how often call 26 is asked about a line of which the log tells.
const checkEvery = 24 * time.Hour

// checkDue reports whether a line's time of the day has come since call 26 last answered. Lines have different ones.
func checkDue(lineNo string, answered, now time.Time) bool {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(lineNo))
	offset := time.Duration(hash.Sum32()) % (checkEvery / time.Second) * time.Second
	return now.Add(-offset).Truncate(checkEvery).After(answered.Add(-offset).Truncate(checkEvery))
}

// connection is what is known of whether a line is connected. The line's lock guards it.
type connection struct {
	answered time.Time // the last answer of call 26, by the carrier's clock; zero: there is none, or it did not say
	was      schema.Connection
	trace    schema.Trace
	check    *sessionCheck // nil: none is open
}

// now is what the session log says of the line.
func (c *connection) now(log sessionLog) (is schema.Connection, known bool) {
	if c.answered.IsZero() || !c.answered.After(log.gap) {
		return is, false
	}
	return c.trace.Since(c.was, c.answered, log.read)
}

// answer takes in an answer of call 26, and lays it beside what the log will have said of that moment.
func (c *connection) answer(sample *schema.SessionSample) {
	if !c.answered.IsZero() && !sample.ObservedAt.After(c.answered) {
		return
	}
	said, known := sample.Connection()
	if known && c.check == nil && !c.answered.IsZero() && c.trace.Last().Before(sample.ObservedAt.Add(-schema.AnswerLag)) {
		c.check = &sessionCheck{at: sample.ObservedAt, said: said, answered: c.answered, was: c.was, trace: c.trace}
	}
	c.answered, c.was = time.Time{}, said
	if known {
		c.answered = sample.ObservedAt
	}
}

// add takes in a row of the session log.
func (c *connection) add(session schema.SessionType, event schema.SessionEventKind, at time.Time) {
	c.trace.Add(session, event, at)
	if check := c.check; check != nil {
		switch {
		case at.Before(check.at.Add(-schema.AnswerLag)):
			check.trace.Add(session, event, at)
		case !at.After(check.at.Add(schema.AnswerLag)):
			check.near = true
		}
	}
}

// forget drops what was known: the line has left, and may come back as another's.
func (c *connection) forget() { c.answered, c.check = time.Time{}, nil }

// restoreEvent takes in a row of the session log that an earlier process has written.
func (l *line) restoreEvent(row *schema.SessionEvent) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.roaming.move(row.SessionType, row.Event == schema.SessionStart, row.EventTime)
	l.session.add(row.SessionType, row.Event, row.EventTime)
}

// restoreSession takes in an earlier process's answer, unless there was one since.
func (l *line) restoreSession(row *schema.SessionSample) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.session.answered.IsZero() {
		l.session.answer(row)
	}
}
