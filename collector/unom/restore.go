package unom

import (
	"time"

	"kaisen/schema"
)

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
	for _, row := range state.Daily {
		each(row.LineKey, func(l *line) { l.days[scopeIndex(row.Scope)].set(int(row.Day), row.Bytes) })
	}
	for _, row := range state.Monthly {
		each(row.LineKey, func(l *line) { l.months[scopeIndex(row.Scope)].set(monthIndex(row.Month), row.Bytes) })
	}
	for _, row := range state.Traffic {
		each(row.LineKey, func(l *line) { l.Polled(scopeIndex(row.Scope), row.ReceivedAt) })
	}
	for _, row := range state.Sessions {
		each(row.LineKey, func(l *line) { l.Polled(askSession, row.ReceivedAt) })
	}
	c.restoreLogs(state)
	c.restoreOrders(state)
	if len(state.Lines) > 0 {
		c.Loaded()
	}
	c.countLines()
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
