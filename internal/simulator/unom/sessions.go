package unom

import (
	"fmt"

	"kaisen/internal/simulator/fleet"
	"kaisen/internal/simulator/gateway"
	"kaisen/internal/simulator/wire"
)

// authentications is call 04, 認証ログ一覧.
func (u *API) authentications(q *call) gateway.Answer {
	return u.log(q, fleet.Authentications, "resultList", func(w *writer, r fleet.LogRow) {
		w.Text("authenticationResult", fmt.Sprintf("%02d", r.Code))
	})
}

// sessions is call 05, 接続ログ一覧.
func (u *API) sessions(q *call) gateway.Answer {
	kind := fleet.SessionEvents
	if q.Readings.Is(readStopTime, "start") {
		kind = fleet.SessionsByStart
	}
	return u.log(q, kind, "searchList", func(w *writer, r fleet.LogRow) {
		w.Text(w.key("eventType", "eventType "), fmt.Sprintf("%02d", r.Code))
	})
}

// log answers a log query: at most MaxRows rows by time; nothing says that there are more.
func (u *API) log(q *call, kind fleet.LogKind, list string, what func(*writer, fleet.LogRow)) gateway.Answer {
	asked, refused := u.window(q)
	if refused != nil {
		return *refused
	}
	w := begin(q, dialectOf(u.cfg.Style, q.contract.Seed()))
	w.Open(list, '[')
	rows := q.contract.Query(kind, asked.lines, asked.from, asked.to, q.Now, u.cfg.MaxRows)
	for _, r := range rows {
		w.speak(dialectOf(u.cfg.Style, r.Line.Seed))
		w.Begin('{')
		if !q.Readings.Is(troubleNoLine, on) || !r.Line.Singled() {
			w.Text("lineNo", r.Line.No)
		}
		w.Text(w.key("sessionType", "saessionType"), sessionCode(r.Roaming))
		w.Text("sessionTime", u.cal.Time(r.At).Format(timeForm))
		what(w, r)
		w.Close("}")
	}
	return endList(q, w, list, len(rows))
}

// sessionCode is sessionType: 0 at home, 1 abroad.
func sessionCode(roaming bool) string {
	if roaming {
		return "1"
	}
	return "0"
}

// session is call 26, 接続状態取得. Only Com's own RADIUS knows: error 8 for the others. Where resultCode is
// not 0 the rest says nothing of the line, and is 0.
func (u *API) session(q *call) gateway.Answer {
	if q.line.RadiusAt(q.Now) != fleet.RadiusCom {
		return apiError(403, msgNotComRadius)
	}
	p := q.line.Presence(q.Now)
	s := ServedSession{
		ContractID: q.contract.ID, LineNo: q.line.No, At: u.cal.Time(q.Now),
		SessionType: fleet.SessionType(p.Roaming), Connected: &p.Connected,
	}
	switch {
	case q.Effects.Has(gateway.FaultAbnormal):
		s.ResultCode = 1
	case tooMany(q):
		s.ResultCode = 2
	}
	if s.ResultCode != 0 {
		p = fleet.Presence{}
		s.Connected, s.SessionType = nil, fleet.SessionType(false)
	}
	w := begin(q, dialectOf(u.cfg.Style, q.line.Seed))
	w.Text("lineNo", q.line.No)
	w.Number("sessionType", flag(p.Roaming), w.integers)
	w.Number("sessionStatus", flag(p.Connected), w.integers)
	w.Number("resultCode", uint64(s.ResultCode), w.integers)
	a := gateway.OK(w.Close("}"))
	a.Delivered = func() { u.record.keepSession(s) }
	return a
}

func flag(on bool) uint64 {
	if on {
		return 1
	}
	return 0
}

// disconnect is call 27, 接続切断要求: at once, and 0 too where there was no connection. The address in its example
// has no agreement.
func (u *API) disconnect(q *call) gateway.Answer {
	if u.cfg.Style != wire.StyleDocument || q.Query.Has("agreement") {
		if agreement := q.Query.Get("agreement"); agreement != "yes" {
			return *fail(400, msgFieldFormat+"agreement")
		}
	}
	if q.line.RadiusAt(q.Now) != fleet.RadiusCom {
		return apiError(403, msgNotComRadius)
	}
	q.line.Disconnect(q.Now)
	w := begin(q, dialectOf(u.cfg.Style, q.line.Seed))
	w.Text("lineNo", q.line.No)
	w.Number("resultCode", 0, w.integers)
	return gateway.OK(w.Close("}"))
}
