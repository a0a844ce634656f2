package simulator

import (
	"strconv"
	"time"
)

const (
	scopeLine  = "line"
	scopeShare = "data_share"
)

// trafficCall is call 03, 回線運用情報表示: the line's own figures.
func (c *Carrier) trafficCall(q *request) answer {
	return c.traffic(q, scopeLine, figuresOf(q.line, c.momentOf(q.line, q.now)))
}

// dataShareTrafficCall is call 09, 容量シェア運用情報表示: the figures of the line's group, the same for every
// member. A line that draws from no pool has no group (error 6).
func (c *Carrier) dataShareTrafficCall(q *request) answer {
	g := q.contract.group
	if !q.line.shareAt(q.now).inPool() {
		return apiError(404, msgNoGroup)
	}
	return c.traffic(q, scopeShare, g.figures(c.momentOf(q.line, q.now), c.version.Load()))
}

// told is a traffic answer's figures, of which a fault may have taken some.
type told struct {
	figures
	missing  uint64 // bits of fields that are NULL: 0 to 2 months, 3 to 33 days, 34 remaining
	overflow bool   // today is 2^64
}

const fieldRemaining = 34

func (t told) lacks(field int) bool { return t.missing>>field&1 == 1 }

func (c *Carrier) traffic(q *request, scope string, f figures) answer {
	t := told{figures: f}
	if q.effects.has(FaultNull) {
		h := mix(q.effects.seed, 0x4e554c4c) // "NULL"
		t.missing = h&mix(h, 1)&mix(h, 2) | 1<<(h%(fieldRemaining+1))
	}
	t.overflow = q.effects.has(FaultOverflow)
	w := writer{dialect: dialectOf(c.cfg.Style, q.line.seed), b: make([]byte, 0, 1536)}
	w.open('{')
	w.text("contractId", q.contract.id)
	w.text("lineNo", q.line.no)
	c.limitsTo(&w, f.limits)
	t.bytesTo(&w)
	w.close('}')
	return answer{status: 200, body: w.b, traffic: c.servedTraffic(q, scope, t, w.limit)}
}

func (c *Carrier) limitsTo(w *writer, r limits) {
	if r.status1.told {
		w.number("limitStatus1", uint64(r.status1.v), false)
	} else {
		w.null("limitStatus1")
	}
	w.optional("monthlyLimitStartTime", c.limitTime(w.limit, r.monthlySince))
	w.optional("dailyLimitStartTime", c.limitTime(w.limit, r.recentSince))
	w.text("limitCause", "") // 内容については、今後、提供する予定です
	w.number("limitStatus2", uint64(r.status2), false)
}

// limitTime is the minute at which a restriction began, in one of three forms; 0 is none.
func (c *Carrier) limitTime(form limitForm, at int64) string {
	switch {
	case at == 0 || form == limitBlank:
		return ""
	case form == limitISO:
		return c.cal.time(at).Format("2006/01/02T15:04-07:00")
	default:
		return c.cal.time(at).Format("2006/01/02:15:04")
	}
}

func (t told) bytesTo(w *writer) {
	figure := func(field int, key string, bytes uint64) {
		if t.lacks(field) {
			w.null(key)
			return
		}
		w.number(key, bytes, w.bare)
	}
	figure(0, "trafficThisMonth", t.months[0])
	figure(1, "traffic1monthAgo", t.months[1])
	figure(2, "traffic2monthAgo", t.months[2])
	if t.overflow {
		w.text("trafficToday", "18446744073709551616")
	} else {
		figure(3, "trafficToday", t.days[0])
	}
	figure(4, "traffic1dayAgo", t.days[1])
	for i := 2; i < len(t.days); i++ {
		figure(3+i, "traffic"+strconv.Itoa(i)+"daysAgo", t.days[i])
	}
	if !t.remaining.told {
		w.null("remainedDataVolume")
		return
	}
	figure(fieldRemaining, "remainedDataVolume", t.remaining.v)
}

// servedTraffic is the record of what the answer tells, NULLs and all.
func (c *Carrier) servedTraffic(q *request, scope string, t told, form limitForm) *ServedTraffic {
	tell := func(field int, bytes uint64) *uint64 {
		if t.lacks(field) {
			return nil
		}
		return &bytes
	}
	s := &ServedTraffic{
		ContractID: q.contract.id, LineNo: q.line.no, Scope: scope, At: c.cal.time(q.now),
		MonthBytes: tell(0, t.months[0]), TodayBytes: tell(3, t.days[0]),
		LimitStatus1: t.status1.pointer(), LimitStatus2: t.status2, Restriction: t.word(),
	}
	if t.overflow {
		most := ^uint64(0)
		s.TodayBytes = &most
	}
	if t.remaining.told {
		s.RemainingBytes = tell(fieldRemaining, t.remaining.v)
	}
	if form != limitBlank {
		s.MonthlyLimitStart = c.minute(t.monthlySince)
		s.DailyLimitStart = c.minute(t.recentSince)
	}
	return s
}

// minute is the time a limit began as an answer can tell it; nil for none.
func (c *Carrier) minute(at int64) *time.Time {
	if at == 0 {
		return nil
	}
	t := c.cal.time(at).Truncate(time.Minute)
	return &t
}
