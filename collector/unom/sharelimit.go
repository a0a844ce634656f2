package unom

import (
	"context"
	"time"

	"kaisen/collector"
	"kaisen/collector/unom/readings"
	"kaisen/schema"
)

// A restriction that call 09 tells may be the group's, as its figures are, or the member's own: 規制条件表 speaks of lines for
// which a group is set. While a pair is told the same, one answer counts for all; members that are told different ones, and
// not only because the group's has just changed, end that for good.

// judgeLimits reports whether members were lately told different restrictions. At the end of two sweeps in a row that is no
// moment at which the group's changed.
func (c *Collector) judgeLimits(ctx context.Context, sweep *collector.Sweep, g *shareGroup, members []*line) (mixed bool, err error) {
	told := map[schema.Restriction]bool{}
	var at time.Time
	for _, l := range members {
		if limit, when := l.shareLimit(); limit != schema.RestrictionUnknown && time.Since(when) < 2*c.Jobs[JobDataShare].Interval {
			told[limit], at = true, when
		}
	}
	mixed = len(told) > 1
	g.mu.Lock()
	before := g.mixed
	g.mixed = mixed
	g.mu.Unlock()
	if mixed && before {
		err = c.Find(ctx, sweep, g.limitFinding(at))
	}
	return mixed, err
}

// limitFinding is that each member has a restriction of its own.
func (g *shareGroup) limitFinding(at time.Time) schema.CarrierFinding {
	return schema.CarrierFinding{ContractID: g.contract, Operation: "data_share_traffic", Reading: readings.ShareLimit,
		Value: readings.ShareLimitLine, Evidence: "members were told different restrictions, and again", ObservedAt: at}
}

// compareLimits asks a pair once more that was told different restrictions: the group's may have changed between the two. A
// difference that stays ends that what the one was told counts for all.
func (c *Collector) compareLimits(ctx context.Context, sweep *collector.Sweep, g *shareGroup, told []shareAnswer) error {
	if len(told) < pairOf || told[0].limit() == told[1].limit() {
		return nil
	}
	for i := range told {
		answer, is, err := c.askShare(ctx, sweep, told[i].of)
		if err != nil || !is {
			return err
		}
		more, dates := c.digest(told[i].of, answer, schema.ScopeDataShare)
		told[i].rows.Append(more)
		told[i].is, told[i].dates = answer, dates
	}
	if told[0].limit() == told[1].limit() {
		return nil
	}
	return c.Find(ctx, sweep, g.limitFinding(told[1].is.ObservedAt))
}

// limit is the restriction that was told.
func (a shareAnswer) limit() schema.Restriction { return a.is.Value.Restriction }

// setShareLimit notes which restriction call 09 has told of the line.
func (l *line) setShareLimit(is schema.Restriction) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.limit, l.limitAt = is, time.Now()
}

// shareLimit is that restriction, and when it was told; zero: not to this process.
func (l *line) shareLimit() (schema.Restriction, time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.limit, l.limitAt
}
