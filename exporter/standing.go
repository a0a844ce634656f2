package exporter

import (
	"math"
	"time"

	"kaisen/exporter/page"
	"kaisen/schema"
)

// standings is how some lines stand.
func (f *Fleet) standings(lines []*line, now time.Time) []page.Standing {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]page.Standing, len(lines))
	for i, l := range lines {
		all[i] = f.standing(l, now.UnixMilli())
	}
	return all
}

// standing needs the lock.
func (f *Fleet) standing(l *line, now int64) page.Standing {
	s := &l.traffic[scopeLine]
	carrier := l.carrierNow(now)
	view := page.Standing{Line: l.name().page(), State: l.stateWord(), Days: f.daysView(l, carrier), CarrierNow: f.clock(carrier)}
	if !s.told {
		return view
	}
	view.Fresh = l.trafficFresh(now)
	view.Month, view.Today, view.Remaining = s.month, s.today, s.remaining
	view.Restriction = f.codes.restrictions[s.restriction]
	view.ReceivedAt = f.clock(s.received)
	view.Pooled = l.pooled(now)
	view.Since, view.SinceAtLeast = f.moment(l.restrictedNow().from, carrier), l.restrictedNow().atLeast
	if held, _ := l.forecastNow(now); held != nil && view.Fresh {
		view.Forecast = page.Forecast{
			Known: true, End: held.end, Low: held.low, High: held.top,
			Out: f.moment(held.at, carrier), Early: f.moment(held.early, carrier), Late: f.moment(held.late, carrier),
		}
	}
	return view
}

// page is a line's name for its links.
func (id *ident) page() page.Line {
	return page.Line{Source: id.values[0], ContractID: id.values[1], Label: id.values[2]}
}

// carrierNow is the time by the carrier's clock, as far as the last traffic answer tells.
func (l *line) carrierNow(now int64) int64 {
	s := &l.traffic[scopeLine]
	if !s.told {
		return now
	}
	return now + s.observed - s.received
}

// trafficFresh reports whether the last answer on the line's own traffic is not stale.
func (l *line) trafficFresh(now int64) bool {
	s := &l.traffic[scopeLine]
	return s.told && now <= l.contract.account.deadline(jobTraffic, s.received)
}

// daysView is the days up to the carrier's today.
func (f *Fleet) daysView(l *line, carrier int64) page.Days {
	view := page.Days{Last: schema.DateOf(f.clock(carrier)), Bytes: make([]float64, daysKept)}
	if l.days != nil && l.days.newest > view.Last {
		view.Last = l.days.newest
	}
	for i := range view.Bytes {
		bytes, known := l.days.at(view.Day(i))
		if !known {
			bytes = math.NaN()
		}
		view.Bytes[i] = bytes
	}
	return view
}

// clock is a time as the page shows it.
func (f *Fleet) clock(milli int64) time.Time { return time.UnixMilli(milli).In(f.config.Zone) }

// moment is a time that may not be known (0), and how far off it is.
func (f *Fleet) moment(at, now int64) page.Moment {
	if at == 0 {
		return page.Moment{}
	}
	return page.Moment{At: f.clock(at), In: time.Duration(at-now) * time.Millisecond}
}

// poolFresh reports whether the last answer on the contract's share group is not stale.
func (c *contract) poolFresh(now int64) bool {
	return c.pool.told && now <= c.account.deadline(jobDataShare, c.pool.received)
}

func (c *contract) poolView(codes codes) page.Pool {
	return page.Pool{
		Source: c.id.values[0], ContractID: c.id.values[1], Members: c.inPool,
		Month: c.pool.month, Remaining: c.pool.remaining, Restriction: codes.restrictions[c.pool.restriction],
	}
}
