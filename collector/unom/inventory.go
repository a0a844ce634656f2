package unom

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/unom/api"
	"kaisen/collector/unom/logs"
	"kaisen/schema"
)

// sweepInventory asks every contract for its lines, then call 03 about those that may be gone, or be back.
func (c *Collector) sweepInventory(ctx context.Context, sweep *collector.Sweep) {
	c.payOwed(ctx, sweep)
	c.discoverExtraLines(ctx, sweep)
	collector.ForEach(ctx, c.Engine, sweep, c.contracts,
		func(ctx context.Context, contract string) error { return c.inventoryOf(ctx, sweep, contract) }, c.SetList)
	c.noteListed()
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
	truncated, lost := len(answer.Value)+carrier.LeftOut(answer.Warnings) >= api.MaxRows, carrier.LeftOut(answer.Warnings) > 0
	c.showTruncated(contract, truncated)
	if truncated {
		c.Log.Warn("the carrier's list of lines stops at 1,000; name the others in extra_lines_file", "contract", contract)
	}
	rows := schema.Batch{DeadLetters: collector.DeadLetters(key, "lines", answer)}
	listed := make(map[string]struct{}, len(answer.Value))
	once := onePerLine(answer.Value)
	for _, told := range once {
		if c.Shard.Owns(told.LineNo) {
			listed[told.LineNo] = struct{}{}
		}
	}
	missing, believed := c.missing(contract, listed, truncated || lost)
	if believed {
		c.showListed(contract, once)
	}
	for _, told := range once {
		if _, ours := listed[told.LineNo]; ours {
			rows.Append(c.list(contract, told, answer.ObservedAt))
		}
	}
	if err := c.Write(ctx, sweep, rows); err != nil {
		return err
	}
	if !believed {
		return fmt.Errorf("lines of contract %s: %w (%d of %d)", contract, errLostLines, missing, missing+len(listed))
	}
	return nil
}

// missing notes which lines of a contract its list has and lacks, and returns how many it has lost. A list that is not
// believed, or is cut, says nothing of what it lacks.
func (c *Collector) missing(contract string, listed map[string]struct{}, truncated bool) (missing int, believed bool) {
	known := 0
	lines := c.fleet.of(contract)
	for _, l := range lines {
		_, has := listed[l.key.LineNo]
		if row := l.snapshot(); row.State == schema.LineActive && row.Origin == schema.OriginList {
			known++
			if !has {
				missing++
			}
		}
	}
	if truncated {
		missing = 0
	}
	believed = c.doubts[contract].Believes(known, missing, time.Now())
	for _, l := range lines {
		if _, has := listed[l.key.LineNo]; has || believed && !truncated {
			l.setListed(has)
		}
	}
	return missing, believed
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
		if known.FirstSeen.Before(at) && known.FirstSeen.Unix() >= 0 { // not of a clock that was wrong, however it comes back
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
	c.Loaded() // lines are known, and watched, whatever becomes of their list
	return c.Write(ctx, sweep, rows)
}

// logLines are the lines as the readers of logs see them.
type logLines struct{ c *Collector }

// Numbers implements logs.Lines.
func (l logLines) Numbers(contract string) []string {
	lines := l.c.fleet.of(contract)
	numbers := make([]string, len(lines))
	for i, known := range lines {
		numbers[i] = known.key.LineNo
	}
	return numbers
}

// Discover implements logs.Lines.
func (l logLines) Discover(ctx context.Context, sweep *collector.Sweep, contract string, at time.Time, numbers map[string]struct{}) error {
	return l.c.discover(ctx, sweep, contract, schema.OriginLog, at, numbers)
}

// Saw implements logs.Lines.
func (l logLines) Saw(job, contract string, row logs.Row) {
	known, ok := l.c.fleet.get(contract, row.LineNo)
	if !ok {
		return
	}
	at := time.Unix(row.At, 0)
	if row.Session == schema.SessionRoaming {
		known.roamedAt(at)
	}
	if job == JobSessions {
		event := schema.SessionEventKind(row.Outcome)
		known.noteEvent(row.Session, event, at)
		if event == schema.SessionStart {
			l.c.hintConnected(known, at)
		}
	}
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
	found, err := c.Lines.LogLines(ctx, c.Source, now.Add(-collector.MaxLookback))
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
