package simulator

import (
	"slices"
	"strconv"
)

// traffic is call 03, 回線運用情報表示: the line's own figures.
func (u *UnomAPI) traffic(q *call) Answer {
	return u.figures(q, ScopeLine, figuresOf(q.line, q.line.moment(q.Now)))
}

// dataShareTraffic is call 09, 容量シェア運用情報表示: the figures of the line's group, the same for every
// member. A line that draws from no pool has no group (error 6).
func (u *UnomAPI) dataShareTraffic(q *call) Answer {
	if !q.line.shareAt(q.Now).inPool() {
		return apiError(404, msgNoGroup)
	}
	return u.figures(q, ScopeShare, q.contract.group.figures(q.line.moment(q.Now)))
}

// shown is a traffic answer's figures, of which a fault may have taken some.
type shown struct {
	figures
	missing  uint64 // bits of fields that are NULL: 0 to 2 months, 3 to 33 days, 34 remaining
	overflow bool   // today is 2^64
}

const fieldRemaining = 34

func (s shown) lacks(field int) bool { return s.missing>>field&1 == 1 }

func (u *UnomAPI) figures(q *call, scope string, f figures) Answer {
	s := shown{figures: f}
	if q.Effects.Has(FaultNull) {
		h := mix(q.Effects.Seed, 0x4e554c4c) // "NULL"
		s.missing = h&mix(h, 1)&mix(h, 2) | 1<<(h%(fieldRemaining+1))
	}
	s.overflow = q.Effects.Has(FaultOverflow)
	w := newWriter(dialectOf(u.cfg.Style, q.line.seed))
	w.Bytes = slices.Grow(w.Bytes, 1536)
	w.Begin('{')
	w.Text("contractId", q.contract.id)
	w.Text("lineNo", q.line.no)
	u.limitsTo(w, f.limits)
	s.bytesTo(w)
	w.Close("}")
	a := OK(w.Bytes)
	served := u.servedTraffic(q, scope, s, w.limit)
	a.Delivered = func() { u.record.keepTraffic(served) }
	return a
}

func (u *UnomAPI) limitsTo(w *writer, r limits) {
	if r.status1 != nil {
		w.Number("limitStatus1", uint64(*r.status1), false)
	} else {
		w.WriteNull("limitStatus1")
	}
	w.Optional("monthlyLimitStartTime", u.limitTime(w.limit, r.monthlySince))
	w.Optional("dailyLimitStartTime", u.limitTime(w.limit, r.recentSince))
	w.Text("limitCause", "") // 内容については、今後、提供する予定です
	w.Number("limitStatus2", uint64(r.status2), false)
}

// limitTime is the minute at which a restriction began, in one of three forms; 0 is none.
func (u *UnomAPI) limitTime(form limitForm, at int64) string {
	switch {
	case at == 0 || form == limitBlank:
		return ""
	case form == limitISO:
		return u.cal.time(at).Format("2006/01/02T15:04-07:00")
	default:
		return u.cal.time(at).Format("2006/01/02:15:04")
	}
}

func (s shown) bytesTo(w *writer) {
	figure := func(field int, key string, bytes uint64) {
		if s.lacks(field) {
			w.WriteNull(key)
			return
		}
		w.Number(key, bytes, w.bare)
	}
	figure(0, "trafficThisMonth", s.months[0])
	figure(1, "traffic1monthAgo", s.months[1])
	figure(2, "traffic2monthAgo", s.months[2])
	if s.overflow {
		w.Text("trafficToday", "18446744073709551616")
	} else {
		figure(3, "trafficToday", s.days[0])
	}
	figure(4, "traffic1dayAgo", s.days[1])
	for i := 2; i < len(s.days); i++ {
		figure(3+i, "traffic"+strconv.Itoa(i)+"daysAgo", s.days[i])
	}
	if s.remaining == nil {
		w.WriteNull("remainedDataVolume")
		return
	}
	figure(fieldRemaining, "remainedDataVolume", *s.remaining)
}

// servedTraffic is the record of what the answer says, NULLs and all.
func (u *UnomAPI) servedTraffic(q *call, scope string, s shown, form limitForm) ServedTraffic {
	unless := func(field int, bytes uint64) *uint64 {
		if s.lacks(field) {
			return nil
		}
		return &bytes
	}
	t := ServedTraffic{
		ContractID: q.contract.id, LineNo: q.line.no, Scope: scope, At: u.cal.time(q.Now),
		MonthBytes: unless(0, s.months[0]), TodayBytes: unless(3, s.days[0]),
		LimitStatus1: s.status1, LimitStatus2: s.status2, Restriction: s.word(),
	}
	if s.overflow {
		t.TodayBytes = new(^uint64(0))
	}
	if s.remaining != nil {
		t.RemainingBytes = unless(fieldRemaining, *s.remaining)
	}
	if form != limitBlank {
		t.MonthlyLimitStart = u.cal.minute(s.monthlySince)
		t.DailyLimitStart = u.cal.minute(s.recentSince)
	}
	return t
}
