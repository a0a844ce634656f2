package unom

import (
	"context"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/unom/api"
	"kaisen/collector/unom/days"
	"kaisen/schema"
)

// pollTraffic asks for a line's own figures. A line that had been answered 404 and is answered now is back.
func (c *Collector) pollTraffic(ctx context.Context, sweep *collector.Sweep, l *line) error {
	answer, err := c.carrier.Traffic(ctx, l.key.ContractID, l.key.LineNo)
	if kind, ok := carrier.KindOf(err); ok && kind == api.KindNoSuchLine {
		return c.noSuchLine(ctx, sweep, l, err)
	}
	if carrier.ReasonOf(err) == api.ReasonNotComRadius {
		c.restForRadius(sweep, l, askTraffic)
		return nil
	}
	if err != nil {
		return c.Failed(ctx, sweep, l.key, "traffic", err)
	}
	rows, dates := c.digest(l, answer, schema.ScopeLine)
	l.note(answer, rows, dates, c.Zone)
	c.learn(c.plans.traffic, l, l, answer, &rows.Traffic[0])
	c.exactness[l.key.ContractID].note(rows)
	rows.DeadLetters = collector.DeadLetters(l.key, "traffic", answer)
	if rows.Lines, rows.LineChanges = l.markFound(answer.ObservedAt); len(rows.Lines) > 0 {
		c.Log.Info("a line is back: the carrier answers for it again", "line", l.key.String())
		c.countLines()
	}
	return c.Write(ctx, sweep, rows)
}

// sparesTraffic reports whether call 03 need not be asked about a line now: its group's volume decides, and call 03 tells of it no
// more than its days, of which an answer has 31. Four hours (schema.MembersEvery) keep today's figure in sight, and one answer soon
// after midnight, once figures have turned for sure, completes yesterday and the month.
func (c *Collector) sparesTraffic(l *line) bool {
	if !c.On(JobDataShare) || !l.inPool() || l.isGroupless() {
		return false
	}
	l.mu.Lock()
	told := l.told
	l.mu.Unlock()
	now := c.carrier.Now().In(c.Zone)
	return !told.IsZero() && now.Sub(told) < schema.MembersEvery && days.NearMidnight(now) == days.NearMidnight(told.In(c.Zone))
}

// digest turns an answer into rows of a line: the sample as it was answered, and those days and months that are news.
func (c *Collector) digest(l *line, answer carrier.Answer[api.Traffic], scope schema.Scope) (schema.Batch, days.Dates) {
	sum := c.monthSum(l.key.ContractID)
	l.mu.Lock()
	defer l.mu.Unlock()
	told := answer.Value
	rows := schema.Batch{Traffic: []schema.TrafficSample{{
		LineKey: l.key, Scope: scope, ObservedAt: answer.ObservedAt, ReceivedAt: answer.ReceivedAt,
		MonthBytes: told.Months[0], TodayBytes: told.Days[0], RemainingBytes: told.Remaining,
		LimitStatus1: told.LimitStatus1, LimitStatus2: told.LimitStatus2, Restriction: told.Restriction,
		MonthlyLimitStart: told.MonthlyLimitStart, DailyLimitStart: told.DailyLimitStart, LimitCause: told.LimitCause,
	}}}
	known := &l.known[scopeIndex(scope)]
	dates := known.Date(told.Days[:], told.Months[:], sum, answer.ObservedAt.In(c.Zone))
	news := 2 // today, and at midnight yesterday
	if known.Days.Empty() {
		news = len(told.Days)
	}
	known.Days.Merge(told.Days[:], dates.Days, func(day int, bytes uint64) {
		if rows.Daily == nil {
			rows.Daily = make([]schema.TrafficDaily, 0, news)
		}
		rows.Daily = append(rows.Daily, schema.TrafficDaily{
			LineKey: l.key, Scope: scope, Day: schema.Date(day), Bytes: bytes, ObservedAt: answer.ObservedAt})
	})
	known.Months.Merge(told.Months[:], dates.Months, func(month int, bytes uint64) {
		rows.Monthly = append(rows.Monthly, schema.TrafficMonthly{
			LineKey: l.key, Scope: scope, Month: days.MonthStart(month), Bytes: bytes, ObservedAt: answer.ObservedAt})
	})
	return rows, dates
}

// note takes in what an answer of call 03 shows of its figures.
func (l *line) note(answer carrier.Answer[api.Traffic], rows schema.Batch, dates days.Dates, zone *time.Location) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.volume.note(&rows.Traffic[0])
	l.told = answer.ObservedAt
	l.roaming.note(&answer.Value, dates, answer.ObservedAt.In(zone))
}

// deniedFor is how long a line whose RADIUS is not the carrier's (403, error table ⑧) is not asked again.
const deniedFor = 24 * time.Hour

// restForRadius leaves a question alone for a day that the carrier does not answer for a line, because its RADIUS is not the
// carrier's own.
func (c *Collector) restForRadius(sweep *collector.Sweep, l *line, question int) {
	l.Suspend(question, time.Now().Add(deniedFor))
	sweep.Resting(1)
	c.sayRadius(l.key.ContractID, question)
}

// sayRadius says once a day that a contract has lines whose RADIUS is not the carrier's.
func (c *Collector) sayRadius(contract string, question int) {
	now, of := time.Now(), radiusOf{contract, question}
	if said, ever := c.radius.Swap(of, now); ever && now.Sub(said.(time.Time)) < deniedFor {
		c.radius.Store(of, said)
		return
	}
	c.Log.Info("the carrier does not answer for lines whose RADIUS is not its own: each is asked about once a day",
		"job", [...]string{askTraffic: JobTraffic, askDataShare: JobDataShare, askSession: JobSession}[question], "contract", contract)
}

// radiusOf is a question about lines of a contract that is left alone.
type radiusOf struct {
	contract string
	question int
}
