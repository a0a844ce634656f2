package simulator

// linesCall is call 02, 回線情報一覧: at most MaxRows lines, without a word on those left out.
func (c *Carrier) linesCall(q *request) answer {
	w := writer{dialect: dialectOf(c.cfg.Style, q.contract.seed())}
	w.open('{')
	w.text(w.key("contractId", "contractId "), q.contract.id)
	w.name("linesList")
	w.open('[')
	for _, l := range q.contract.listed(q.now, c.cfg.MaxRows) {
		w.comma()
		w.dialect = dialectOf(c.cfg.Style, l.seed)
		l.describeTo(&w, l.radiusAt(q.now))
	}
	w.close(']')
	w.close('}')
	return answer{status: 200, body: w.b}
}

// describeTo writes a line's row of call 02.
func (l *line) describeTo(w *writer, r radius) {
	access := "accessCode"
	if w.announce {
		access = "accessType"
	}
	w.open('{')
	w.text("lineNo", l.no)
	w.text("startDate", dateOf(l.startDay).Format("20060102"))
	w.spaced("planCode", " ", l.plan.code, " ")
	w.text(access, l.access())
	l.optionsTo(w)
	w.text("simType", l.simType())
	w.text("simNumber", l.simNumber)
	w.spaced("deviceName", "", l.device, " ")
	w.text("imei", l.imei)
	w.text("authenticationType", r.String())
	w.optional("actIpAddress", l.ips[0]) // 不具合があり表示できません: some carriers' answers have none
	w.text("sbyIpAddress", l.ips[1])
	w.text("roamingIpAddress", l.ips[2])
	w.text("authenticationId", l.authID)
	w.optional("note", l.note)
	w.text("imeiOption", l.imeiOptionCode())
	w.close('}')
}

// optionsTo writes optionCodeList in one of its three forms.
func (l *line) optionsTo(w *writer) {
	if len(l.options) == 0 { // 空値(空白)：なし
		w.null("optionCodeList")
		return
	}
	begin, end := byte('['), byte(']')
	if w.options == optionBraces {
		begin, end = '{', '}'
	}
	w.name("optionCodeList")
	w.open(begin)
	for _, code := range l.options {
		w.comma()
		if w.options == optionObjects {
			w.open('{')
			w.text("optionCode", code)
			w.close('}')
			continue
		}
		w.b = append(w.b, quote(code)...)
	}
	w.close(end)
}

// access is accessCode: 1 3G, 2 LTE.
func (l *line) access() string {
	if of(l.seed, aboutAttributes, 4)%8 == 0 {
		return "1"
	}
	return "2"
}

// simType is told by its Japanese name.
func (l *line) simType() string { return [...]string{"標準SIM", "microSIM", "nanoSIM"}[l.sim] }

// imeiOptionCode is 1 for the ID alone, 2 for ID and IMEI.
func (l *line) imeiOptionCode() string {
	if l.imeiOption {
		return "2"
	}
	return "1"
}

// dataShareCall is call 10, 容量シェア回線一覧. A contract without a group has no target lines: error 6.
func (c *Carrier) dataShareCall(q *request) answer {
	g := q.contract.group
	if g == nil {
		return apiError(404, msgNoGroup)
	}
	w := writer{dialect: dialectOf(c.cfg.Style, q.contract.seed())}
	w.open('{')
	w.text("contractId", q.contract.id)
	w.name("linesList")
	w.open('[')
	for _, l := range g.all() {
		status := l.shareAt(q.now)
		if status == shareNone {
			continue
		}
		w.comma()
		w.dialect = dialectOf(c.cfg.Style, l.seed)
		w.open('{')
		w.text("lineNo", l.no)
		w.text("status", status.code())
		w.text("reserveId", l.reserveID())
		w.close('}')
	}
	w.close(']')
	w.close('}')
	return answer{status: 200, body: w.b}
}
