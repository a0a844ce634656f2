package simulator

import (
	"iter"
	"time"
)

// truthDays is today and the 31 days before: an answer tells 30, and while figures turn late the 31st.
const (
	truthDays   = 32
	truthMonths = 4
)

// TruthQuery says what truth is asked for. The zero value is all of it, now.
type TruthQuery struct {
	At       time.Time // virtual; zero: now
	Contract string    // empty: all
	Line     string    // empty: all
	Days     int       // how many, today included; 0: 32
}

// Truth is every line asked for, in the order of the carrier's lists. It is computed as it is read. The query's time
// must be given.
func (f *Fleet) Truth(q TruthQuery) iter.Seq[LineTruth] {
	at := q.At.Unix()
	if q.Days <= 0 {
		q.Days = truthDays
	}
	return func(yield func(LineTruth) bool) {
		for _, contract := range f.contracts {
			if q.Contract != "" && q.Contract != contract.id {
				continue
			}
			listed := map[*line]bool{}
			for _, l := range contract.listed(at) {
				listed[l] = true
			}
			for _, l := range contract.roster().lines {
				if q.Line != "" && q.Line != l.no || at < l.born {
					continue
				}
				t := f.truthOf(l, at, q.Days)
				t.Listed = listed[l]
				if !yield(t) {
					return
				}
			}
		}
	}
}

func (f *Fleet) truthOf(l *line, at int64, days int) LineTruth {
	r, is := l.radiusAt(at), l.as(at)
	t := LineTruth{
		ContractID: l.contract.id, LineNo: l.no, Exists: l.exists(at),
		StartDate: dayText(l.startDay), PlanCode: is.plan.code, Access: is.access, OptionCodes: append([]string{}, is.options...),
		SIMType: l.simType(), SIMNumber: l.simNumber, DeviceName: l.device, IMEI: is.imei, AuthenticationType: r.String(),
		ACTIPAddress: is.ips[0], SBYIPAddress: is.ips[1], RoamingIPAddress: is.ips[2],
		AuthenticationID: is.authID, Note: l.note, IMEIOption: is.imeiOptionCode(), Character: l.character.String(),
		Traffic:         []TrafficTruth{f.trafficTruth(l, ScopeLine, at, days)},
		Authentications: f.logTruth(l, authentications, at),
		SessionEvents:   f.logTruth(l, sessionEvents, at),
	}
	if status := l.shareAt(at); status != shareNone {
		t.Share = &ShareTruth{status.String(), l.reserveID(at)}
		if status.inPool() {
			t.Traffic = append(t.Traffic, f.trafficTruth(l.contract.group, ScopeShare, at, days))
		}
	}
	if r == radiusCom {
		p := l.presence(at)
		t.Session = &SessionTruth{sessionType(p.roaming), p.connected}
	}
	return t
}

func (f *Fleet) trafficTruth(w meter, scope string, at int64, days int) TrafficTruth {
	m := momentOf(f.cfg.Calendar, at, 0)
	var figures figures
	if g, ok := w.(*group); ok {
		figures = g.figures(m)
	} else {
		figures = figuresOf(w, m)
	}
	t := TrafficTruth{
		Scope: scope, MonthBytes: figures.months[0], TodayBytes: figures.days[0], RemainingBytes: figures.remaining,
		LimitStatus1: figures.status1, LimitStatus2: figures.status2, Restriction: figures.word(),
		MonthlyLimitStart: f.cfg.Calendar.minute(figures.monthlySince), DailyLimitStart: f.cfg.Calendar.minute(figures.recentSince),
	}
	for i := range days {
		bytes := uint64(0)
		if i < len(figures.days) {
			bytes = figures.days[i]
		} else {
			bytes = w.dayBytes(m.day-i, m)
		}
		t.Daily = append(t.Daily, DateBytes{dayText(m.day - i), bytes})
	}
	for i := range truthMonths {
		month := monthOf(m.day) - i
		t.Monthly = append(t.Monthly, DateBytes{monthText(month), w.monthBytes(month, m)})
	}
	return t
}

// logTruth is what can be seen of a line's log, as far back as a query reaches.
func (f *Fleet) logTruth(l *line, kind logKind, at int64) []LogTruth {
	rows := l.rows(kind, at-backlog, at, at, nil)
	sortRows(rows)
	out := make([]LogTruth, 0, len(rows))
	for i, r := range rows {
		t := LogTruth{Time: f.cfg.Calendar.time(r.at), SessionType: sessionType(r.roaming)}
		if kind == authentications {
			t.Result = [...]string{"", "ok", "ng"}[r.code]
		} else {
			t.Event = [...]string{"", "start", "stop"}[r.code]
		}
		for j := i - 1; j >= 0 && rows[j].at == r.at; j-- {
			if rows[j] == r {
				t.Ordinal = out[j].Ordinal + 1
				break
			}
		}
		out = append(out, t)
	}
	return out
}
