package unom

import (
	"slices"
	"time"

	"kaisen/schema"
)

func (c *Collector) noShare(contract string) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.noShares[contract]
}

func (c *Collector) setNoShare(contract string, until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.noShares[contract] = until
}

// logProgress reports how much of a log's time is read, in hundredths: a log counts like a hundred lines.
func (c *Collector) logProgress(job, contract string, done, total time.Duration) {
	if c.Progress != nil && total > 0 {
		c.Progress(c.Source, job+" "+contract, int64(100*done/total), 100)
	}
}

// Restore takes in what an earlier process knew, before Run or Once. Polls then go on where it stopped.
func (c *Collector) Restore(state schema.State) {
	for _, row := range state.Lines {
		c.fleet.add(row)
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
		each(row.LineKey, func(l *line) { l.days[scopeIndex(row.Scope)].set(int(row.Day), row.Bytes) })
	}
	for _, row := range believable(state.Monthly, func(row schema.TrafficMonthly) bool { return past(row.Month, row.ObservedAt) }) {
		each(row.LineKey, func(l *line) { l.months[scopeIndex(row.Scope)].set(monthIndex(row.Month), row.Bytes) })
	}
	for _, row := range state.Traffic { // nobody was asked in the future, whatever a clock said then
		each(row.LineKey, func(l *line) { l.Polled(scopeIndex(row.Scope), earlier(row.ReceivedAt, now)) })
	}
	for _, row := range state.Sessions {
		each(row.LineKey, func(l *line) { l.Polled(askSession, earlier(row.ReceivedAt, now)) })
	}
	c.restoreLogs(state)
	c.restoreOrders(state)
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

// restoreLogs sets the watermarks, and recognises the rows that will be read again.
func (c *Collector) restoreLogs(state schema.State) {
	for _, readers := range c.logs {
		for _, r := range readers {
			for _, mark := range state.Watermarks {
				if mark.ContractID == r.contract && mark.Log == r.kind.table {
					r.watermark = mark.Watermark
				}
			}
		}
	}
	seen := func(job, contract string, row logRow, ordinal uint16) {
		for _, r := range c.logs[job] {
			if r.contract == contract {
				r.seen[row] = max(r.seen[row], int(ordinal)+1)
			}
		}
	}
	for _, row := range state.Authentications {
		seen(JobAuthentications, row.ContractID,
			logRow{row.LineNo, row.EventTime.Unix(), row.SessionType, string(row.Result)}, row.Ordinal)
	}
	for _, row := range state.SessionEvents {
		seen(JobSessions, row.ContractID,
			logRow{row.LineNo, row.EventTime.Unix(), row.SessionType, string(row.Event)}, row.Ordinal)
	}
}
