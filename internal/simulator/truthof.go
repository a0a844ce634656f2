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

// Truth tells every line asked for, in the order of the carrier's lists. It is computed as it is read.
func (c *Carrier) Truth(q TruthQuery) iter.Seq[LineTruth] {
	at := c.second()
	if !q.At.IsZero() {
		at = q.At.Unix()
	}
	if q.Days <= 0 {
		q.Days = truthDays
	}
	return func(yield func(LineTruth) bool) {
		for _, contract := range c.contracts {
			if q.Contract != "" && q.Contract != contract.id {
				continue
			}
			listed := map[*line]bool{}
			for _, l := range contract.listed(at, c.cfg.MaxRows) {
				listed[l] = true
			}
			for _, l := range contract.roster().lines {
				if q.Line != "" && q.Line != l.no || at < l.born {
					continue
				}
				t := c.truthOf(l, at, q.Days)
				t.Listed = listed[l]
				if !yield(t) {
					return
				}
			}
		}
	}
}

func (c *Carrier) truthOf(l *line, at int64, days int) LineTruth {
	r, is := l.radiusAt(at), l.as(at)
	t := LineTruth{
		ContractID: l.contract.id, LineNo: l.no, Exists: l.exists(at),
		StartDate: dayText(l.startDay), PlanCode: is.plan.code, Access: is.access, OptionCodes: append([]string{}, is.options...),
		SIMType: l.simType(), SIMNumber: l.simNumber, DeviceName: l.device, IMEI: is.imei, AuthenticationType: r.String(),
		ACTIPAddress: is.ips[0], SBYIPAddress: is.ips[1], RoamingIPAddress: is.ips[2],
		AuthenticationID: is.authID, Note: l.note, IMEIOption: is.imeiOptionCode(), Character: l.character.String(),
		Traffic:         []TrafficTruth{c.trafficTruth(l, scopeLine, at, days)},
		Authentications: c.logTruth(l, authentications, at),
		SessionEvents:   c.logTruth(l, sessionEvents, at),
	}
	if status := l.shareAt(at); status != shareNone {
		t.Share = &ShareTruth{status.String(), l.reserveID(at)}
		if status.inPool() {
			t.Traffic = append(t.Traffic, c.trafficTruth(l.contract.group, scopeShare, at, days))
		}
	}
	if r == radiusCom {
		p := l.presence(at)
		t.Session = &SessionTruth{sessionType(p.roaming), p.connected}
	}
	return t
}

func (c *Carrier) trafficTruth(w meter, scope string, at int64, days int) TrafficTruth {
	m := c.cal.moment(at, 0)
	var f figures
	if g, ok := w.(*group); ok {
		f = g.figures(m, c.version.Load())
	} else {
		f = figuresOf(w, m)
	}
	t := TrafficTruth{
		Scope: scope, MonthBytes: f.months[0], TodayBytes: f.days[0], RemainingBytes: f.remaining.pointer(),
		LimitStatus1: f.status1.pointer(), LimitStatus2: f.status2, Restriction: f.word(),
		MonthlyLimitStart: c.minute(f.monthlySince), DailyLimitStart: c.minute(f.recentSince),
	}
	for i := range days {
		bytes := uint64(0)
		if i < len(f.days) {
			bytes = f.days[i]
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
func (c *Carrier) logTruth(l *line, kind logKind, at int64) []LogTruth {
	rows := l.rows(kind, at-backlog, at, at, nil)
	sortRows(rows)
	out := make([]LogTruth, 0, len(rows))
	for i, r := range rows {
		t := LogTruth{Time: c.cal.time(r.at), SessionType: sessionType(r.roaming)}
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
