package unom

import (
	"context"
	"iter"
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
	c.RestoreFigures(func(yield func(schema.State) bool) { yield(state) })
	for _, row := range state.Traffic { // nobody was asked in the future, whatever a clock said then
		each(row.LineKey, func(l *line) { l.Restored(scopeIndex(row.Scope), earlier(row.ReceivedAt, now)) })
		if g := c.shareGroup(row.ContractID); g != nil && row.Scope == schema.ScopeDataShare {
			g.Restored(askDataShare, earlier(row.ReceivedAt, now))
		}
		if c.plans != (plans{}) {
			each(row.LineKey, func(l *line) { l.keepForPlan(&row) })
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

// RestoreFigures implements collector.FigureKeeper. Rows that are of the future, or told by an answer that was, are left out. Where all
// of them are, the carrier's clock is not ours, and what to think of them is left to its first answer.
func (c *Collector) RestoreFigures(parts iter.Seq[schema.State]) {
	until := c.carrier.Now().In(c.Zone).Add(24 * time.Hour)
	last := schema.DateOf(until)
	daily := figures[schema.TrafficDaily]{
		past: func(row *schema.TrafficDaily) bool { return row.Day <= last && !row.ObservedAt.After(until) },
		put: func(l *line, row *schema.TrafficDaily) {
			l.restore(&l.known[scopeIndex(row.Scope)].Days, int(row.Day), row.Bytes)
		},
	}
	monthly := figures[schema.TrafficMonthly]{
		past: func(row *schema.TrafficMonthly) bool { return row.Month <= last && !row.ObservedAt.After(until) },
		put: func(l *line, row *schema.TrafficMonthly) {
			l.restore(&l.known[scopeIndex(row.Scope)].Months, days.MonthIndex(row.Month), row.Bytes)
		},
	}
	for part := range parts {
		daily.take(c.fleet, part.Daily)
		monthly.take(c.fleet, part.Monthly)
	}
	daily.end(c.fleet)
	monthly.end(c.fleet)
}

// figures puts rows of one table where they belong.
type figures[R interface{ Key() schema.LineKey }] struct {
	past func(*R) bool
	put  func(*line, *R)

	some  bool // that are not of the future have come
	ahead []R  // those that are
	line  *line
	of    schema.LineKey // that the line is looked up by
}

func (f *figures[R]) take(fleet *fleet, rows []R) {
	for i := range rows {
		if row := &rows[i]; f.past(row) {
			f.some = true
			f.restore(fleet, row)
		} else if !f.some {
			f.ahead = append(f.ahead, *row)
		}
	}
}

// end is called once all rows have come.
func (f *figures[R]) end(fleet *fleet) {
	for i := range f.ahead {
		if !f.some {
			f.restore(fleet, &f.ahead[i])
		}
	}
}

// restore gives a row to its line, which has those before it too more often than not.
func (f *figures[R]) restore(fleet *fleet, row *R) {
	if key := (*row).Key(); key != f.of {
		f.of = key
		f.line, _ = fleet.get(key.ContractID, key.LineNo)
	}
	if f.line != nil {
		f.put(f.line, row)
	}
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

// restoreLogs gives a job's logs what an earlier process knew, each the rows of its contract.
func (c *Collector) restoreLogs(job string, state schema.State) {
	authentications, events := byContract(state.Authentications), byContract(state.SessionEvents)
	for _, r := range c.logs[job] {
		own := state
		own.Authentications, own.SessionEvents = authentications[r.Contract()], events[r.Contract()]
		r.Restore(own)
	}
}

// byContract are the rows of each contract.
func byContract[R interface{ Key() schema.LineKey }](rows []R) map[string][]R {
	of := make(map[string][]R)
	for begin := 0; begin < len(rows); {
		contract, end := rows[begin].Key().ContractID, begin+1
		for end < len(rows) && rows[end].Key().ContractID == contract {
			end++
		}
		of[contract] = append(of[contract], rows[begin:end]...)
		begin = end
	}
	return of
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
