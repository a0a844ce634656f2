package collector

import (
	"context"
	"time"

	"kaisen/collector/carrier"
	unom "kaisen/collector/unom/api"
	"kaisen/schema"
)

// pollTraffic asks for a line's own figures. A line that had been answered 404 and is answered now is back.
func (u *Unom) pollTraffic(ctx context.Context, p *pass, l *line) error {
	answer, err := u.carrier.Traffic(ctx, l.key.ContractID, l.key.LineNo)
	if err != nil {
		return u.refused(ctx, p, l, "traffic", err)
	}
	rows := l.digest(answer, schema.ScopeLine, u.cfg.Zone)
	rows.Append(l.found(answer.ObservedAt))
	rows.DeadLetters = lettersOf(l.key, "traffic", answer)
	return u.write(ctx, p, rows)
}

// digest turns an answer into rows: the sample as it was told, and those days and months that are news.
func (l *line) digest(answer carrier.Answer[unom.Traffic], scope schema.Scope, zone *time.Location) schema.Batch {
	l.mu.Lock()
	defer l.mu.Unlock()
	told := answer.Value
	rows := schema.Batch{Traffic: []schema.TrafficSample{{
		LineKey: l.key, Scope: scope, ObservedAt: answer.ObservedAt, ReceivedAt: answer.ReceivedAt,
		MonthBytes: told.Months[0], TodayBytes: told.Days[0], RemainingBytes: told.Remaining,
		LimitStatus1: told.LimitStatus1, LimitStatus2: told.LimitStatus2, Restriction: told.Restriction,
		MonthlyLimitStart: told.MonthlyLimitStart, DailyLimitStart: told.DailyLimitStart, LimitCause: told.LimitCause,
	}}}
	clock := answer.ObservedAt.In(zone)
	days, months := &l.days[scopeIndex(scope)], &l.months[scopeIndex(scope)]
	dayReadings := dateDays(days, told.Days[:], told.Months[0], clock)
	monthReadings := dateMonths(months, told.Months[:], told.Days[:], dayReadings, clock)
	news := 2 // today, and at midnight yesterday
	if days.empty() {
		news = len(told.Days)
	}
	days.agreed(told.Days[:], dayReadings, func(day int, bytes uint64) {
		if rows.Daily == nil {
			rows.Daily = make([]schema.TrafficDaily, 0, news)
		}
		rows.Daily = append(rows.Daily, schema.TrafficDaily{
			LineKey: l.key, Scope: scope, Day: schema.Date(day), Bytes: bytes, ObservedAt: answer.ObservedAt})
	})
	months.agreed(told.Months[:], monthReadings, func(month int, bytes uint64) {
		rows.Monthly = append(rows.Monthly, schema.TrafficMonthly{
			LineKey: l.key, Scope: scope, Month: monthStart(month), Bytes: bytes, ObservedAt: answer.ObservedAt})
	})
	return rows
}

// refused digests a failed call on one line: a 404 is an answer, and what cannot be read is kept.
func (u *Unom) refused(ctx context.Context, p *pass, l *line, operation string, err error) error {
	if kind, ok := carrier.KindOf(err); ok && kind == unom.KindNoSuchLine {
		return u.write(ctx, p, l.lost(failureOf(err).ObservedAt))
	}
	return u.failed(ctx, p, l.key, operation, err)
}
