package collector

import (
	"time"

	"kaisen/schema"
)

func (u *Unom) noShare(contract string) time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.noShares[contract]
}

func (u *Unom) setNoShare(contract string, until time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.noShares[contract] = until
}

// tellLog reports how much of a log's time is read, in hundredths: a log counts like a hundred lines.
func (u *Unom) tellLog(job, contract string, done, total time.Duration) {
	if u.progress != nil && total > 0 {
		u.progress(u.cfg.Source, job+" "+contract, int64(100*done/total), 100)
	}
}

// Restore takes in what an earlier process knew, before Run or Once. Polls then go on where it stopped.
func (u *Unom) Restore(state schema.State) {
	for _, row := range state.Lines {
		u.fleet.add(row)
	}
	each := func(key schema.LineKey, do func(*line)) {
		if l, ok := u.fleet.get(key.ContractID, key.LineNo); ok {
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
		each(row.LineKey, func(l *line) { l.done[scopeIndex(row.Scope)] = row.ReceivedAt })
	}
	for _, row := range state.Sessions {
		each(row.LineKey, func(l *line) { l.done[pollSession] = row.ReceivedAt })
	}
	u.restoreLogs(state)
	u.restoreOrders(state)
	if len(state.Lines) > 0 {
		u.loaded()
	}
	u.metrics.countLines(u)
}

// restoreLogs sets the watermarks, and recognises the rows that will be read again.
func (u *Unom) restoreLogs(state schema.State) {
	for _, readers := range u.logs {
		for _, r := range readers {
			for _, mark := range state.Watermarks {
				if mark.ContractID == r.contract && mark.Log == r.kind.table {
					r.watermark = mark.Watermark
				}
			}
		}
	}
	seen := func(job, contract string, row logRow, ordinal uint16) {
		for _, r := range u.logs[job] {
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
