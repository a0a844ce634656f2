package simulator

import "fmt"

// authenticationsCall is call 04, 認証ログ一覧.
func (c *Carrier) authenticationsCall(q *request) answer {
	return c.log(q, authentications, "resultList", func(w *writer, r logRow) {
		w.text("authenticationResult", fmt.Sprintf("%02d", r.code))
	})
}

// sessionsCall is call 05, 接続ログ一覧.
func (c *Carrier) sessionsCall(q *request) answer {
	return c.log(q, sessionEvents, "searchList", func(w *writer, r logRow) {
		w.text(w.key("eventType", "eventType "), fmt.Sprintf("%02d", r.code))
	})
}

// log answers a log query: at most MaxRows rows by time, without a word on those left out.
func (c *Carrier) log(q *request, kind logKind, list string, what func(*writer, logRow)) answer {
	asked, refused := c.window(q)
	if refused != nil {
		return *refused
	}
	w := writer{dialect: dialectOf(c.cfg.Style, q.contract.seed())}
	w.open('{')
	w.text("contractId", q.contract.id)
	w.name(list)
	w.open('[')
	for _, r := range q.contract.query(kind, asked.lines, asked.from, asked.to, q.now, c.cfg.MaxRows) {
		w.comma()
		w.dialect = dialectOf(c.cfg.Style, r.line.seed)
		w.open('{')
		w.text("lineNo", r.line.no)
		w.text(w.key("sessionType", "saessionType"), sessionCode(r.roaming))
		w.text("sessionTime", c.cal.time(r.at).Format(timeForm))
		what(&w, r)
		w.close('}')
	}
	w.close(']')
	w.close('}')
	return answer{status: 200, body: w.b}
}

// sessionCode is sessionType: 0 at home, 1 abroad.
func sessionCode(roaming bool) string {
	if roaming {
		return "1"
	}
	return "0"
}
