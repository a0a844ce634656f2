package simulator

import "slices"

// sessionCall is call 26, 接続状態取得. Only Com's own RADIUS can tell: error 8 for the others. Where resultCode is
// not 0 the rest says nothing of the line, and is 0.
func (c *Carrier) sessionCall(q *request) answer {
	if q.line.radiusAt(q.now) != radiusCom {
		return apiError(403, msgNotComRadius)
	}
	p := q.line.presence(q.now)
	s := &ServedSession{
		ContractID: q.contract.id, LineNo: q.line.no, At: c.cal.time(q.now),
		SessionType: sessionType(p.roaming), Connected: &p.connected,
	}
	switch {
	case q.effects.has(FaultAbnormal):
		s.ResultCode = 1
	case q.effects.has(FaultTooMany):
		s.ResultCode = 2
	}
	if s.ResultCode != 0 {
		p = presence{}
		s.Connected, s.SessionType = nil, sessionType(false)
	}
	w := writer{dialect: dialectOf(c.cfg.Style, q.line.seed)}
	w.open('{')
	w.text("contractId", q.contract.id)
	w.text("lineNo", q.line.no)
	w.number("sessionType", flag(p.roaming), w.integers)
	w.number("sessionStatus", flag(p.connected), w.integers)
	w.number("resultCode", uint64(s.ResultCode), w.integers)
	w.close('}')
	return answer{status: 200, body: w.b, session: s}
}

func flag(on bool) uint64 {
	if on {
		return 1
	}
	return 0
}

func sessionType(roaming bool) string {
	if roaming {
		return "roaming"
	}
	return "domestic"
}

// disconnectCall is call 27, 接続切断要求: at once, and 0 too where there was no connection. The address in its example
// has no agreement.
func (c *Carrier) disconnectCall(q *request) answer {
	if c.cfg.Style != StyleDocument || q.query.Has("agreement") {
		if agreement := q.query.Get("agreement"); agreement != "yes" {
			return *fail(400, msgFieldFormat+"agreement")
		}
	}
	if q.line.radiusAt(q.now) != radiusCom {
		return apiError(403, msgNotComRadius)
	}
	q.line.disconnect(q.now)
	c.changed(q.contract)
	w := writer{dialect: dialectOf(c.cfg.Style, q.line.seed)}
	w.open('{')
	w.text("contractId", q.contract.id)
	w.text("lineNo", q.line.no)
	w.number("resultCode", 0, w.integers)
	w.close('}')
	return answer{status: 200, body: w.b}
}

// disconnect ends the line's session, be it its own or one that a test has begun.
func (l *line) disconnect(now int64) {
	if !l.presence(now).connected {
		return
	}
	l.modify(func(o *overlay) { o.cuts = append(o.cuts, now) })
	if p := l.presence(now); p.connected {
		stop := late{logRow{l, now, p.roaming, codeStop}, now}
		l.modify(func(o *overlay) { o.rows[sessionEvents] = append(slices.Clip(o.rows[sessionEvents]), stop) })
	}
}
