package unom

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kaisen/collector"
	"kaisen/collector/unom/days"
	"kaisen/collector/unom/readings"
	"kaisen/schema"
)

// closedFigures are what a member was told that grows no more.
type closedFigures struct {
	of *line
	at time.Time
	days.Closed
}

// compare lays a member's closed figures beside those that another was told before. Others than those are a finding at
// once: members are told their own.
func (c *Collector) compare(ctx context.Context, sweep *collector.Sweep, answer shareAnswer) error {
	g := c.shareGroup(answer.of.key.ContractID)
	if g == nil {
		return nil
	}
	told, at := &answer.is.Value, answer.is.ObservedAt
	figures := &closedFigures{answer.of, at, days.ClosedOf(told.Days[:], told.Months[:], answer.dates, at.In(c.Zone))}
	g.mu.Lock()
	last := g.last
	g.last = figures
	if last == nil || last.of == figures.of {
		g.mu.Unlock()
		return nil
	}
	same, used, differ := last.Compare(&figures.Closed)
	switch {
	case differ != "":
		g.agreed, g.used = nil, false
	case same > 0:
		if g.agreed == nil {
			g.agreed = map[*line]bool{last.of: true}
		}
		g.agreed[figures.of] = true
		g.used = g.used || used
	}
	g.mu.Unlock()
	if differ == "" {
		return nil
	}
	return c.Find(ctx, sweep, g.finding(readings.ShareFiguresLine, "two members were told different figures of "+differ, figures.at))
}

// forgetLast begins anew with comparing.
func (g *shareGroup) forgetLast() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.last = nil
}

// judgeGroup finds that a group's members are told the same, once all have been who are told anything.
func (c *Collector) judgeGroup(ctx context.Context, sweep *collector.Sweep, g *shareGroup) error {
	members := c.members(g)
	g.mu.Lock()
	agreed, used, last := len(g.agreed), g.used, g.last
	missing := slices.ContainsFunc(members, func(l *line) bool { return !g.agreed[l] && l.hasFigures() })
	g.mu.Unlock()
	whole := !missing || c.tellsTheSame(g)
	if mixed, err := c.judgeLimits(ctx, sweep, g, members); mixed || err != nil {
		return err
	}
	if last == nil || agreed < pairOf || !used || !whole || ctx.Err() != nil {
		return nil
	}
	if !c.tellsTheSame(g) {
		g.Restored(askDataShare, time.Now()) // all have just been asked
	}
	return c.Find(ctx, sweep, g.finding(readings.ShareFiguresGroup,
		fmt.Sprintf("%d members were told the same of all days and months that are over", agreed), last.at))
}

// finding is one about whose figures call 09 tells.
func (g *shareGroup) finding(value, evidence string, at time.Time) schema.CarrierFinding {
	return schema.CarrierFinding{ContractID: g.contract, Operation: "data_share_traffic", Reading: readings.ShareFigures,
		Value: value, Evidence: evidence, ObservedAt: at}
}
