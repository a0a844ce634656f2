package simulator

// setRoamingCall is call 20, 国際ローミング変更: another cap on roaming charges; "" takes it away.
func (c *Carrier) setRoamingCall(q *request) answer {
	var code string
	refused := c.readChange(q, "orderId", func(f *form) {
		f.text(agreementRule())
		info := f.object("lineInfo", true)
		if code = info.roaming(); info.fields["roamingCode"] == nil {
			info.wrong(problemLength, rule{name: "roamingCode"})
		}
	})
	if refused != nil {
		return *refused
	}
	wrong := ""
	if code != "" && !isRoamingCode(code) {
		wrong = messageRoaming
	}
	return c.lineChange(q, opSetRoaming, wrong, func(a *attributes) { a.setRoaming(code) })
}

// removeRoamingCall is call 21, 国際ローミング変更 (error 14 where there is none).
func (c *Carrier) removeRoamingCall(q *request) answer {
	if refused := c.agreed(q, "orderId"); refused != nil {
		return *refused
	}
	if !q.line.as(q.now).roams() {
		return apiError(404, msgNoRoaming)
	}
	return c.lineChange(q, opRemoveRoaming, "", func(a *attributes) { a.setRoaming("") })
}

// volumeCall is call 24, 容量追加: more volume until the end of the month in which it is added.
func (c *Carrier) volumeCall(q *request) answer {
	if refused := c.readChange(q, "orderId", func(f *form) { f.text(agreementRule()) }); refused != nil {
		return *refused
	}
	p := placement{operation: opAddDataVolume}
	if q.line.as(q.now).plan.volume == 0 {
		p.wrong = messageNoVolume
	}
	p.begin = func(from int64, id string) {
		next := c.cal.midnight(firstDay(monthOf(c.cal.day(from)) + 1))
		c.edit(q.line, edit{from, id, (*attributes).addVolume}, edit{next, id, (*attributes).dropVolume})
	}
	return c.place(q, p)
}
