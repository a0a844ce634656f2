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
		l.describeTo(&w, q.now)
	}
	w.close(']')
	w.close('}')
	return answer{status: 200, body: w.b}
}

// describeTo writes a line's row of call 02.
func (l *line) describeTo(w *writer, at int64) {
	is := l.as(at)
	access := "accessCode"
	if w.announce {
		access = "accessType"
	}
	w.open('{')
	w.text("lineNo", l.no)
	w.text("startDate", dateOf(l.startDay).Format("20060102"))
	w.spaced("planCode", " ", is.plan.code, " ")
	w.text(access, is.access)
	is.optionsTo(w)
	w.text("simType", l.simType())
	w.text("simNumber", l.simNumber)
	w.spaced("deviceName", "", l.device, " ")
	w.text("imei", is.imei)
	w.text("authenticationType", l.radiusAt(at).String())
	w.optional("actIpAddress", is.ips[0]) // 不具合があり表示できません: some carriers' answers have none
	w.text("sbyIpAddress", is.ips[1])
	w.text("roamingIpAddress", is.ips[2])
	w.text("authenticationId", is.authID)
	w.optional("note", l.note)
	w.text("imeiOption", is.imeiOptionCode())
	w.close('}')
}

// optionsTo writes optionCodeList in one of its three forms.
func (a attributes) optionsTo(w *writer) {
	if len(a.options) == 0 { // 空値(空白)：なし
		w.null("optionCodeList")
		return
	}
	begin, end := byte('['), byte(']')
	if w.options == optionBraces {
		begin, end = '{', '}'
	}
	w.name("optionCodeList")
	w.open(begin)
	for _, code := range a.options {
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

// simType is told by its Japanese name.
func (l *line) simType() string { return simName(l.sim) }

func simName(sim int) string { return [...]string{"標準SIM", "microSIM", "nanoSIM"}[sim] }
