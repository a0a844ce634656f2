package unom

import (
	"context"
	"slices"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/schedule"
	"kaisen/collector/unom/api"
	"kaisen/schema"
)

// plans order the questions of the jobs that ask for figures, where the account's schedule is adaptive; nil where it is
// fixed.
type plans struct {
	traffic, shares *collector.Plan
}

// pollTrafficPlanned asks lines for their traffic, those first of which an answer is worth most.
func (c *Collector) pollTrafficPlanned(ctx context.Context, sweep *collector.Sweep, do func(context.Context, *collector.Sweep, *line) error) {
	collector.PollPlanned(ctx, c.Engine, sweep, c.plans.traffic,
		func() []*line {
			return c.fleet.all(func(l *line) bool {
				if l.polled() && c.sparesTraffic(l) { // it is in time without a request
					l.Polled(askTraffic, time.Now())
					return false
				}
				return l.polled()
			})
		},
		collector.Known[*line]{Spec: c.specOf, History: func(l *line) schedule.History { return c.historyOf(l, schema.ScopeLine) }}, do)
}

// specOf says how a line's traffic is planned. A member of a share group is asked for its days: its volume is the group's,
// of which call 09 tells.
func (c *Collector) specOf(l *line) schedule.Spec {
	spec := schedule.Spec{Member: l.inPool()}
	if c.NearCap != nil {
		if own := c.NearCap(l.key); own.Known { // the least that there is: 0 is the common one
			spec.Near = max(own.V, leastNear)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	spec.Roaming = l.roaming.abroad
	return spec
}

// leastNear is the least threshold that a plan tells from none.
const leastNear = 0.004

// hintConnected says of a line whose session began that it may use volume again, if that is news: of a row of the log that
// is older its figures have told.
func (c *Collector) hintConnected(l *line, at time.Time) {
	if c.carrier.Now().Sub(at) < time.Hour {
		c.plans.traffic.Hint(l, schedule.HintConnected)
	}
}

// hintOrders says that orders of a contract have taken effect: they may have added volume. The carrier does not say which
// lines an order is about, nor what it ordered, so that those are asked soon for whom it would end a restriction.
func (c *Collector) hintOrders(contract string) {
	if c.plans.traffic == nil {
		return
	}
	for _, l := range c.fleet.of(contract) {
		l.mu.Lock()
		own, shared := l.volume.usedUp(), l.limit
		l.mu.Unlock()
		if own {
			c.plans.traffic.Hint(l, schedule.HintVolume)
		}
		if restrictsMonth(shared) {
			c.plans.shares.Hint(l, schedule.HintVolume)
		}
	}
	if g := c.shareGroup(contract); g != nil {
		c.plans.shares.Hint(g, schedule.HintVolume)
	}
}

// historyOf is what an earlier process has seen of a line's figures. It is forgotten with that: the plan has it then.
func (c *Collector) historyOf(l *line, scope schema.Scope) (seen schedule.History) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := scopeIndex(scope)
	var volume volume
	for _, told := range l.restored[i] {
		sample := told.sample(scope)
		volume.note(&sample)
		figures := figuresOf(&sample, &volume)
		today := int(schema.DateOf(sample.ObservedAt.In(c.Zone)))
		for day := today - 1; day > today-planDays; day-- {
			bytes, _ := l.known[i].Days.At(day)
			figures.Days = append(figures.Days, bytes)
		}
		seen.Samples = append(seen.Samples, figures)
	}
	seen.Hours = l.hours[i].Hours()
	l.restored[i], l.hours[i] = nil, schema.LineHours{}
	return seen
}

// RestoreSample implements collector.HabitKeeper.
func (c *Collector) RestoreSample(sample *schema.TrafficSample) {
	if l, known := c.fleet.get(sample.ContractID, sample.LineNo); known {
		l.keepForPlan(sample)
	}
}

// RestoreHours implements collector.HabitKeeper.
func (c *Collector) RestoreHours(hours []schema.LineHours) {
	for _, row := range hours {
		if l, known := c.fleet.get(row.ContractID, row.LineNo); known {
			l.mu.Lock()
			l.hours[scopeIndex(row.Scope)] = row
			l.mu.Unlock()
		}
	}
}

// planDays is how many days back a plan looks for a line's habits.
const planDays = 29

// historyOfGroup is what an earlier process has seen of a share group's figures: those of the member that was told last.
func (c *Collector) historyOfGroup(g *shareGroup) (seen schedule.History) {
	var told *line
	var latest time.Time
	for _, l := range c.members(g) {
		l.mu.Lock()
		if last := l.restored[1]; len(last) > 0 && last[len(last)-1].at.After(latest) {
			told, latest = l, last[len(last)-1].at
		}
		l.mu.Unlock()
	}
	if told == nil {
		return seen
	}
	return c.historyOf(told, schema.ScopeDataShare)
}

// figuresOf are a sample's figures as planning takes them, by what the samples up to it have shown of the volume. Nothing left
// without a restriction is no volume where the line was seen to use on, or its plan has none.
func figuresOf(sample *schema.TrafficSample, volume *volume) schedule.Answer {
	figures := schedule.Answer{At: sample.ObservedAt, Month: sample.MonthBytes.V, Today: sample.TodayBytes.V,
		Remaining: sample.RemainingBytes, Restriction: sample.Restriction}
	if figures.Remaining == schema.Some[uint64](0) && volume.usesOn && sample.Scope == schema.ScopeLine {
		figures.Remaining = schema.Opt[uint64]{}
	}
	return figures
}

// learn tells a plan what an answer has shown of an item's figures.
func (c *Collector) learn(plan *collector.Plan, item collector.Target, l *line, answer carrier.Answer[api.Traffic], sample *schema.TrafficSample) {
	if plan == nil {
		return
	}
	l.mu.Lock()
	figures := figuresOf(sample, &l.volume)
	l.mu.Unlock()
	for _, bytes := range answer.Value.Days[1:] {
		figures.Days = append(figures.Days, bytes.V)
	}
	plan.Learn(item, figures)
}

// toldBefore is what a plan needs of a sample that an earlier process had: a third of it, for there are 300,000 of 100,000 lines until
// plans have them.
type toldBefore struct {
	at               time.Time
	month            uint64
	today, remaining schema.Opt[uint64]
	restriction      schema.Restriction
}

func (t *toldBefore) sample(scope schema.Scope) schema.TrafficSample {
	return schema.TrafficSample{Scope: scope, ObservedAt: t.at, MonthBytes: schema.Some(t.month), TodayBytes: t.today, RemainingBytes: t.remaining, Restriction: t.restriction}
}

// keepForPlan keeps the last samples that an earlier process had of a line, for its place in a plan: those that come before
// their time, or twice, are put where they belong.
func (l *line) keepForPlan(row *schema.TrafficSample) {
	l.mu.Lock()
	defer l.mu.Unlock()
	kept := &l.restored[scopeIndex(row.Scope)]
	at, twice := slices.BinarySearchFunc(*kept, row.ObservedAt, func(was toldBefore, at time.Time) int { return was.at.Compare(at) })
	if full := len(*kept) == schedule.HistorySamples; twice || full && at == 0 {
		return
	} else if full {
		*kept, at = slices.Delete(*kept, 0, 1), at-1
	}
	*kept = slices.Insert(*kept, at, toldBefore{row.ObservedAt, row.MonthBytes.V, row.TodayBytes, row.RemainingBytes, row.Restriction})
}
