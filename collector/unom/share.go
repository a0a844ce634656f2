package unom

import (
	"context"
	"fmt"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/unom/api"
	"kaisen/schema"
)

// noShareFor is how long "no share group" (404, error table ⑥) is remembered: an answer, not an error.
const noShareFor = time.Hour

// sweepShares asks each contract for its share group, then each member for the group's figures.
func (c *Collector) sweepShares(ctx context.Context, sweep *collector.Sweep, paced bool) {
	for _, contract := range c.contracts {
		if c.noShare(contract).After(time.Now()) {
			continue
		}
		sweep.Expect(1)
		_ = sweep.Do(ctx, func(ctx context.Context) error { return c.pollMembers(ctx, sweep, contract) })
	}
	collector.PollAll(ctx, c.Engine, sweep, askDataShare, c.fleet.all((*line).inPool), paced, c.pollShare)
}

// pollShare asks a member for its group's figures.
func (c *Collector) pollShare(ctx context.Context, sweep *collector.Sweep, l *line) error {
	answer, err := c.carrier.DataShareTraffic(ctx, l.key.ContractID, l.key.LineNo)
	if kind, ok := carrier.KindOf(err); ok && kind == api.KindNoShareGroup {
		l.Suspend(askDataShare, time.Now().Add(noShareFor))
		return nil
	}
	if err != nil {
		return c.refused(ctx, sweep, l, "data_share_traffic", err)
	}
	rows := l.digest(answer, schema.ScopeDataShare, c.Zone)
	rows.DeadLetters = collector.DeadLetters(l.key, "data_share_traffic", answer)
	return c.Write(ctx, sweep, rows)
}

// pollMembers asks for the list of a contract's share group.
func (c *Collector) pollMembers(ctx context.Context, sweep *collector.Sweep, contract string) error {
	answer, err := c.carrier.DataShare(ctx, contract)
	if kind, ok := carrier.KindOf(err); ok && kind == api.KindNoShareGroup {
		c.setNoShare(contract, time.Now().Add(noShareFor))
		return c.setMembers(ctx, sweep, contract, nil, true, collector.FailureOf(err).ObservedAt)
	}
	key := schema.LineKey{Source: c.Source, ContractID: contract}
	if err != nil {
		return c.Failed(ctx, sweep, key, "data_share", err)
	}
	deadLetters := collector.DeadLetters(key, "data_share", answer)
	if len(answer.Value) >= api.MaxRows {
		c.Log.Warn("the carrier's list of a share group stops at 1,000 lines", "contract", contract)
	}
	if len(deadLetters) > 0 {
		if err := c.Write(ctx, sweep, schema.Batch{DeadLetters: deadLetters}); err != nil {
			return err
		}
	}
	whole := len(answer.Value) < api.MaxRows && leftOut(answer.Warnings) == 0
	return c.setMembers(ctx, sweep, contract, answer.Value, whole, answer.ObservedAt)
}

// setMembers makes the fleet agree with the carrier's list, and writes every member and what changed. Of a list that is not
// whole nobody is missing.
func (c *Collector) setMembers(
	ctx context.Context, sweep *collector.Sweep, contract string, list []api.ShareMember, whole bool, at time.Time,
) error {
	told := make(map[string]api.ShareMember, len(list))
	numbers := make(map[string]struct{}, len(list))
	for _, member := range list {
		// of a line that is listed twice the same row counts whatever their order
		if known := told[member.LineNo]; string(member.Status)+member.ReserveID >= string(known.Status)+known.ReserveID {
			told[member.LineNo] = member
		}
		numbers[member.LineNo] = struct{}{}
	}
	if err := c.discover(ctx, sweep, contract, schema.OriginDataShare, at, numbers); err != nil {
		return err
	}
	var rows schema.Batch
	for _, l := range c.fleet.of(contract) {
		member, isMember := told[l.key.LineNo]
		was := l.share()
		if isMember {
			rows.Members = append(rows.Members, schema.DataShareMember{LineKey: l.key, Status: member.Status,
				ReserveID: member.ReserveID, Member: true, ObservedAt: at})
		} else if was.Known && whole {
			rows.Members = append(rows.Members, schema.DataShareMember{LineKey: l.key, Status: was.V, ObservedAt: at})
		} else {
			continue
		}
		rows.Append(l.change(at, func(row *schema.Line) {
			row.DataShare = schema.Opt[schema.ShareStatus]{V: member.Status, Known: isMember}
		}))
	}
	if rows.Rows() == 0 {
		return nil
	}
	if err := c.Write(ctx, sweep, rows); err != nil {
		return fmt.Errorf("share group of contract %s: %w", contract, err)
	}
	return nil
}
