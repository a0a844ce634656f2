package unom

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/unom/api"
	"kaisen/collector/unom/days"
	"kaisen/collector/unom/readings"
	"kaisen/schema"
)

// The document does not say whether call 09 tells each member what all of its group have used, or what it used itself.
// The days and months that are over show it, since they do not grow between two answers. While it tells all the same, a pair
// of members is asked an interval, and what they are told counts for all; the pair changes, so that each member has its
// turn, and one that is told otherwise ends it.

const (
	pairOf    = 2 // members are asked an interval
	pairTries = 4 // members at most are asked for that, where some fail

	// passedFor is for how many intervals others are asked instead of a member that failed.
	passedFor = 8
)

// shareGroup is what call 09 tells the members of a contract's share group.
type shareGroup struct {
	contract             string
	*collector.PollState // of the pair

	mu     sync.Mutex
	last   *closedFigures // what was told last
	agreed map[*line]bool // whom closed figures were told that are those told before, since they last were not
	used   bool           // not all of these figures were 0
	mixed  bool           // at the end of the last sweep, members had been told different restrictions
}

// tellsTheSame reports whether the carrier tells all members of a group the same.
func (c *Collector) tellsTheSame(g *shareGroup) bool {
	return c.Finding(g.contract, "data_share_traffic", readings.ShareFigures) == readings.ShareFiguresGroup &&
		c.Finding(g.contract, "data_share_traffic", readings.ShareLimit) != readings.ShareLimitLine
}

// members are the lines that draw on a group.
func (c *Collector) members(g *shareGroup) []*line {
	return c.fleet.among(g.contract, (*line).inPool)
}

func (c *Collector) shareGroup(contract string) *shareGroup {
	for _, list := range c.shares {
		if list.contract == contract {
			return &list.group
		}
	}
	return nil
}

// shareAnswer is what a member was told.
type shareAnswer struct {
	of    *line
	is    carrier.Answer[api.Traffic]
	rows  schema.Batch
	dates days.Dates
}

// pollGroup asks a pair of members, and takes for all others what the one was told whose figures are further on. A
// member that fails does so for itself, and another is asked.
func (c *Collector) pollGroup(ctx context.Context, sweep *collector.Sweep, g *shareGroup) error {
	began := time.Now()
	told, failures := c.askPair(ctx, sweep, g)
	if len(told) == 0 {
		return errors.Join(failures...)
	}
	if len(told) == pairOf { // of one time: the carrier may have corrected a day since the last pair
		g.forgetLast()
	}
	failures = append(failures, c.compareLimits(ctx, sweep, g, told))
	var rows schema.Batch
	best := told[0]
	for _, answer := range told {
		rows.Append(answer.rows)
		if answer.isAhead(best) {
			best = answer
		}
		failures = append(failures, c.compare(ctx, sweep, answer))
	}
	c.learn(c.plans.shares, g, best.of, best.is, &best.rows.Traffic[0])
	asked := func(l *line) bool { return slices.ContainsFunc(told, func(a shareAnswer) bool { return a.of == l }) }
	theSame := c.tellsTheSame(g)
	members := slices.DeleteFunc(c.members(g), func(l *line) bool { return l.isGroupless() || !theSame && !asked(l) })
	for _, l := range members {
		if !asked(l) {
			more, _ := c.digest(l, best.is, schema.ScopeDataShare)
			rows.Append(more)
		}
	}
	if err := c.Write(ctx, sweep, rows); err != nil {
		return err
	}
	for _, l := range members {
		l.Polled(askDataShare, began)
	}
	for _, err := range failures {
		if err != nil {
			sweep.Expect(1)
			sweep.Fail(err)
		}
	}
	return nil
}

// askPair asks two members, or more where some fail. A failure that is no member's ends it.
func (c *Collector) askPair(ctx context.Context, sweep *collector.Sweep, g *shareGroup) (told []shareAnswer, failures []error) {
	now := time.Now()
	for _, l := range inTheirTurn(c.members(g), now) {
		answer, is, err := c.askShare(ctx, sweep, l)
		if is {
			l.passOver(time.Time{})
			rows, dates := c.digest(l, answer, schema.ScopeDataShare)
			c.exactness[g.contract].note(rows)
			rows.DeadLetters = collector.DeadLetters(l.key, "data_share_traffic", answer)
			if told = append(told, shareAnswer{l, answer, rows, dates}); len(told) == pairOf {
				break
			}
			continue
		}
		if err != nil {
			failures = append(failures, err)
		}
		if isEverybodys(err) || ctx.Err() != nil {
			break
		}
		l.passOver(now.Add(passedFor * c.Jobs[JobDataShare].Interval))
	}
	return told, failures
}

// inTheirTurn are the members to ask until a pair has answered: first the one that was not asked for longest, and behind
// it those that have not failed. Where all have failed lately, one is asked.
func inTheirTurn(members []*line, now time.Time) []*line {
	rand.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	slices.SortStableFunc(members, func(a, b *line) int { return a.askedItself().Compare(b.askedItself()) })
	able := slices.DeleteFunc(slices.Clone(members), func(l *line) bool { return l.passedUntil().After(now) })
	if len(able) == 0 {
		return members[:min(1, len(members))]
	}
	slices.SortStableFunc(able[1:], func(a, b *line) int { return a.passedUntil().Compare(b.passedUntil()) })
	return able[:min(pairTries, len(able))]
}

// isEverybodys reports whether a failure would meet the next member too.
func isEverybodys(err error) bool {
	switch kind, _ := carrier.KindOf(err); kind {
	case carrier.KindNetwork, carrier.KindMaintenance, carrier.KindThrottled, carrier.KindUnauthorised, carrier.KindUsedUp:
		return err != nil
	}
	return errors.Is(err, context.DeadlineExceeded)
}

// isAhead reports whether an answer's figures are further on than another's, or not less: some members may be told old ones,
// or not all.
func (a shareAnswer) isAhead(other shareAnswer) bool {
	rank := func(a shareAnswer) (day int, today uint64, known int) {
		told := &a.is.Value
		if told.Days[0].Known {
			today = 1 + told.Days[0].V
		}
		for _, figure := range []schema.Opt[uint64]{told.Months[0], told.Remaining} {
			if figure.Known {
				known++
			}
		}
		return a.dates.Days[0], today, known
	}
	day, today, known := rank(a)
	otherDay, otherToday, otherKnown := rank(other)
	return cmp.Or(cmp.Compare(day, otherDay), cmp.Compare(today, otherToday), cmp.Compare(known, otherKnown)) >= 0
}

// hasFigures reports whether call 09 tells the line figures, unless it has shown that it does not.
func (l *line) hasFigures() bool {
	failed := l.LastAsked(askDataShare).After(l.LastPolled(askDataShare))
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.groupless && !l.presence.beside[askDataShare] && !failed
}
