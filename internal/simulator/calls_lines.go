package simulator

// lines is call 02, 回線情報一覧: at most MaxRows lines, without a word on those left out.
func (u *UnomAPI) lines(q *call) Answer {
	w := newWriter(dialectOf(u.cfg.Style, q.contract.seed()))
	w.Begin('{')
	w.Text(w.key("contractId", "contractId "), q.contract.id)
	w.Open("linesList", '[')
	for _, l := range q.contract.listed(q.Now) {
		w.speak(dialectOf(u.cfg.Style, l.seed))
		lineTo(w, l, q.Now)
	}
	w.Close("]}")
	return OK(w.Bytes)
}

// lineTo writes a line's row of call 02.
func lineTo(w *writer, l *line, at int64) {
	is := l.as(at)
	access := "accessCode"
	if w.announce {
		access = "accessType"
	}
	w.Begin('{')
	w.Text("lineNo", l.no)
	w.Text("startDate", dayDigits(l.startDay))
	w.spaced("planCode", " ", is.plan.code, " ")
	w.Text(access, is.access)
	optionsTo(w, is.options)
	w.Text("simType", l.simType())
	w.Text("simNumber", l.simNumber)
	w.spaced("deviceName", "", l.device, " ")
	w.Text("imei", is.imei)
	w.Text("authenticationType", l.radiusAt(at).String())
	w.Optional("actIpAddress", is.ips[0]) // 不具合があり表示できません: some carriers' answers have none
	w.Text("sbyIpAddress", is.ips[1])
	w.Text("roamingIpAddress", is.ips[2])
	w.Text("authenticationId", is.authID)
	w.Optional("note", l.note)
	w.Text("imeiOption", is.imeiOptionCode())
	w.Close("}")
}

// optionsTo writes optionCodeList in one of its three forms.
func optionsTo(w *writer, options []string) {
	if len(options) == 0 { // 空値(空白)：なし
		w.WriteNull("optionCodeList")
		return
	}
	begin, end := byte('['), "]"
	if w.options == optionBraces {
		begin, end = '{', "}"
	}
	w.Open("optionCodeList", begin)
	for _, code := range options {
		if w.options == optionObjects {
			w.Begin('{')
			w.Text("optionCode", code)
			w.Close("}")
			continue
		}
		w.Element(code)
	}
	w.Close(end)
}
