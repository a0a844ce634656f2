package collector

import (
	"errors"
	"fmt"
	"time"

	"kaisen/schema"
)

// Ready is nil once the first list of lines is loaded; before, it tells what stands in the way.
func (u *Unom) Ready() error {
	select {
	case <-u.ready:
		return nil
	default:
	}
	if err := u.Trouble(); err != nil {
		return fmt.Errorf("source %s has no list of lines yet: %w", u.cfg.Source, err)
	}
	return fmt.Errorf("source %s has no list of lines yet", u.cfg.Source)
}

// Trouble is how the last inventory failed, nil if it did not.
func (u *Unom) Trouble() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	var trouble []error
	for _, contract := range u.cfg.Contracts {
		trouble = append(trouble, u.contracts[contract])
	}
	return errors.Join(trouble...)
}

// setContract notes how a contract's inventory ended. The collector is ready when each contract has answered once,
// or when one has: an unknown contract must not keep the others from being watched.
func (u *Unom) setContract(contract string, err error) {
	u.mu.Lock()
	u.contracts[contract] = err
	u.mu.Unlock()
	if err == nil {
		u.loaded()
	}
}

// lastDone is when a job last left nothing undone, zero if never.
func (u *Unom) lastDone(job string) time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.done[job]
}

func (u *Unom) setDone(job string, at time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.done[job] = at
}

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

// tell reports the progress of a job that goes item by item.
func (u *Unom) tell(p *pass) {
	if u.progress != nil {
		u.progress(u.cfg.Source, p.job, p.ok.Load()+p.failed.Load(), p.total.Load())
	}
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
