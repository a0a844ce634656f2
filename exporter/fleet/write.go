package fleet

import (
	"cmp"
	"slices"
	"time"

	"kaisen/schema"
)

// Write takes the rows of one observation. Rows of tables that neither a gauge nor the page shows are ignored. Where the
// carrier observed what is known later than what is in the batch, the known stays. Authentications and SessionEvents are
// counted, so a batch must have each of them once.
func (f *Fleet) Write(b schema.Batch) {
	now := time.Now().UnixMilli()
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range b.Lines {
		f.writeLine(&b.Lines[i], now, now)
	}
	f.writeNames(b.Names)
	for i := range b.Members {
		f.writeMember(&b.Members[i], now, now)
	}
	f.writeProducts(b.Products)
	f.writeFindings(b.Findings)
	f.writeSamples(b.Traffic, b.Sessions, now)
	f.writeDaily(b.Daily, true)
	f.writeMonthly(b.Monthly, true)
	f.writeRefused(b.Authentications)
	f.writeOrders(&b)
	f.writeSites(b.IPoESites)
	f.writeWatermarks(b.Watermarks, func(schema.LogWatermark) int64 { return now }, now)
	for i := range b.Authentications {
		f.writeAuthentication(&b.Authentications[i])
	}
	for i := range b.SessionEvents {
		row := &b.SessionEvents[i]
		c := f.contract(row.Source, row.ContractID)
		c.sessionEvents.add(indexOf(f.codes.events, row.Event), indexOf(f.codes.sessionTypes, row.SessionType))
		c.slot.Touch()
	}
	f.writeEvents(b.SessionEvents)
}

// writeEvents takes what the session log has of lines that are known. A row of it alone makes no line.
func (f *Fleet) writeEvents(rows []schema.SessionEvent) {
	for i := range rows {
		if l := f.find(rows[i].LineKey); l != nil {
			l.log.Add(rows[i].SessionType, rows[i].Event, rows[i].EventTime)
			l.slot.Touch()
		}
	}
}

// Restore takes what ClickHouse still knows, at the start: the gauges come back with their true ages, and those that
// are stale by now do not. Log rows are not counted, since the counters count what is new since the start. Lines come back
// in the order in which they were first seen, so that a cap leaves out the same ones as before.
func (f *Fleet) Restore(s schema.State) {
	now := time.Now().UnixMilli()
	lines := byFirstSeen(s.Lines)
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, row := range lines {
		f.writeLine(row, row.ObservedAt.UnixMilli(), now)
	}
	f.writeNames(s.Names)
	for i := range s.Members {
		f.writeMember(&s.Members[i], s.Members[i].ObservedAt.UnixMilli(), now)
	}
	f.writeProducts(s.Products)
	f.writeFindings(s.Findings)
	f.writeSamples(s.Traffic, s.Sessions, now)
	f.writeDaily(s.Daily, false)
	f.writeMonthly(s.Monthly, false)
	f.writeRefused(s.Authentications)
	f.writeOrders(&s)
	f.writeSites(s.IPoESites)
	f.writeWatermarks(s.Watermarks, func(row schema.LogWatermark) int64 { return row.ObservedAt.UnixMilli() }, now)
	f.writeEvents(s.SessionEvents)
}

// readLate is how old what a row of a log tells may be and still be news.
const readLate = time.Hour

func (f *Fleet) writeAuthentication(row *schema.Authentication) {
	c := f.contract(row.Source, row.ContractID)
	result, sessionType := indexOf(f.codes.results, row.Result), indexOf(f.codes.sessionTypes, row.SessionType)
	c.authentications.add(result, sessionType)
	c.late.read = true
	switch late := row.ObservedAt.Sub(row.EventTime) > readLate; {
	case late:
		c.late.add(result, sessionType)
	case row.Result == schema.AuthNG:
		if l := f.find(row.LineKey); l != nil { // a row of the log alone makes no line
			l.ngCount++
			l.slot.Touch()
		}
	}
	c.slot.Touch()
}

// byFirstSeen is the rows in the order in which their lines were first seen.
func byFirstSeen(rows []schema.Line) []*schema.Line {
	ordered := make([]*schema.Line, len(rows))
	for i := range rows {
		ordered[i] = &rows[i]
	}
	slices.SortFunc(ordered, func(a, b *schema.Line) int {
		return cmp.Or(a.FirstSeen.Compare(b.FirstSeen), cmp.Compare(a.ContractID, b.ContractID), cmp.Compare(a.LineNo, b.LineNo))
	})
	return ordered
}

func (f *Fleet) writeSamples(traffic []schema.TrafficSample, sessions []schema.SessionSample, now int64) {
	for i := range traffic {
		f.writeTraffic(&traffic[i], now)
	}
	for i := range sessions {
		f.writeSession(&sessions[i], now)
	}
}

func (f *Fleet) writeTraffic(row *schema.TrafficSample, now int64) {
	l := f.line(row.LineKey)
	scope := scopeLine
	if row.Scope == schema.ScopeDataShare {
		scope = scopeShare
	}
	j := jobOfScope(scope)
	told := sample{
		stamp:       newStamp(row.ObservedAt, row.ReceivedAt, now),
		month:       row.MonthBytes,
		today:       row.TodayBytes,
		remaining:   row.RemainingBytes,
		status:      [2]schema.Opt[uint8]{row.LimitStatus1, row.LimitStatus2},
		restriction: indexOf(f.codes.restrictions, row.Restriction),
	}
	if was := &l.traffic[scope]; l.contract.account.replaces(j, was.stamp, told.stamp, now) {
		seen := was.known && told.received <= l.deadline(j, was.stamp)
		*was = told
		if scope == scopeLine {
			l.episodes.follow(row, told.restriction, seen, f.config.Zone)
		}
		f.settle(l)
	}
	if scope == scopeShare {
		l.contract.writePool(row, told, now)
	}
}

// writeDaily takes what lines used on their last days, the group's left out. No gauge is made of it, so a line of
// which nothing else is known stays unknown.
func (f *Fleet) writeDaily(rows []schema.TrafficDaily, replace bool) {
	find := f.finder()
	for i := range rows {
		if rows[i].Scope != schema.ScopeLine {
			continue
		}
		if l := find(rows[i].LineKey); l != nil {
			l.setDay(rows[i].Day, rows[i].Bytes, replace)
		}
	}
}

// finder is find for rows that have those of a line one behind the other.
func (f *Fleet) finder() func(schema.LineKey) *line {
	var of schema.LineKey
	var found *line
	return func(key schema.LineKey) *line {
		if key != of {
			of, found = key, f.find(key)
		}
		return found
	}
}

func (f *Fleet) writeSession(row *schema.SessionSample, now int64) {
	l := f.line(row.LineKey)
	at := newStamp(row.ObservedAt, row.ReceivedAt, now)
	if l.contract.account.replaces(jobSession, l.session.stamp, at, now) {
		l.session = newSession(*row, at)
		f.settle(l)
	}
}

// writeLine takes an inventory row. Such a row has no ReceivedAt of its own.
func (f *Fleet) writeLine(row *schema.Line, received, now int64) {
	l := f.line(row.LineKey)
	at := stamp{known: true, observed: row.ObservedAt.UnixMilli(), received: min(received, now)}
	if !l.contract.account.replaces(jobLines, l.listed, at, now) {
		return
	}
	l.listed, l.state, l.info = at, lineState(indexOf(f.codes.states, row.State)), newInfo(*row)
	l.setWords(row)
	f.settle(l)
}

func (f *Fleet) writeMember(row *schema.DataShareMember, received, now int64) {
	c := f.contract(row.Source, row.ContractID)
	c.setMember(row, stamp{known: true, observed: row.ObservedAt.UnixMilli(), received: min(received, now)}, now)
	c.slot.Touch()
}

// writeWatermarks notes which logs are being read, so that their counters start at 0 and the first new row is an
// increase, and up to when. Such a row has no ReceivedAt of its own.
func (f *Fleet) writeWatermarks(rows []schema.LogWatermark, received func(schema.LogWatermark) int64, now int64) {
	for _, row := range rows {
		c := f.contract(row.Source, row.ContractID)
		switch row.Log {
		case "authentications":
			c.authentications.read, c.late.read = true, true
		case "session_events":
			c.sessionEvents.read = true
			c.readSessions(stamp{known: true, observed: row.Watermark.UnixMilli(), received: min(received(row), now)}, now)
		}
		c.slot.Touch()
	}
}
