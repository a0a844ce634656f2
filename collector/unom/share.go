package unom

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/schedule"
	"kaisen/collector/unom/api"
	"kaisen/schema"
)

// noShareFor is how long "no share group" (404, error table ⑥) is remembered: an answer, not an error.
const noShareFor = time.Hour

// shareList is a contract's list of its share group.
type shareList struct {
	contract string
	*collector.PollState
	doubt collector.Doubt
	group shareGroup
}

func newShareList(source, contract string) *shareList {
	return &shareList{contract: contract, PollState: collector.NewPollState(source, contract),
		group: shareGroup{contract: contract, PollState: collector.NewPollState(source, contract, "members")}}
}

var errLostMembers = errors.New("the carrier's list has lost most of the share group: not believed before a day is over, or call 09 says so too")

// shareQuestion is a list of a share group, a member's figures or the group's: each is asked for once an interval, or as
// often as a plan says.
type shareQuestion struct {
	*collector.PollState
	seen func() schedule.History // of its figures, by an earlier process
	ask  func(context.Context, *collector.Sweep) error
}

// sweepShares asks each contract for its share group, and for the figures of its members.
func (c *Collector) sweepShares(ctx context.Context, sweep *collector.Sweep, paced bool) {
	ask := func(ctx context.Context, s *collector.Sweep, q shareQuestion) error { return q.ask(ctx, s) }
	switch {
	case paced && c.plans.shares != nil:
		collector.PollPlanned(ctx, c.Engine, sweep, c.plans.shares,
			func() []shareQuestion { return append(c.askLists(), c.askFigures()...) },
			collector.Known[shareQuestion]{
				Spec:    func(shareQuestion) schedule.Spec { return schedule.Spec{} },
				History: func(q shareQuestion) schedule.History { return q.seen() },
			}, ask)
	case paced:
		collector.PollAll(ctx, c.Engine, sweep, askDataShare, append(c.askLists(), c.askFigures()...), paced, ask)
	default:
		c.sweepSharesOnce(ctx, sweep, ask)
	}
	for _, list := range c.shares {
		if err := c.judgeGroup(ctx, sweep, &list.group); err != nil {
			sweep.Fail(err)
		}
	}
}

// sweepSharesOnce is a sweep that has no next one: it asks for the lists first, and for all members where two show that
// they are not told the same any more.
func (c *Collector) sweepSharesOnce(ctx context.Context, sweep *collector.Sweep, ask func(context.Context, *collector.Sweep, shareQuestion) error) {
	poll := func(questions []shareQuestion) {
		collector.PollAll(ctx, c.Engine, sweep, askDataShare, questions, false, ask)
	}
	poll(c.askLists())
	asOne := c.askedAsOne()
	poll(c.askFigures())
	for _, g := range asOne {
		if !c.tellsTheSame(g) {
			poll(c.askEach(slices.DeleteFunc(c.members(g), func(l *line) bool { return !l.askedItself().Before(sweep.Started()) })))
		}
	}
}

// askLists are the questions that ask for the lists of share groups.
func (c *Collector) askLists() (questions []shareQuestion) {
	for _, list := range c.shares {
		questions = append(questions, shareQuestion{PollState: list.PollState,
			seen: func() schedule.History { return schedule.History{} },
			ask:  func(ctx context.Context, s *collector.Sweep) error { return c.pollMembers(ctx, s, list) }})
	}
	return questions
}

// askedAsOne are the groups of which a pair of members is asked for all.
func (c *Collector) askedAsOne() (groups []*shareGroup) {
	for _, list := range c.shares {
		if g := &list.group; c.tellsTheSame(g) && len(c.members(g)) > pairOf {
			groups = append(groups, g)
		}
	}
	return groups
}

// askFigures are the questions that ask for figures: of a group as a whole, or of each member.
func (c *Collector) askFigures() (questions []shareQuestion) {
	asOne := c.askedAsOne()
	for _, list := range c.shares {
		g := &list.group
		if !slices.Contains(asOne, g) {
			questions = append(questions, c.askEach(c.members(g))...)
			continue
		}
		questions = append(questions, shareQuestion{PollState: g.PollState,
			seen: func() schedule.History { return c.historyOfGroup(g) },
			ask:  func(ctx context.Context, s *collector.Sweep) error { return c.pollGroup(ctx, s, g) }})
	}
	return questions
}

// askEach are the questions that ask members for their figures.
func (c *Collector) askEach(members []*line) []shareQuestion {
	questions := make([]shareQuestion, len(members))
	for i, l := range members {
		questions[i] = shareQuestion{PollState: l.PollState,
			seen: func() schedule.History { return c.historyOf(l, schema.ScopeDataShare) },
			ask:  func(ctx context.Context, s *collector.Sweep) error { return c.pollShare(ctx, s, l) }}
	}
	return questions
}

// pollShare asks a member for its figures, and compares them with another's.
func (c *Collector) pollShare(ctx context.Context, sweep *collector.Sweep, l *line) error {
	answer, told, err := c.askShare(ctx, sweep, l)
	if err != nil || !told {
		return err
	}
	rows, dates := c.digest(l, answer, schema.ScopeDataShare)
	c.learn(c.plans.shares, l, l, answer, &rows.Traffic[0])
	c.exactness[l.key.ContractID].note(rows)
	rows.DeadLetters = collector.DeadLetters(l.key, "data_share_traffic", answer)
	if err := c.Write(ctx, sweep, rows); err != nil {
		return err
	}
	return c.compare(ctx, sweep, shareAnswer{of: l, is: answer, dates: dates})
}

// askShare asks a member for its group's figures, and reports whether it was told any. That it has no group is an
// answer, and proves something together with a list that has lost it; that there is no such line is call 03's to say.
func (c *Collector) askShare(ctx context.Context, sweep *collector.Sweep, l *line) (answer carrier.Answer[api.Traffic], told bool, err error) {
	l.setAskedItself(time.Now())
	answer, err = c.carrier.DataShareTraffic(ctx, l.key.ContractID, l.key.LineNo)
	if kind, ok := carrier.KindOf(err); ok && kind == api.KindNoShareGroup {
		l.setGroupless(true)
		l.Suspend(askDataShare, time.Now().Add(noShareFor))
		return answer, false, nil
	}
	if carrier.ReasonOf(err) == api.ReasonNotComRadius {
		c.restForRadius(sweep, l, askDataShare)
		return answer, false, nil
	}
	if kind, ok := carrier.KindOf(err); ok && kind == api.KindNoSuchLine {
		return answer, false, c.noSuchLineBeside(ctx, sweep, l, askDataShare, "data_share_traffic", err)
	}
	if err != nil {
		return answer, false, c.Failed(ctx, sweep, l.key, "data_share_traffic", err)
	}
	l.setBeside(askDataShare, false)
	l.setGroupless(false)
	l.setShareLimit(answer.Value.Restriction)
	return answer, true, nil
}

func (l *line) setGroupless(is bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.groupless = is
}

// pollMembers asks for the list of a contract's share group.
func (c *Collector) pollMembers(ctx context.Context, sweep *collector.Sweep, list *shareList) error {
	answer, err := c.carrier.DataShare(ctx, list.contract)
	if kind, ok := carrier.KindOf(err); ok && kind == api.KindNoShareGroup {
		if err := c.setMembers(ctx, sweep, list, nil, true, carrier.FailureOf(err).ObservedAt); err != nil {
			return err
		}
		list.Suspend(askDataShare, time.Now().Add(noShareFor))
		return nil
	}
	key := schema.LineKey{Source: c.Source, ContractID: list.contract}
	if err != nil {
		return c.Failed(ctx, sweep, key, "data_share", err)
	}
	c.Loaded()
	deadLetters := collector.DeadLetters(key, "data_share", answer)
	if len(answer.Value) >= api.MaxRows {
		c.Log.Warn("the carrier's list of a share group stops at 1,000 lines", "contract", list.contract)
	}
	if len(deadLetters) > 0 {
		if err := c.Write(ctx, sweep, schema.Batch{DeadLetters: deadLetters}); err != nil {
			return err
		}
	}
	whole := len(answer.Value) < api.MaxRows && carrier.LeftOut(answer.Warnings) == 0
	return c.setMembers(ctx, sweep, list, answer.Value, whole, answer.ObservedAt)
}

// leaving lists the members that a list lacks and that have therefore left, and how many are said to have that are not
// believed to.
func (c *Collector) leaving(list *shareList, told map[string]api.ShareMember, whole bool) (left map[*line]bool, doubted int) {
	left = make(map[*line]bool)
	known := 0
	var missing []*line
	for _, l := range c.fleet.of(list.contract) {
		if _, is := told[l.key.LineNo]; l.share().Known {
			if known++; !is {
				missing = append(missing, l)
			}
		}
	}
	if !whole {
		missing = nil
	}
	believed := list.doubt.Believes(known, len(missing), time.Now())
	for _, l := range missing {
		l.mu.Lock()
		left[l] = believed || l.groupless
		l.mu.Unlock()
		if !left[l] {
			doubted++
		}
	}
	return left, doubted
}

// setMembers makes the fleet agree with the carrier's list, and writes every member and what changed. Of a list that is
// not whole nobody is missing.
func (c *Collector) setMembers(ctx context.Context, sweep *collector.Sweep, list *shareList, members []api.ShareMember, whole bool, at time.Time) error {
	contract := list.contract
	told := make(map[string]api.ShareMember, len(members))
	numbers := make(map[string]struct{}, len(members))
	for _, member := range members {
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
	gone := 0
	left, doubted := c.leaving(list, told, whole)
	for _, l := range c.fleet.of(contract) {
		member, isMember := told[l.key.LineNo]
		was := l.share()
		if isMember {
			rows.Members = append(rows.Members, schema.DataShareMember{LineKey: l.key, Status: member.Status,
				ReserveID: member.ReserveID, Member: true, ObservedAt: at})
		} else if left[l] {
			gone++
			rows.Members = append(rows.Members, schema.DataShareMember{LineKey: l.key, Status: was.V, ObservedAt: at})
		} else {
			continue
		}
		rows.Append(l.change(at, func(row *schema.Line) {
			row.DataShare = schema.Opt[schema.ShareStatus]{V: member.Status, Known: isMember}
		}))
	}
	if err := c.Write(ctx, sweep, rows); err != nil {
		return fmt.Errorf("share group of contract %s: %w", contract, err)
	}
	if gone > 0 {
		c.LogLoss(JobDataShare, gone, 0, "contract", contract)
	}
	if doubted > 0 {
		return fmt.Errorf("share group of contract %s: %w (%d)", contract, errLostMembers, doubted)
	}
	return nil
}
