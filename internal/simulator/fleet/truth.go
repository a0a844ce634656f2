package fleet

import (
	"iter"
	"time"

	"kaisen/internal/simulator/calendar"
)

// LineTruth is everything about a line at one second, whatever the carrier says of it: its days are those of the
// calendar, also while the figures of answers have not yet turned.
type LineTruth struct {
	ContractID         string      `json:"contract_id"`
	LineNo             string      `json:"line_no"`
	Exists             bool        `json:"exists"` // false: the carrier answers 404
	Listed             bool        `json:"listed"` // in call 02, which ends after MaxRows lines
	StartDate          string      `json:"start_date"`
	PlanCode           string      `json:"plan_code"`
	Access             string      `json:"access"` // 1 3G, 2 LTE
	OptionCodes        []string    `json:"option_codes"`
	SIMType            string      `json:"sim_type"`
	SIMNumber          string      `json:"sim_number"`
	DeviceName         string      `json:"device_name"`
	IMEI               string      `json:"imei"`
	AuthenticationType string      `json:"authentication_type"`
	ACTIPAddress       string      `json:"act_ip_address"`
	SBYIPAddress       string      `json:"sby_ip_address"`
	RoamingIPAddress   string      `json:"roaming_ip_address"`
	AuthenticationID   string      `json:"authentication_id"`
	Note               string      `json:"note"`
	IMEIOption         string      `json:"imei_option"`
	Character          string      `json:"character"` // how it is used: normal, greedy, quiet, constant, bursty
	Singled            bool        `json:"singled"`   // it is the line of its contract that a trouble of one line befalls
	Share              *ShareTruth `json:"share"`     // null: in no group

	Traffic         []TrafficTruth `json:"traffic"` // of the line; and of its group, where it may ask for it
	Session         *SessionTruth  `json:"session"` // null: the carrier answers 403
	Authentications []LogTruth     `json:"authentications"`
	SessionEvents   []LogTruth     `json:"session_events"`
	Sessions        []VisitTruth   `json:"sessions"` // its own, without what was injected
}

// VisitTruth is when a session began and ended, whichever times the log has.
type VisitTruth struct {
	Start       time.Time  `json:"start"`
	Stop        *time.Time `json:"stop"` // null: not yet
	SessionType string     `json:"session_type"`
}

// ShareTruth is a line's place in the share group.
type ShareTruth struct {
	Status    string `json:"status"` // reserved, registered, removal_reserved
	ReserveID string `json:"reserve_id"`
}

// TrafficTruth is the bytes of a line or of its group.
type TrafficTruth struct {
	Scope             string      `json:"scope"` // line, data_share
	MonthBytes        uint64      `json:"month_bytes"`
	TodayBytes        uint64      `json:"today_bytes"`
	RemainingBytes    *uint64     `json:"remaining_bytes"` // null: paid by use
	LimitStatus1      *uint8      `json:"limit_status1"`
	LimitStatus2      uint8       `json:"limit_status2"`
	Restriction       string      `json:"restriction"`
	MonthlyLimitStart *time.Time  `json:"monthly_limit_start"` // to the minute
	DailyLimitStart   *time.Time  `json:"daily_limit_start"`
	Daily             []DateBytes `json:"daily"`   // today first, then the days before it
	Monthly           []DateBytes `json:"monthly"` // this month first, each by its first day
}

// DateBytes is what one day or month came to.
type DateBytes struct {
	Date  string `json:"date"` // YYYY-MM-DD
	Bytes uint64 `json:"bytes"`
}

// SessionTruth is whether a line is connected.
type SessionTruth struct {
	SessionType string `json:"session_type"`
	Connected   bool   `json:"connected"`
}

// LogTruth is one row of a log; Ordinal counts, from 0, rows of the line that are alike in everything.
type LogTruth struct {
	Time        time.Time `json:"time"`
	SessionType string    `json:"session_type"`
	Result      string    `json:"result,omitzero"` // of an authentication: ok, ng
	Event       string    `json:"event,omitzero"`  // of a session event: start, stop
	Ordinal     int       `json:"ordinal"`
}

// The scopes of traffic.
const (
	ScopeLine  = "line"
	ScopeShare = "data_share"
)

// SessionType is where a session is, in a word.
func SessionType(roaming bool) string {
	if roaming {
		return "roaming"
	}
	return "domestic"
}

// truthDays is today and the 31 days before: an answer has 30, and while figures turn late the 31st.
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
			if q.Contract != "" && q.Contract != contract.ID {
				continue
			}
			listed := map[*Line]bool{}
			for _, l := range contract.Listed(at) {
				listed[l] = true
			}
			for _, l := range contract.roster().lines {
				if q.Line != "" && q.Line != l.No || at < l.born {
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

func (f *Fleet) truthOf(l *Line, at int64, days int) LineTruth {
	r, is := l.RadiusAt(at), l.As(at)
	t := LineTruth{
		ContractID: l.contract.ID, LineNo: l.No, Exists: l.exists(at),
		StartDate: calendar.Date(l.StartDay), PlanCode: is.Plan.Code, Access: is.Access, OptionCodes: append([]string{}, is.Options...),
		SIMType: l.SIMType(), SIMNumber: l.SIMNumber, DeviceName: l.Device, IMEI: is.IMEI, AuthenticationType: r.String(),
		ACTIPAddress: is.IPs[0], SBYIPAddress: is.IPs[1], RoamingIPAddress: is.IPs[2],
		AuthenticationID: is.AuthID, Note: l.Note, IMEIOption: is.IMEIOptionCode(), Character: l.character.String(),
		Traffic:         []TrafficTruth{f.trafficTruth(l, ScopeLine, at, days)},
		Authentications: f.logTruth(l, Authentications, at),
		SessionEvents:   f.logTruth(l, SessionEvents, at),
		Singled:         l.Singled(),
	}
	l.sessions(at-Backlog, at, func(v visit) {
		session := VisitTruth{Start: f.cfg.Calendar.Time(v.start), SessionType: SessionType(v.roaming)}
		if v.stop <= at {
			session.Stop = new(f.cfg.Calendar.Time(v.stop))
		}
		t.Sessions = append(t.Sessions, session)
	})
	if status := l.ShareAt(at); status != ShareNone {
		t.Share = &ShareTruth{status.String(), l.ReserveID(at)}
		if status.InPool() {
			t.Traffic = append(t.Traffic, f.trafficTruth(l.contract.Group, ScopeShare, at, days))
		}
	}
	if r == RadiusCom {
		p := l.Presence(at)
		t.Session = &SessionTruth{SessionType(p.Roaming), p.Connected}
	}
	return t
}

func (f *Fleet) trafficTruth(w meter, scope string, at int64, days int) TrafficTruth {
	m := momentOf(f.cfg.Calendar, at, 0)
	var figures Figures
	if g, ok := w.(*Group); ok {
		figures = g.figuresAt(m)
	} else {
		figures = figuresOf(w, m)
	}
	t := TrafficTruth{
		Scope: scope, MonthBytes: figures.Months[0], TodayBytes: figures.Days[0], RemainingBytes: figures.Remaining,
		LimitStatus1: figures.Status1, LimitStatus2: figures.Status2, Restriction: figures.Restriction(),
		MonthlyLimitStart: f.cfg.Calendar.Minute(figures.MonthlySince), DailyLimitStart: f.cfg.Calendar.Minute(figures.RecentSince),
	}
	for i := range days {
		bytes := uint64(0)
		if i < len(figures.Days) {
			bytes = figures.Days[i]
		} else {
			bytes = w.dayBytes(m.day-i, m)
		}
		t.Daily = append(t.Daily, DateBytes{calendar.Date(m.day - i), bytes})
	}
	for i := range truthMonths {
		month := calendar.MonthOf(m.day) - i
		t.Monthly = append(t.Monthly, DateBytes{calendar.Month(month), w.monthBytes(month, m)})
	}
	return t
}

// logTruth is what can be seen of a line's log, as far back as a query reaches.
func (f *Fleet) logTruth(l *Line, kind LogKind, at int64) []LogTruth {
	rows := l.rows(kind, at-Backlog, at, at, nil)
	sortRows(rows)
	out := make([]LogTruth, 0, len(rows))
	for i, r := range rows {
		t := LogTruth{Time: f.cfg.Calendar.Time(r.At), SessionType: SessionType(r.Roaming)}
		if kind == Authentications {
			t.Result = [...]string{"", "ok", "ng"}[r.Code]
		} else {
			t.Event = [...]string{"", "start", "stop"}[r.Code]
		}
		for j := i - 1; j >= 0 && rows[j].At == r.At; j-- {
			if rows[j] == r {
				t.Ordinal = out[j].Ordinal + 1
				break
			}
		}
		out = append(out, t)
	}
	return out
}
