package probe

import (
	"context"
	"fmt"
	"slices"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/probing"
	"kaisen/collector/unom/api"
	"kaisen/collector/unom/readings"
	"kaisen/schema"
)

// sampled are lines of each kind that there is: those that were abroad, members of the share group and others, of each
// plan and access.
func (c *probedContract) sampled(roamed map[string]bool, most int) []api.Line {
	met := make(map[string]int)
	var chosen []api.Line
	first := func(kind string, n int) bool { met[kind]++; return met[kind] <= n }
	for _, want := range []func(api.Line) bool{
		func(l api.Line) bool { return roamed[l.LineNo] && !c.isMember(l.LineNo) && first("roamed", 2) },
		func(l api.Line) bool { return c.isMember(l.LineNo) && first("member", 1) },
		func(l api.Line) bool { return !c.isMember(l.LineNo) && first("plan "+l.PlanCode, 1) },
		func(l api.Line) bool { return first("access "+l.Access, 1) },
		func(l api.Line) bool { return first("authentication "+l.AuthenticationType, 1) },
		func(l api.Line) bool { return !c.isMember(l.LineNo) },
		func(api.Line) bool { return true },
	} {
		for _, line := range c.lines {
			if len(chosen) == most {
				return chosen
			}
			is := func(l api.Line) bool { return l.LineNo == line.LineNo }
			if !slices.ContainsFunc(chosen, is) && want(line) {
				chosen = append(chosen, line)
			}
		}
	}
	return chosen
}

func (c *probedContract) isMember(lineNo string) bool {
	return slices.ContainsFunc(c.members, func(m api.ShareMember) bool { return m.LineNo == lineNo })
}

// sharing are the members that draw on the group's volume now.
func (c *probedContract) sharing() (numbers []string) {
	for _, m := range c.members {
		if m.Status != schema.ShareReserved {
			numbers = append(numbers, m.LineNo)
		}
	}
	return numbers
}

// probeFigures asks lines of each kind for their figures.
func (q *probe) probeFigures(ctx context.Context, c *probedContract, roamed map[string]bool) (figures []probedLine) {
	lines := c.sampled(roamed, q.lines)
	if _, refused := q.Refused(c.id, "lines"); refused && len(lines) == 0 {
		q.NotAsked(c.id, "traffic", "no line is known")
		q.NotAsked(c.id, "session", "no line is known")
	} else if len(lines) == 0 {
		q.NothingToAsk(c.id, "traffic")
		q.NothingToAsk(c.id, "session")
	}
	restricted := 0
	for _, line := range lines {
		answer, err := q.askTraffic(ctx, c.id, line.LineNo, "traffic", q.carrier.Traffic)
		if err != nil {
			continue
		}
		if answer.Value.Restriction != schema.RestrictionNone && answer.Value.Restriction != schema.RestrictionUnknown {
			restricted++
		}
		figures = append(figures, probedLine{line.LineNo, line.PlanCode, c.isMember(line.LineNo), roamed[line.LineNo], answer.Value, answer.ObservedAt.In(q.account.Zone)})
	}
	if len(figures) > 0 && restricted == 0 {
		q.Unknown(c.id, "a restricted line", fmt.Sprintf("none of the %d that were asked is", len(figures)))
	}
	return figures
}

func (q *probe) askTraffic(
	ctx context.Context, contract, lineNo, operation string, ask func(context.Context, string, string) (carrier.Answer[api.Traffic], error),
) (carrier.Answer[api.Traffic], error) {
	return probing.Ask(ctx, q.Probe, contract, operation, oneRow, func(ctx context.Context) (carrier.Answer[api.Traffic], error) {
		return ask(ctx, contract, lineNo)
	})
}

const (
	pair        = 2 // members are compared
	memberTries = 4 // are asked at most for that, where some are told nothing
)

// probeShare asks two members for the figures of their group, and compares one with its own.
func (q *probe) probeShare(ctx context.Context, c *probedContract, figures []probedLine) {
	members := c.sharing()
	if len(members) == 0 {
		if _, refused := q.Refused(c.id, "data_share"); refused {
			q.NotAsked(c.id, "data_share_traffic", "no member of a share group is known")
		} else {
			q.NothingToAsk(c.id, "data_share_traffic")
		}
		q.Unknown(c.id, readings.ShareFigures, "the contract has no share group with members")
		return
	}
	for i, line := range figures { // one that call 03 was asked about comes first
		if at := slices.Index(members, line.lineNo); at >= 0 && figures[i].member {
			members[0], members[at] = members[at], members[0]
			break
		}
	}
	var told []probedLine
	for _, member := range members[:min(len(members), memberTries)] {
		if len(told) == pair {
			break
		}
		answer, err := q.askTraffic(ctx, c.id, member, "data_share_traffic", q.carrier.DataShareTraffic)
		if kind, _ := carrier.KindOf(err); kind == api.KindNoShareGroup {
			q.Answered(c.id, "data_share_traffic", "a member of the list has no group to call 09")
		}
		if carrier.ReasonOf(err) == api.ReasonNotComRadius {
			q.Answered(c.id, "data_share_traffic", "not told of members with a RADIUS of their own, which are asked once a day")
		}
		if err != nil {
			continue
		}
		told = append(told, probedLine{lineNo: member, told: answer.Value, at: answer.ObservedAt.In(q.account.Zone)})
		for _, own := range figures {
			if own.lineNo == member {
				q.Form("member_restriction", "data_share_traffic", fmt.Sprintf("call 09 tells a member of %s, call 03 of %s",
					restrictionOf(answer.Value), restrictionOf(own.told)))
			}
		}
	}
	switch len(told) {
	case pair:
		q.conclude(c.id, "data_share_traffic", readings.ShareFigures)(shareFiguresShown(told[0], told[1]))
	case 1:
		q.Unknown(c.id, readings.ShareFigures, "one member alone answered")
	default:
		q.Unknown(c.id, readings.ShareFigures, "no member answered")
	}
}

// probeSessions asks whether a line is connected: one whose RADIUS is the carrier's, and one whose is not.
func (q *probe) probeSessions(ctx context.Context, c *probedContract) {
	for _, com := range []bool{true, false} {
		at := slices.IndexFunc(c.lines, func(l api.Line) bool {
			return (l.AuthenticationType == api.AuthByCom || l.AuthenticationType == "") == com
		})
		if at < 0 {
			continue
		}
		answer, err := probing.Ask(ctx, q.Probe, c.id, "session", oneRow, func(ctx context.Context) (carrier.Answer[api.Session], error) {
			return q.carrier.Session(ctx, c.id, c.lines[at].LineNo)
		})
		switch {
		case carrier.ReasonOf(err) == api.ReasonNotComRadius:
			q.Answered(c.id, "session", "not told of lines with a RADIUS of their own, which are asked once a day")
		case err == nil && answer.Value.ResultCode == api.ResultTooMany:
			q.Form("limit", "session", "resultCode 2: too many requests")
		}
	}
}

// needRate compares what the jobs ask an hour with the limit.
func (q *probe) needRate(contracts []*probedContract) {
	var has collector.Inventory
	for _, c := range contracts {
		has.Contracts = append(has.Contracts, collector.ContractInventory{ID: c.id, Lines: len(c.lines), Members: len(c.sharing()), LogRows: collector.DefaultLogRows})
	}
	if lines, members := has.Lines(); lines > 0 {
		q.NeedRate(fmt.Sprintf("%d lines, %d of them in share groups", lines, members), q.account.PerHour(has))
	}
}
