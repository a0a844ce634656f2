package collector

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	unom "kaisen/collector/unom/api"
	"kaisen/schema"
)

var errSuddenlyEmpty = errors.New("the carrier's list is empty although lines are known; believed when told twice in a row")

// sweepInventory asks every contract for its lines, then asks again for those the carrier had answered 404.
func (u *Unom) sweepInventory(ctx context.Context, p *pass) {
	u.meetExtraLines(ctx, p)
	p.total.Add(int64(len(u.cfg.Contracts)))
	workers := u.workers()
	for _, contract := range u.cfg.Contracts {
		workers.Go(func() {
			err := p.item(ctx, func(ctx context.Context) error { return u.inventoryOf(ctx, p, contract) })
			u.setList(contract, err)
			u.tell(p)
		})
	}
	workers.Wait()
	u.meetSighted(ctx, p)
	u.askAgain(ctx, p)
	u.metrics.countLines(u)
}

// inventoryOf makes the fleet agree with one contract's list. A list of 1,000 rows is cut (UNO Mobile API v2.1 call 02 §1.1), so
// it proves no line gone.
func (u *Unom) inventoryOf(ctx context.Context, p *pass, contract string) error {
	key := schema.LineKey{Source: u.cfg.Source, ContractID: contract}
	answer, err := u.carrier.Lines(ctx, contract)
	if err != nil {
		return u.failed(ctx, p, key, "lines", err)
	}
	truncated := len(answer.Value) >= unom.MaxRows
	u.metrics.truncated.WithLabelValues(u.cfg.Source, contract).Set(boolToFloat(truncated))
	if truncated {
		u.log.Warn("the carrier's list of lines stops at 1,000; name the others in extra_lines_file", "contract", contract)
	}
	if !u.believable(contract, len(answer.Value)) {
		return fmt.Errorf("lines of contract %s: %w", contract, errSuddenlyEmpty)
	}
	rows := schema.Batch{DeadLetters: lettersOf(key, "lines", answer)}
	listed := make(map[string]struct{}, len(answer.Value))
	for _, told := range answer.Value {
		if !u.cfg.Shard.Owns(told.LineNo) {
			continue
		}
		listed[told.LineNo] = struct{}{}
		rows.Append(u.list(contract, told, answer.ObservedAt))
	}
	for _, l := range u.fleet.of(contract) {
		if _, ok := listed[l.key.LineNo]; !ok {
			rows.Append(l.unlisted(answer.ObservedAt, truncated))
		}
	}
	return u.write(ctx, p, rows)
}

// believable guards against a carrier that forgets a whole contract for a moment: all its gauges would vanish, and
// with them every alert.
func (u *Unom) believable(contract string, listed int) bool {
	known := len(u.fleet.all(func(l *line) bool {
		row := l.snapshot()
		return row.ContractID == contract && row.State == schema.LineActive && row.Origin == schema.OriginList
	}))
	u.mu.Lock()
	defer u.mu.Unlock()
	wasEmpty := u.emptyList[contract]
	u.emptyList[contract] = listed == 0
	return listed > 0 || known == 0 || wasEmpty
}

// list takes in one row of call 02.
func (u *Unom) list(contract string, told unom.Line, at time.Time) schema.Batch {
	row := listedRow(schema.LineKey{Source: u.cfg.Source, ContractID: contract, LineNo: told.LineNo}, told, at)
	l, isNew := u.fleet.add(row)
	if isNew {
		return schema.Batch{Lines: []schema.Line{row}}
	}
	changes := l.change(at, func(known *schema.Line) {
		row.DataShare, row.FirstSeen = known.DataShare, known.FirstSeen
		if known.State == schema.LineNotFound {
			row.State = schema.LineNotFound // until the line itself answers
		}
		*known = row
	})
	if len(changes.Lines) == 0 { // last_seen moves all the same
		changes.Lines = []schema.Line{l.snapshot()}
	}
	return changes
}

// listedRow is a row of call 02 as a row of table lines.
func listedRow(key schema.LineKey, told unom.Line, at time.Time) schema.Line {
	return schema.Line{
		LineKey: key, State: schema.LineActive, Origin: schema.OriginList,
		StartDate: told.StartDate, PlanCode: told.PlanCode, Access: told.Access, OptionCodes: told.OptionCodes,
		SIMType: told.SIMType, SIMNumber: told.SIMNumber, DeviceName: told.DeviceName, IMEI: told.IMEI,
		AuthenticationType: told.AuthenticationType, ACTIPAddress: told.ACTIPAddress, SBYIPAddress: told.SBYIPAddress,
		RoamingIPAddress: told.RoamingIPAddress, AuthenticationID: told.AuthenticationID, Note: told.Note,
		IMEIOption: told.IMEIOption, FirstSeen: at, LastSeen: at, ObservedAt: at,
	}
}

// unlisted is a line that the carrier's list does not have. A whole list without it proves it gone.
func (l *line) unlisted(at time.Time, truncated bool) schema.Batch {
	return l.change(at, func(row *schema.Line) {
		if !truncated && row.Origin == schema.OriginList {
			row.State = schema.LineRemoved
		}
	})
}

// meet takes lines in that were seen elsewhere than in the carrier's list.
func (u *Unom) meet(ctx context.Context, p *pass, contract string, origin schema.LineOrigin, at time.Time,
	numbers map[string]struct{}) error {
	var rows schema.Batch
	for lineNo := range numbers {
		if _, known := u.fleet.get(contract, lineNo); known || !u.cfg.Shard.Owns(lineNo) {
			continue
		}
		row := schema.Line{LineKey: schema.LineKey{Source: u.cfg.Source, ContractID: contract, LineNo: lineNo},
			State: schema.LineActive, Origin: origin, FirstSeen: at, LastSeen: at, ObservedAt: at}
		if _, isNew := u.fleet.add(row); isNew {
			rows.Lines = append(rows.Lines, row)
		}
	}
	if len(rows.Lines) == 0 {
		return nil
	}
	slices.SortFunc(rows.Lines, func(a, b schema.Line) int { return strings.Compare(a.LineNo, b.LineNo) })
	return u.write(ctx, p, rows)
}

// meetExtraLines takes in the lines of extra_lines_file; they need no list to be polled.
func (u *Unom) meetExtraLines(ctx context.Context, p *pass) {
	for _, contract := range u.cfg.Contracts {
		extra := linesOf(u.cfg.ExtraLines, contract)
		if err := u.meet(ctx, p, contract, schema.OriginFile, u.carrier.Now().Truncate(time.Second), extra); err != nil {
			p.fail(err)
		} else if len(extra) > 0 {
			u.loaded()
		}
	}
}

// meetSighted takes in the lines of this part that only another part's log shows, as far back as a log can be asked. A
// database that is away fails no inventory: it says so itself, and the next inventory asks again.
func (u *Unom) meetSighted(ctx context.Context, p *pass) {
	if u.cfg.Sightings == nil {
		return
	}
	now := u.carrier.Now().Truncate(time.Second)
	sighted, err := u.cfg.Sightings.LogLines(ctx, u.cfg.Source, now.Add(-reach))
	if err != nil {
		u.log.Warn("lines that other parts' logs tell of could not be looked up; the next inventory tries again", "error", err)
		return
	}
	for _, contract := range u.cfg.Contracts {
		if err := u.meet(ctx, p, contract, schema.OriginLog, now, linesOf(sighted, contract)); err != nil {
			p.fail(err)
		}
	}
}

// askAgain polls the lines that the carrier had not found: one that answers is back.
func (u *Unom) askAgain(ctx context.Context, p *pass) {
	missing := u.fleet.all(func(l *line) bool { return l.snapshot().State == schema.LineNotFound })
	p.total.Add(int64(len(missing)))
	workers := u.workers()
	for _, l := range missing {
		workers.Go(func() {
			_ = p.item(ctx, func(ctx context.Context) error { return u.pollTraffic(ctx, p, l) })
			u.tell(p)
		})
	}
	workers.Wait()
}

// lost is a line for which the carrier answered 404: it leaves the sweep and the gauges.
func (l *line) lost(at time.Time) schema.Batch {
	return l.change(at, func(row *schema.Line) {
		if row.State == schema.LineActive {
			row.State = schema.LineNotFound
		}
	})
}

// found is a line that answered: if it had been lost, it is back.
func (l *line) found(at time.Time) schema.Batch {
	return l.change(at, func(row *schema.Line) {
		if row.State == schema.LineNotFound {
			row.State = schema.LineActive
		}
	})
}

func boolToFloat(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
