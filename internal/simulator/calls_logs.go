package simulator

import "fmt"

// authentications is call 04, 認証ログ一覧.
func (u *UnomAPI) authentications(q *call) Answer {
	return u.log(q, authentications, "resultList", func(w *writer, r logRow) {
		w.Text("authenticationResult", fmt.Sprintf("%02d", r.code))
	})
}

// sessions is call 05, 接続ログ一覧.
func (u *UnomAPI) sessions(q *call) Answer {
	return u.log(q, sessionEvents, "searchList", func(w *writer, r logRow) {
		w.Text(w.key("eventType", "eventType "), fmt.Sprintf("%02d", r.code))
	})
}

// log answers a log query: at most MaxRows rows by time, without a word on those left out.
func (u *UnomAPI) log(q *call, kind logKind, list string, what func(*writer, logRow)) Answer {
	asked, refused := u.window(q)
	if refused != nil {
		return *refused
	}
	w := newWriter(dialectOf(u.cfg.Style, q.contract.seed()))
	w.Begin('{')
	w.Text("contractId", q.contract.id)
	w.Open(list, '[')
	for _, r := range q.contract.query(kind, asked.lines, asked.from, asked.to, q.Now, u.cfg.MaxRows) {
		w.speak(dialectOf(u.cfg.Style, r.line.seed))
		w.Begin('{')
		w.Text("lineNo", r.line.no)
		w.Text(w.key("sessionType", "saessionType"), sessionCode(r.roaming))
		w.Text("sessionTime", u.cal.time(r.at).Format(timeForm))
		what(w, r)
		w.Close("}")
	}
	w.Close("]}")
	return OK(w.Bytes)
}

// sessionCode is sessionType: 0 at home, 1 abroad.
func sessionCode(roaming bool) string {
	if roaming {
		return "1"
	}
	return "0"
}
