package unom

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kaisen/collector"
	"kaisen/collector/unom/api"
	"kaisen/schema"
)

var errSuddenlyEmpty = errors.New("the carrier's list is empty although lines are known; believed when told twice in a row")

// sweepInventory asks every contract for its lines, then asks again for those the carrier had answered 404.
func (c *Collector) sweepInventory(ctx context.Context, sweep *collector.Sweep) {
	c.discoverExtraLines(ctx, sweep)
	collector.ForEach(ctx, c.Engine, sweep, c.contracts,
		func(ctx context.Context, contract string) error { return c.inventoryOf(ctx, sweep, contract) }, c.SetList)
	c.discoverInLogs(ctx, sweep)
	c.askAgain(ctx, sweep)
	c.countLines()
}

// inventoryOf makes the fleet agree with one contract's list. A list of 1,000 rows is cut (UNO Mobile API v2.1 call 02 §1.1), so
// it proves no line gone; neither does one with a row that could not be read.
func (c *Collector) inventoryOf(ctx context.Context, sweep *collector.Sweep, contract string) error {
	key := schema.LineKey{Source: c.Source, ContractID: contract}
	answer, err := c.carrier.Lines(ctx, contract)
	if err != nil {
		return c.Failed(ctx, sweep, key, "lines", err)
	}
	truncated, lost := len(answer.Value)+leftOut(answer.Warnings) >= api.MaxRows, leftOut(answer.Warnings) > 0
	c.showTruncated(contract, truncated)
	if truncated {
		c.Log.Warn("the carrier's list of lines stops at 1,000; name the others in extra_lines_file", "contract", contract)
	}
	if !c.believable(contract, len(answer.Value)) {
		return fmt.Errorf("lines of contract %s: %w", contract, errSuddenlyEmpty)
	}
	rows := schema.Batch{DeadLetters: collector.DeadLetters(key, "lines", answer)}
	listed := make(map[string]struct{}, len(answer.Value))
	for _, told := range onePerLine(answer.Value) {
		if !c.Shard.Owns(told.LineNo) {
			continue
		}
		listed[told.LineNo] = struct{}{}
		rows.Append(c.list(contract, told, answer.ObservedAt))
	}
	for _, l := range c.fleet.of(contract) {
		if _, ok := listed[l.key.LineNo]; !ok {
			rows.Append(l.unlisted(answer.ObservedAt, truncated || lost))
		}
	}
	return c.Write(ctx, sweep, rows)
}

// believable guards against a carrier that forgets a whole contract for a moment: all its gauges would vanish, and
// with them every alert.
func (c *Collector) believable(contract string, listed int) bool {
	known := len(c.fleet.all(func(l *line) bool {
		row := l.snapshot()
		return row.ContractID == contract && row.State == schema.LineActive && row.Origin == schema.OriginList
	}))
	c.mu.Lock()
	defer c.mu.Unlock()
	wasEmpty := c.emptyList[contract]
	c.emptyList[contract] = listed == 0
	return listed > 0 || known == 0 || wasEmpty
}

// list takes in one row of call 02.
func (c *Collector) list(contract string, told api.Line, at time.Time) schema.Batch {
	row := listedRow(schema.LineKey{Source: c.Source, ContractID: contract, LineNo: told.LineNo}, told, at)
	l, isNew := c.fleet.add(row)
	if isNew {
		return schema.Batch{Lines: []schema.Line{row}}
	}
	changes := l.change(at, func(known *schema.Line) {
		row.DataShare = known.DataShare
		if known.FirstSeen.Before(at) {
			row.FirstSeen = known.FirstSeen
		}
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
func listedRow(key schema.LineKey, told api.Line, at time.Time) schema.Line {
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

// discover takes lines in that were seen elsewhere than in the carrier's list.
func (c *Collector) discover(ctx context.Context, sweep *collector.Sweep, contract string, origin schema.LineOrigin, at time.Time,
	numbers map[string]struct{}) error {
	var rows schema.Batch
	for lineNo := range numbers {
		if _, known := c.fleet.get(contract, lineNo); known || !c.Shard.Owns(lineNo) {
			continue
		}
		row := schema.Line{LineKey: schema.LineKey{Source: c.Source, ContractID: contract, LineNo: lineNo},
			State: schema.LineActive, Origin: origin, FirstSeen: at, LastSeen: at, ObservedAt: at}
		if _, isNew := c.fleet.add(row); isNew {
			rows.Lines = append(rows.Lines, row)
		}
	}
	if len(rows.Lines) == 0 {
		return nil
	}
	slices.SortFunc(rows.Lines, func(a, b schema.Line) int { return strings.Compare(a.LineNo, b.LineNo) })
	return c.Write(ctx, sweep, rows)
}

// discoverExtraLines takes in the lines of extra_lines_file; they need no list to be polled.
func (c *Collector) discoverExtraLines(ctx context.Context, sweep *collector.Sweep) {
	for _, contract := range c.contracts {
		extra := c.extraOf(contract)
		if err := c.discover(ctx, sweep, contract, schema.OriginFile, c.carrier.Now().Truncate(time.Second), extra); err != nil {
			sweep.Fail(err)
		} else if len(extra) > 0 {
			c.Loaded()
		}
	}
}

// discoverInLogs takes in the lines of this part that only another part's log shows, as far back as a log can be asked. A
// database that is away fails no inventory: it says so itself, and the next inventory asks again.
func (c *Collector) discoverInLogs(ctx context.Context, sweep *collector.Sweep) {
	if c.Lines == nil {
		return
	}
	now := c.carrier.Now().Truncate(time.Second)
	found, err := c.Lines.LogLines(ctx, c.Source, now.Add(-reach))
	if err != nil {
		c.Log.Warn("lines that other parts' logs tell of could not be looked up; the next inventory tries again", "error", err)
		return
	}
	for _, contract := range c.contracts {
		if err := c.discover(ctx, sweep, contract, schema.OriginLog, now, numbersOf(found, contract)); err != nil {
			sweep.Fail(err)
		}
	}
}

// askAgain polls the lines that the carrier had not found: one that answers is back.
func (c *Collector) askAgain(ctx context.Context, sweep *collector.Sweep) {
	missing := c.fleet.all(func(l *line) bool { return l.snapshot().State == schema.LineNotFound })
	collector.ForEach(ctx, c.Engine, sweep, missing,
		func(ctx context.Context, l *line) error { return c.pollTraffic(ctx, sweep, l) }, nil)
}

// markNotFound is a line for which the carrier answered 404: it leaves the sweep and the gauges.
func (l *line) markNotFound(at time.Time) schema.Batch {
	return l.change(at, func(row *schema.Line) {
		if row.State == schema.LineActive {
			row.State = schema.LineNotFound
		}
	})
}

// markFound is a line that answered: if it had been lost, it is back.
func (l *line) markFound(at time.Time) schema.Batch {
	return l.change(at, func(row *schema.Line) {
		if row.State == schema.LineNotFound {
			row.State = schema.LineActive
		}
	})
}

// extraOf are the numbers of a contract's lines in extra_lines_file.
func (c *Collector) extraOf(contract string) map[string]struct{} {
	numbers := make(map[string]struct{})
	for _, line := range c.extra {
		if line.ContractID == contract {
			numbers[line.LineNo] = struct{}{}
		}
	}
	return numbers
}

// numbersOf are the numbers of those lines that are a contract's.
func numbersOf(keys []schema.LineKey, contract string) map[string]struct{} {
	numbers := make(map[string]struct{})
	for _, key := range keys {
		if key.ContractID == contract {
			numbers[key.LineNo] = struct{}{}
		}
	}
	return numbers
}
