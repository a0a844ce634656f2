package simulator

// session is call 26, 接続状態取得. Only Com's own RADIUS can tell: error 8 for the others. Where resultCode is
// not 0 the rest says nothing of the line, and is 0.
func (u *UnomAPI) session(q *call) Answer {
	if q.line.radiusAt(q.Now) != radiusCom {
		return apiError(403, msgNotComRadius)
	}
	p := q.line.presence(q.Now)
	s := ServedSession{
		ContractID: q.contract.id, LineNo: q.line.no, At: u.cal.time(q.Now),
		SessionType: sessionType(p.roaming), Connected: &p.connected,
	}
	switch {
	case q.Effects.Has(FaultAbnormal):
		s.ResultCode = 1
	case q.Effects.Has(FaultTooMany):
		s.ResultCode = 2
	}
	if s.ResultCode != 0 {
		p = presence{}
		s.Connected, s.SessionType = nil, sessionType(false)
	}
	w := newWriter(dialectOf(u.cfg.Style, q.line.seed))
	w.Begin('{')
	w.Text("contractId", q.contract.id)
	w.Text("lineNo", q.line.no)
	w.Number("sessionType", flag(p.roaming), w.integers)
	w.Number("sessionStatus", flag(p.connected), w.integers)
	w.Number("resultCode", uint64(s.ResultCode), w.integers)
	w.Close("}")
	a := OK(w.Bytes)
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
func (u *UnomAPI) disconnect(q *call) Answer {
	if u.cfg.Style != StyleDocument || q.Query.Has("agreement") {
		if agreement := q.Query.Get("agreement"); agreement != "yes" {
			return *fail(400, msgFieldFormat+"agreement")
		}
	}
	if q.line.radiusAt(q.Now) != radiusCom {
		return apiError(403, msgNotComRadius)
	}
	q.line.disconnect(q.Now)
	w := newWriter(dialectOf(u.cfg.Style, q.line.seed))
	w.Begin('{')
	w.Text("contractId", q.contract.id)
	w.Text("lineNo", q.line.no)
	w.Number("resultCode", 0, w.integers)
	w.Close("}")
	return OK(w.Bytes)
}
