package collector

import (
	"context"
	"fmt"
	"time"

	"kaisen/collector/carrier"
	unom "kaisen/collector/unom/api"
	"kaisen/schema"
)

// noShareFor is how long "no share group" (404, error table ⑥) is remembered: an answer, not an error.
const noShareFor = time.Hour

// sweepShares asks each contract for its share group, then each member for the group's figures.
func (u *Unom) sweepShares(ctx context.Context, p *pass, paced bool) {
	for _, contract := range u.cfg.Contracts {
		if u.noShare(contract).After(time.Now()) {
			continue
		}
		p.total.Add(1)
		_ = p.item(ctx, func(ctx context.Context) error { return u.pollMembers(ctx, p, contract) })
	}
	members := u.fleet.all(func(l *line) bool { return l.active() && l.share().V.InPool() })
	u.sweepLines(ctx, p, pollDataShare, members, paced, u.pollShare)
}

// pollShare asks a member for its group's figures.
func (u *Unom) pollShare(ctx context.Context, p *pass, l *line) error {
	answer, err := u.carrier.DataShareTraffic(ctx, l.key.ContractID, l.key.LineNo)
	if kind, ok := carrier.KindOf(err); ok && kind == unom.KindNoShareGroup {
		l.rest(pollDataShare, time.Now().Add(noShareFor))
		return nil
	}
	if err != nil {
		return u.refused(ctx, p, l, "data_share_traffic", err)
	}
	rows := l.digest(answer, schema.ScopeDataShare, u.cfg.Zone)
	rows.DeadLetters = lettersOf(l.key, "data_share_traffic", answer)
	return u.write(ctx, p, rows)
}

// pollMembers asks for the list of a contract's share group.
func (u *Unom) pollMembers(ctx context.Context, p *pass, contract string) error {
	answer, err := u.carrier.DataShare(ctx, contract)
	if kind, ok := carrier.KindOf(err); ok && kind == unom.KindNoShareGroup {
		u.setNoShare(contract, time.Now().Add(noShareFor))
		return u.setMembers(ctx, p, contract, nil, failureOf(err).ObservedAt)
	}
	key := schema.LineKey{Source: u.cfg.Source, ContractID: contract}
	if err != nil {
		return u.failed(ctx, p, key, "data_share", err)
	}
	letters := lettersOf(key, "data_share", answer)
	if len(answer.Value) >= unom.MaxRows {
		u.log.Warn("the carrier's list of a share group stops at 1,000 lines", "contract", contract)
	}
	if len(letters) > 0 {
		if err := u.write(ctx, p, schema.Batch{DeadLetters: letters}); err != nil {
			return err
		}
	}
	return u.setMembers(ctx, p, contract, answer.Value, answer.ObservedAt)
}

// setMembers makes the fleet agree with the carrier's list, and writes every member and what changed.
func (u *Unom) setMembers(ctx context.Context, p *pass, contract string, list []unom.ShareMember, at time.Time) error {
	told := make(map[string]unom.ShareMember, len(list))
	numbers := make(map[string]struct{}, len(list))
	for _, member := range list {
		told[member.LineNo] = member
		numbers[member.LineNo] = struct{}{}
	}
	if err := u.meet(ctx, p, contract, schema.OriginDataShare, at, numbers); err != nil {
		return err
	}
	var rows schema.Batch
	for _, l := range u.fleet.of(contract) {
		member, isMember := told[l.key.LineNo]
		was := l.share()
		if isMember {
			rows.Members = append(rows.Members, schema.DataShareMember{LineKey: l.key, Status: member.Status,
				ReserveID: member.ReserveID, Member: true, ObservedAt: at})
		} else if was.Known && len(list) < unom.MaxRows {
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
	if err := u.write(ctx, p, rows); err != nil {
		return fmt.Errorf("share group of contract %s: %w", contract, err)
	}
	return nil
}
