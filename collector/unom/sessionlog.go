package unom

import (
	"context"
	"fmt"
	"sync"
	"time"

	"kaisen/collector"
	"kaisen/collector/unom/readings"
	"kaisen/schema"
)

// The session log (call 05) tells of a whole contract with one request what call 26 tells of one line. It is believed once it has
// earned that: each answer of call 26 is laid beside what the log says of the same moment, the log's own delay given. Believed,
// call 26 is asked of a line only where the log leaves a doubt (schema.Trace.Since), and once a day as a cross-check, at a time of
// the day that each line has for itself; a log that begins to disagree is believed no more.
//
// Call 26 is asked of every line each interval, as if there were no log, where
//
//   - the log has not shown enough yet, or has been wrong too often (finding session_state);
//   - a stop has the time at which its session began, or that is not known (finding session_stop_time): such a log shows no end;
//   - the log was not read for three of its intervals: job sessions is off, fails, or rests;
//   - rows of the log were lost since the line's last answer, because an answer could not be read;
//   - another process reads the contract's log: parts of a fleet share out lines one by one, and logs by contract;
//   - the sweep has no next one (kaisen sweep), so that there is no log yet to go by.
//
// Rows that are later than settled make the log disagree; those that the second reading finds, up to 30 days later, are counted in
// as any other, and change what the line is only where they are the last.

const (
	// settled is how late a row may enter the log without the log being wrong.
	settled = 10 * time.Minute
	// staleLog is for how many of its intervals the log is believed after it was last read.
	staleLog = 3

	// enoughChecks is how many checks it takes to believe a log, and keptChecks how many of the last count; a log that was
	// believed and was wrong needs all of them.
	enoughChecks, keptChecks = 20, 100
	// checkedLines is of how many lines they must be, where there are as many.
	checkedLines = 3
	// mayFail and mustFail are which part of the checks at most fails of a log that comes to be believed, and beyond which
	// part one is believed no more: one in so many.
	mayFail, mustFail = 20, 10
)

// sessionLog is how far a contract's session log is read.
type sessionLog struct {
	believed bool
	read     time.Time     // up to when, by the carrier's clock
	gap      time.Time     // rows before it were lost
	holds    time.Duration // how long after that it may be gone by
}

// sessionLog is that of a contract.
func (c *Collector) sessionLog(contract string) (log sessionLog) {
	if c.trust[contract] == nil || !c.On(JobSessions) {
		return log
	}
	for _, r := range c.logs[JobSessions] {
		if r.Contract() == contract {
			log.read, log.gap = r.ReadTo()
		}
	}
	log.holds = staleLog * c.Jobs[JobSessions].Interval
	log.believed = c.Finding(contract, JobSession, readings.SessionState) == readings.SessionStateLog && c.stopsHaveTheirTime(contract)
	return log
}

// tells reports whether lines may be gone by the log.
func (s sessionLog) tells(now time.Time) bool {
	return s.believed && !s.read.IsZero() && now.Sub(s.read) <= s.holds
}

// stopsHaveTheirTime reports whether the log shows when a session ended.
func (c *Collector) stopsHaveTheirTime(contract string) bool {
	return c.Finding(contract, JobSessions, readings.StopTime) == readings.StopTimeOwn
}

// sessionCheck is an answer of call 26 that waits for the log to be read so far.
type sessionCheck struct {
	at   time.Time
	said schema.Connection
	near bool // there is a row so close to it that either may be right

	answered time.Time // the answer before it, and what the log has since
	was      schema.Connection
	trace    schema.Trace
}

// judge is what came of a line's check, if the log is read far enough. Telling is false where nothing changed, which shows little:
// a log without rows agrees with a line that does not move.
func (c *connection) judge(log sessionLog) (agrees, telling, done bool) {
	check := c.check
	if check == nil || log.read.Before(check.at.Add(settled)) {
		return false, false, false
	}
	c.check = nil
	is, known := check.trace.Since(check.was, check.answered, check.at)
	if !known || check.near || !check.answered.After(log.gap) {
		return false, false, false
	}
	return is == check.said, check.said != check.was || !check.trace.Last().Before(check.answered), true
}

// trust is what the last checks of a contract's log have shown.
type trust struct {
	mu     sync.Mutex
	checks []checkedLine // the newest last, at most keptChecks
}

type checkedLine struct {
	line   *line
	agrees bool
}

// add takes in a check.
func (t *trust) add(check checkedLine) {
	if len(t.checks) == keptChecks {
		t.checks = append(t.checks[:0], t.checks[1:]...)
	}
	t.checks = append(t.checks, check)
}

// verdict is whether the log is to be believed that has been, or has not; "" while nothing is shown that is news.
func (t *trust) verdict(was string, lines int) (value, evidence string) {
	wrong, seen := 0, make(map[*line]bool)
	for _, check := range t.checks {
		seen[check.line] = true
		if !check.agrees {
			wrong++
		}
	}
	n := len(t.checks)
	enough := enoughChecks
	if was == readings.SessionStateCall26 {
		enough = keptChecks
	}
	evidence = fmt.Sprintf("of %d answers of call 26 about %d lines, all of them after a change, the log agrees with %d", n, len(seen), n-wrong)
	switch {
	case was == readings.SessionStateLog:
		if wrong*mustFail > max(n, enough) {
			return readings.SessionStateCall26, evidence
		}
	case n < enough || len(seen) < min(checkedLines, lines):
	case wrong*mayFail <= n:
		return readings.SessionStateLog, evidence
	default:
		return readings.SessionStateCall26, evidence
	}
	return "", evidence
}

// judgeSessions counts how the answers of call 26 agree with the logs, and finds which logs are believed.
func (c *Collector) judgeSessions(ctx context.Context, sweep *collector.Sweep) {
	for contract, t := range c.trust {
		if err := c.judgeSessionsOf(ctx, sweep, contract, t); err != nil {
			sweep.Fail(err)
		}
	}
}

func (c *Collector) judgeSessionsOf(ctx context.Context, sweep *collector.Sweep, contract string, t *trust) error {
	log, lines := c.sessionLog(contract), c.fleet.of(contract)
	active := 0
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, l := range lines {
		if l.active() {
			active++
		}
		l.mu.Lock()
		agrees, telling, done := l.session.judge(log)
		l.mu.Unlock()
		if !done {
			continue
		}
		c.gauges.checks.WithLabelValues(c.Source, contract, outcomeOf(agrees)).Inc()
		if telling {
			t.add(checkedLine{l, agrees})
		}
	}
	was := c.Finding(contract, JobSession, readings.SessionState)
	value, evidence := t.verdict(was, active)
	switch own := c.stopsHaveTheirTime(contract); {
	case !own && was == readings.SessionStateLog:
		value, evidence = readings.SessionStateCall26, "a stop has the time at which its session began"
	case !own && value == readings.SessionStateLog:
		return nil
	}
	if value == "" || ctx.Err() != nil {
		return nil
	}
	err := c.Find(ctx, sweep, schema.CarrierFinding{ContractID: contract, Operation: JobSession, Reading: readings.SessionState,
		Value: value, Evidence: evidence, ObservedAt: c.carrier.Now()})
	if err == nil && value != was {
		t.checks = nil
	}
	return err
}

// outcomeOf is label outcome of kaisen_session_checks_total.
func outcomeOf(agrees bool) string {
	if agrees {
		return "agree"
	}
	return "disagree"
}

// countChecks begins to count the checks of a contract, from 0.
func (c *Collector) countChecks(contract string) {
	if !c.On(JobSession) || !c.On(JobSessions) {
		return
	}
	for _, agrees := range []bool{true, false} {
		c.gauges.checks.WithLabelValues(c.Source, contract, outcomeOf(agrees))
	}
}
