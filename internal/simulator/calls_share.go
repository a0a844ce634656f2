package simulator

// dataShareCall is call 10, 容量シェア回線一覧. A contract without a group has no target lines: error 6.
func (c *Carrier) dataShareCall(q *request) answer {
	g := q.contract.group
	if !g.there(q.now) {
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
		w.text("reserveId", l.reserveID(q.now))
		w.close('}')
	}
	w.close(']')
	w.close('}')
	return answer{status: 200, body: w.b}
}

// joinCall is call 22, 容量シェア変更: lines reserve their place in the group, which they take on the 1st of next month.
// The first of them make the group.
func (c *Carrier) joinCall(q *request) answer {
	var numbers []string
	refused := c.readChange(q, "reserveId", func(f *form) {
		f.text(agreementRule())
		for _, line := range f.orders() {
			numbers = append(numbers, line.text(rule{name: "lineNo", mandatory: true, max: 11, class: isDigits}))
		}
	})
	if refused != nil {
		return *refused
	}
	lines := map[*line]bool{}
	for _, no := range numbers {
		l := q.contract.find(no, q.now)
		switch {
		case l == nil:
			return c.receipt(q, "reserveId", resultNothing, "", messageNoLine)
		case l.shareAt(q.now) != shareNone || lines[l]:
			return c.receipt(q, "reserveId", resultNG, "", messageMember)
		}
		lines[l] = true
	}
	id := c.book.reserveNumber(c.cal.day(q.now))
	for _, no := range numbers {
		l := q.contract.roster().byNo[no]
		c.reserve(q, l, id, shareReserved, shareRegistered)
		q.contract.group.admit(l)
	}
	c.changed(q.contract)
	return c.receipt(q, "reserveId", resultOK, id, "")
}

// leaveCall is call 23, 容量シェア変更: a line reserves to leave the group on the 1st of next month.
func (c *Carrier) leaveCall(q *request) answer {
	if refused := c.agreed(q, "reserveId"); refused != nil {
		return *refused
	}
	if !q.contract.group.there(q.now) {
		return apiError(404, msgNoGroup)
	}
	switch q.line.shareAt(q.now) {
	case shareNone:
		return c.receipt(q, "reserveId", resultNothing, "", messageNoMember)
	case shareReserved, shareRemovalReserved:
		return c.receipt(q, "reserveId", resultNG, "", messageReserved)
	}
	id := c.book.reserveNumber(c.cal.day(q.now))
	c.reserve(q, q.line, id, shareRemovalReserved, shareNone)
	c.changed(q.contract)
	return c.receipt(q, "reserveId", resultOK, id, "")
}

// reserve gives a line one place in the group now and another on the 1st of next month.
func (c *Carrier) reserve(q *request, l *line, id string, now, then shareStatus) {
	due := c.cal.midnight(firstDay(monthOf(c.cal.day(q.now)) + 1))
	l.modify(func(o *overlay) {
		o.edits = append(o.edits, edit{q.now, id, func(a *attributes) { a.reserve = id }})
		o.changes = append(o.changes,
			change{aspect: aspectShare, at: q.now, value: int64(now), cause: id},
			change{aspect: aspectShare, at: due, value: int64(then), cause: id})
	})
}

// cancelReservationCall is call 29, 容量シェア予約取り消し: until the reservation is done.
func (c *Carrier) cancelReservationCall(q *request) answer {
	if refused := c.agreed(q, "reserveId"); refused != nil {
		return *refused
	}
	id := q.names[pathReserve]
	known, open := false, false
	for _, l := range q.contract.group.all() {
		if l.reserveID(q.now) != id {
			continue
		}
		known = true
		before := shareNone
		switch l.shareAt(q.now) {
		case shareReserved:
		case shareRemovalReserved:
			before = shareRegistered
		default:
			continue
		}
		open = true
		l.withdraw(id, q.now)
		l.modify(func(o *overlay) {
			o.changes = append(o.changes, change{aspect: aspectShare, at: q.now, value: int64(before), cause: id})
		})
	}
	switch {
	case !known:
		return c.receipt(q, "reserveId", resultNothing, "", messageNoReserve)
	case !open:
		return c.receipt(q, "reserveId", resultNG, "", messageReserveDone)
	}
	c.changed(q.contract)
	return c.receipt(q, "reserveId", resultOK, id, "")
}
