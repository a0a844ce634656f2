package unom

import (
	"context"
	"fmt"
	"sync"
	"time"

	"kaisen/collector"
	"kaisen/collector/unom/api"
	"kaisen/collector/unom/days"
	"kaisen/collector/unom/readings"
	"kaisen/schema"
)

// What the answers of calls 03 and 09 show of their figures: how exact they are, whether the month's figure holds roaming
// (of call 03 alone: the days of a share group are those of many lines), and, in remaining.go, what a remaining volume of 0 means.

// wholeEnough is how many figures in a row are whole MiB where all are.
const wholeEnough = 30

// exactness is what was seen of how exact a contract's figures are.
type exactness struct {
	mu    sync.Mutex
	whole int       // figures since the last that was none, each of them news, that are whole MiB and not 0
	odd   bool      // there was one that is none since it was last judged
	at    time.Time // when the last answer was told
}

// note takes in what of an answer was news. Of a contract that is not configured any more nothing is found out.
func (f *exactness) note(rows schema.Batch) {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, row := range rows.Traffic {
		f.at = row.ObservedAt
	}
	see := func(bytes uint64) {
		switch {
		case bytes%days.Mebibyte != 0:
			f.whole, f.odd = 0, true
		case bytes > 0:
			f.whole++
		}
	}
	for _, row := range rows.Daily {
		see(row.Bytes)
	}
	for _, row := range rows.Monthly {
		see(row.Bytes)
	}
}

// unit is how exact the figures are, "" where they do not show it.
func (f *exactness) unit() (unit, evidence string, at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.odd:
		f.odd = false
		return readings.FigureBytes, "a figure that is no whole MiB", f.at
	case f.whole >= wholeEnough:
		return readings.FigureMebibyte, fmt.Sprintf("%d figures in a row are whole MiB", f.whole), f.at
	}
	return "", "", f.at
}

// roaming is what is known of a line's roaming, and of its month's figure. The line's lock guards it.
type roaming struct {
	last time.Time // when it was last seen to roam
	// abroad is whether the last event of the session log, or answer of call 26, is that of a session abroad that has not
	// ended, and moved when that was.
	abroad bool
	moved  time.Time

	since time.Time // call 26, and the log, have said so without a break since then; zero: they do not
	day   int       // of the last answer of call 03 whose day was certain
	today uint64    // what it said of that day
	at    time.Time // when it was had

	in   int    // a month
	used uint64 // by how much days' figures were seen to grow in it while the line roamed

	month int    // of the last answer that had all days of its month, certain ones
	days  uint64 // what they add up to
	told  uint64 // the month's figure
}

// saw notes whether the line roams now, by call 26 or the session log.
func (r *roaming) saw(roams bool, at time.Time) {
	if !roams {
		r.since = time.Time{}
		return
	}
	if r.last = at; r.since.IsZero() {
		r.since = at
	}
}

// move notes of a session that it began, ended, or was found: the newest counts, in whatever order they come.
func (r *roaming) move(session schema.SessionType, connected bool, at time.Time) {
	if !at.Before(r.moved) {
		r.abroad, r.moved = connected && session == schema.SessionRoaming, at
	}
}

// roamedAt notes that the line has roamed, by a row of a log.
func (l *line) roamedAt(at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at.After(l.roaming.last) {
		l.roaming.last = at
	}
}

// note takes in an answer of call 03 whose day and month are certain, away from midnight, when they may turn apart.
func (r *roaming) note(told *api.Traffic, dates days.Dates, clock time.Time) {
	if days.NearMidnight(clock) || !dates.Certain() {
		return
	}
	day, month := dates.Days[0], dates.Months[0]
	if today := told.Days[0]; today.Known {
		if r.in != month {
			r.in, r.used = month, 0
		}
		if day == r.day && today.V > r.today && !r.since.IsZero() && !r.since.After(r.at) {
			r.used += today.V - r.today
		}
		r.day, r.today, r.at = day, today.V, clock
	}
	sum, whole := days.MonthTotal(told.Days[:], day)
	if r.month = 0; whole && told.Months[0].Known && month == days.MonthIndex(schema.Date(day)) {
		r.month, r.days, r.told = month, sum, told.Months[0].V
	}
}

// judgeFigures writes what the answers have shown of the figures.
func (c *Collector) judgeFigures(ctx context.Context, sweep *collector.Sweep) {
	for _, contract := range c.contracts {
		lines := c.fleet.of(contract)
		unit, evidence, at := c.exactness[contract].unit()
		if !at.IsZero() && ctx.Err() == nil {
			if err := c.findVolumes(ctx, sweep, contract, lines, at); err != nil {
				sweep.Fail(err)
			}
		}
		found := []schema.CarrierFinding{{Reading: readings.FigureUnit, Value: unit, Evidence: evidence, ObservedAt: at},
			c.judgeMonth(contract, lines, at), c.judgeRemaining(contract, lines, at)}
		for _, f := range found {
			if f.ContractID = contract; f.Value == "" || at.IsZero() || ctx.Err() != nil {
				continue
			}
			if err := c.Find(ctx, sweep, f); err != nil {
				sweep.Fail(err)
			}
		}
	}
}

// monthSum is what the answers of a contract have shown of the month's figure.
func (c *Collector) monthSum(contract string) days.MonthSum {
	unit := c.Finding(contract, "", readings.FigureUnit)
	sum := days.MonthSum{Holds: unit != "" && c.Finding(contract, "", readings.MonthFigure) == readings.MonthWithRoaming}
	if unit == readings.FigureMebibyte {
		sum.Slack = days.Mebibyte - 1
	}
	return sum
}

// judgeMonth says whether the month's figure holds roaming, which lines show that roam, as long as it is the sum of the
// days of all others.
func (c *Collector) judgeMonth(contract string, lines []*line, at time.Time) schema.CarrierFinding {
	finding := schema.CarrierFinding{Reading: readings.MonthFigure, ObservedAt: at}
	exact := days.MonthSum{Slack: c.monthSum(contract).Slack}
	if c.Finding(contract, "", readings.FigureUnit) == "" {
		return finding
	}
	var equal, others, with, without int
	for _, l := range lines {
		l.mu.Lock()
		r := l.roaming
		l.mu.Unlock()
		if r.month == 0 || r.days == 0 || r.month != days.MonthIndex(schema.DateOf(at.In(c.Zone))) {
			continue
		}
		agrees := exact.Equal(r.days, r.told, r.day)
		roamed := schema.DateOf(r.last.In(c.Zone)) >= days.MonthStart(r.month)
		switch {
		case agrees && roamed && r.in == r.month && !exact.Equal(r.used, 0, r.day):
			with++
		case agrees && !roamed:
			equal++
		case !agrees && roamed && r.told < r.days:
			without++
		case !agrees:
			others++
		}
	}
	switch {
	case others > 0:
	case without > 0 && equal > 0:
		finding.Value = readings.MonthWithoutRoaming
		finding.Evidence = fmt.Sprintf("the month's figure is less than its days for %d lines that roam, and their sum for %d others", without, equal)
	case with > 0 && without == 0:
		finding.Value = readings.MonthWithRoaming
		finding.Evidence = fmt.Sprintf("the month's figure is the sum of its days for %d lines that used something while they roamed", with)
	}
	return finding
}
