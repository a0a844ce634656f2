package unom

import (
	"strconv"

	"kaisen/internal/simulator/chance"
	"kaisen/internal/simulator/fleet"
	"kaisen/internal/simulator/gateway"
)

// traffic is call 03, 回線運用情報表示: the line's own figures.
func (u *API) traffic(q *call) gateway.Answer {
	return u.figures(q, fleet.ScopeLine, lineFigures(q))
}

// dataShareTraffic is call 09, 容量シェア運用情報表示: the figures of the line's group, the same for every
// member. A line that draws from no pool has no group (error 6).
func (u *API) dataShareTraffic(q *call) gateway.Answer {
	if !q.line.ShareAt(q.Now).InPool() {
		return apiError(404, msgNoGroup)
	}
	return u.figures(q, fleet.ScopeShare, shareFigures(q))
}

// shown is a traffic answer's figures, of which a fault may have taken some.
type shown struct {
	fleet.Figures
	missing  uint64 // bits of fields that are NULL: 0 to 2 months, 3 to 33 days, 34 remaining
	overflow bool   // today is 2^64
	odd      string // JSON in place of the figure of oddDay; empty: the figure
}

const fieldRemaining = 34

func (s shown) lacks(field int) bool { return s.missing>>field&1 == 1 }

func (u *API) figures(q *call, scope string, f fleet.Figures) gateway.Answer {
	s := shown{Figures: f}
	if q.Effects.Has(gateway.FaultNull) {
		h := chance.Mix(q.Effects.Seed, 0x4e554c4c) // "NULL"
		s.missing = h&chance.Mix(h, 1)&chance.Mix(h, 2) | 1<<(h%(fieldRemaining+1))
	}
	s.overflow = q.Effects.Has(gateway.FaultOverflow)
	s.odd = oddFigure(q.Readings)
	w := begin(q, dialectOf(u.cfg.Style, q.line.Seed))
	w.Text("lineNo", q.line.No)
	u.limitsTo(w, f.Limits)
	s.bytesTo(w)
	a := gateway.OK(w.Close("}"))
	served := u.servedTraffic(q, scope, s, w.limit)
	a.Delivered = func() { u.record.keepTraffic(served) }
	return a
}

func (u *API) limitsTo(w *writer, r fleet.Limits) {
	if r.Status1 != nil {
		w.Number("limitStatus1", uint64(*r.Status1), false)
	} else {
		w.WriteNull("limitStatus1")
	}
	w.Optional("monthlyLimitStartTime", u.limitTime(w.limit, r.MonthlySince))
	w.Optional("dailyLimitStartTime", u.limitTime(w.limit, r.RecentSince))
	w.Text("limitCause", "") // 内容については、今後、提供する予定です
	w.Number("limitStatus2", uint64(r.Status2), false)
}

// limitTime is the minute at which a restriction began, in one of three forms; empty for 0, where there is none.
func (u *API) limitTime(form limitForm, at int64) string {
	switch {
	case at == 0 || form == limitBlank:
		return ""
	case form == limitISO:
		return u.cal.Time(at).Format("2006/01/02T15:04-07:00")
	default:
		return u.cal.Time(at).Format("2006/01/02:15:04")
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
	figure(0, "trafficThisMonth", s.Months[0])
	figure(1, "traffic1monthAgo", s.Months[1])
	figure(2, "traffic2monthAgo", s.Months[2])
	if s.overflow {
		w.Text("trafficToday", "18446744073709551616")
	} else {
		figure(3, "trafficToday", s.Days[0])
	}
	figure(4, "traffic1dayAgo", s.Days[1])
	for i := 2; i < len(s.Days); i++ {
		if s.odd != "" && i == oddDay {
			w.Raw("traffic"+strconv.Itoa(i)+"daysAgo", s.odd)
			continue
		}
		figure(3+i, "traffic"+strconv.Itoa(i)+"daysAgo", s.Days[i])
	}
	if s.Remaining == nil {
		w.WriteNull("remainedDataVolume")
		return
	}
	figure(fieldRemaining, "remainedDataVolume", *s.Remaining)
}

// servedTraffic is the record of what the answer says, NULLs and all.
func (u *API) servedTraffic(q *call, scope string, s shown, form limitForm) ServedTraffic {
	unless := func(field int, bytes uint64) *uint64 {
		if s.lacks(field) {
			return nil
		}
		return &bytes
	}
	t := ServedTraffic{
		ContractID: q.contract.ID, LineNo: q.line.No, Scope: scope, At: u.cal.Time(q.Now),
		MonthBytes: unless(0, s.Months[0]), TodayBytes: unless(3, s.Days[0]),
		LimitStatus1: s.Status1, LimitStatus2: s.Status2, Restriction: s.Restriction(),
	}
	if s.overflow {
		t.TodayBytes = new(^uint64(0))
	}
	if s.Remaining != nil {
		t.RemainingBytes = unless(fieldRemaining, *s.Remaining)
	}
	if form != limitBlank {
		t.MonthlyLimitStart = u.cal.Minute(s.MonthlySince)
		t.DailyLimitStart = u.cal.Minute(s.RecentSince)
	}
	return t
}
