package unom

import (
	"context"
	"slices"
	"sync"
	"time"

	"kaisen/collector"
	"kaisen/collector/unom/days"
	"kaisen/schema"
)

// Restore takes in what an earlier process knew. Polls then go on where it stopped. Beside Run what was seen meanwhile is
// laid over it: of lines at once, and of logs and orders by the job that has them.
func (c *Collector) Restore(state schema.State) {
	c.RestoreFindings(state)
	for _, row := range state.Lines {
		if l, isNew := c.fleet.add(row); !isNew {
			c.owe(l.remember(row))
		}
	}
	each := func(key schema.LineKey, do func(*line)) {
		if l, ok := c.fleet.get(key.ContractID, key.LineNo); ok {
			do(l)
		}
	}
	now := time.Now()
	until := c.carrier.Now().In(c.Zone).Add(24 * time.Hour)
	past := func(day schema.Date, observed time.Time) bool {
		return day <= schema.DateOf(until) && !observed.After(until)
	}
	for _, row := range believable(state.Daily, func(row schema.TrafficDaily) bool { return past(row.Day, row.ObservedAt) }) {
		each(row.LineKey, func(l *line) { l.restore(&l.known[scopeIndex(row.Scope)].Days, int(row.Day), row.Bytes) })
	}
	for _, row := range believable(state.Monthly, func(row schema.TrafficMonthly) bool { return past(row.Month, row.ObservedAt) }) {
		each(row.LineKey, func(l *line) {
			l.restore(&l.known[scopeIndex(row.Scope)].Months, days.MonthIndex(row.Month), row.Bytes)
		})
	}
	for _, row := range state.Traffic { // nobody was asked in the future, whatever a clock said then
		each(row.LineKey, func(l *line) { l.Restored(scopeIndex(row.Scope), earlier(row.ReceivedAt, now)) })
		if g := c.shareGroup(row.ContractID); g != nil && row.Scope == schema.ScopeDataShare {
			g.Restored(askDataShare, earlier(row.ReceivedAt, now))
		}
		if c.plans != (plans{}) {
			each(row.LineKey, func(l *line) { l.keepForPlan(row) })
		}
		if row.Scope == schema.ScopeLine {
			each(row.LineKey, func(l *line) { l.restoreVolume(row) })
		}
	}
	for _, row := range state.SessionEvents {
		if row.SessionType == schema.SessionRoaming {
			each(row.LineKey, func(l *line) { l.roamedAt(earlier(row.EventTime, now)) })
		}
		each(row.LineKey, func(l *line) { l.restoreEvent(&row) })
	}
	for _, row := range state.Sessions {
		each(row.LineKey, func(l *line) {
			l.Restored(askSession, earlier(row.ReceivedAt, now))
			l.restoreSession(&row)
		})
	}
	if c.Running() {
		c.later(&state)
	} else {
		for job := range c.logs {
			c.restoreLogs(job, state)
		}
		c.restoreOrders(state)
	}
	if len(state.Lines) > 0 {
		c.Loaded()
	}
	c.countLines()
}

// believable are the rows that are not of the future, nor told by an answer that was. Where all of them are, the carrier's clock is not ours, and what to
// think of them is left to its first answer.
func believable[T any](rows []T, past func(T) bool) []T {
	if kept := slices.DeleteFunc(slices.Clone(rows), func(row T) bool { return !past(row) }); len(kept) > 0 {
		return kept
	}
	return rows
}

// memory is what an earlier process knew and the jobs have not taken in yet, because it came while they ran; by job.
type memory struct {
	mu   sync.Mutex
	jobs map[string]*schema.State
	owed schema.Batch // rows that follow from it
}

// later leaves what an earlier process knew to the jobs.
func (c *Collector) later(state *schema.State) {
	c.memory.mu.Lock()
	defer c.memory.mu.Unlock()
	c.memory.jobs = map[string]*schema.State{JobAuthentications: state, JobSessions: state, JobOrders: state}
}

// takeIn gives a job what an earlier process knew, once.
func (c *Collector) takeIn(job string, restore func(schema.State)) {
	c.memory.mu.Lock()
	state := c.memory.jobs[job]
	delete(c.memory.jobs, job)
	c.memory.mu.Unlock()
	if state != nil {
		restore(*state)
	}
}

// owe keeps rows for the next inventory.
func (c *Collector) owe(rows schema.Batch) {
	c.memory.mu.Lock()
	defer c.memory.mu.Unlock()
	c.memory.owed.Append(rows)
}

// payOwed writes the rows that followed from what was restored.
func (c *Collector) payOwed(ctx context.Context, sweep *collector.Sweep) {
	c.memory.mu.Lock()
	rows := c.memory.owed
	c.memory.owed = schema.Batch{}
	c.memory.mu.Unlock()
	if err := c.Write(ctx, sweep, rows); err != nil {
		c.owe(rows)
		sweep.Fail(err)
	}
}

// remember lays what was seen of a line over the row of an earlier process, and returns what changed between the two.
func (l *line) remember(row schema.Line) schema.Batch {
	l.mu.Lock()
	defer l.mu.Unlock()
	is := l.row
	if is.Origin != schema.OriginList && row.Origin == schema.OriginList { // a log says no more than the number
		is = row
		is.State, is.LastSeen, is.ObservedAt = l.row.State, l.row.LastSeen, l.row.ObservedAt
	}
	if row.FirstSeen.Before(is.FirstSeen) && !row.FirstSeen.IsZero() {
		is.FirstSeen = row.FirstSeen
	}
	if is.DataShare = l.row.DataShare; !is.DataShare.Known {
		is.DataShare = row.DataShare
	}
	l.row = is
	return schema.Batch{Lines: []schema.Line{is}, LineChanges: differences(row, is, is.ObservedAt)}
}

// restore sets a period of a series unless an answer has told it since.
func (l *line) restore(s *days.Series, period int, bytes uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, told := s.At(period); !told {
		s.Set(period, bytes)
	}
}

// restoreLogs gives a job's logs what an earlier process knew.
func (c *Collector) restoreLogs(job string, state schema.State) {
	for _, r := range c.logs[job] {
		r.Restore(state)
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
