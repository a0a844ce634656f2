package simulator

import "slices"

// dataShare is call 10, 容量シェア回線一覧. A contract without a group has no target lines: error 6.
func (u *UnomAPI) dataShare(q *call) Answer {
	g := q.contract.group
	if !g.there(q.Now) {
		return apiError(404, msgNoGroup)
	}
	w := newWriter(dialectOf(u.cfg.Style, q.contract.seed()))
	w.Begin('{')
	w.Text("contractId", q.contract.id)
	w.Open("linesList", '[')
	for _, l := range g.all() {
		status := l.shareAt(q.Now)
		if status == shareNone {
			continue
		}
		w.speak(dialectOf(u.cfg.Style, l.seed))
		w.Begin('{')
		w.Text("lineNo", l.no)
		w.Text("status", status.code())
		w.Text("reserveId", l.reserveID(q.Now))
		w.Close("}")
	}
	w.Close("]}")
	return OK(w.Bytes)
}

// join is call 22, 容量シェア変更: lines reserve their place in the group, which they take on the 1st of next month.
// The first of them make the group.
func (u *UnomAPI) join(q *call) Answer {
	var numbers []string
	return u.changeOf(q, "reserveId", func(f *form) {
		f.text(agreementRule())
		for _, line := range listed(f) {
			numbers = append(numbers, line.text(rule{name: "lineNo", mandatory: true, max: 11, class: isDigits}))
		}
	}, func() Answer { return u.joinLines(q, numbers) })
}

func (u *UnomAPI) joinLines(q *call, numbers []string) Answer {
	var lines []*line
	for _, no := range numbers {
		l := q.contract.find(no, q.Now)
		switch {
		case l == nil:
			return u.receipt(q, "reserveId", resultNothing, "", messageNoLine)
		case l.shareAt(q.Now) != shareNone || slices.Contains(lines, l):
			return u.receipt(q, "reserveId", resultNG, "", messageMember)
		}
		lines = append(lines, l)
	}
	id := u.book.reserveNumber(u.cal.day(q.Now))
	for _, l := range lines {
		l.reserve(id, q.Now, shareReserved, u.nextMonth(q.Now), shareRegistered)
		q.contract.group.admit(l)
	}
	q.contract.changed()
	return u.receipt(q, "reserveId", resultOK, id, "")
}

// leave is call 23, 容量シェア変更: a line reserves to leave the group on the 1st of next month.
func (u *UnomAPI) leave(q *call) Answer {
	if refused := u.agreed(q, "reserveId"); refused != nil {
		return *refused
	}
	if !q.contract.group.there(q.Now) {
		return apiError(404, msgNoGroup)
	}
	switch q.line.shareAt(q.Now) {
	case shareNone:
		return u.receipt(q, "reserveId", resultNothing, "", messageNoMember)
	case shareReserved, shareRemovalReserved:
		return u.receipt(q, "reserveId", resultNG, "", messageReserved)
	}
	id := u.book.reserveNumber(u.cal.day(q.Now))
	q.line.reserve(id, q.Now, shareRemovalReserved, u.nextMonth(q.Now), shareNone)
	q.contract.changed()
	return u.receipt(q, "reserveId", resultOK, id, "")
}

// cancelReservation is call 29, 容量シェア予約取り消し: until the reservation is done.
func (u *UnomAPI) cancelReservation(q *call) Answer {
	if refused := u.agreed(q, "reserveId"); refused != nil {
		return *refused
	}
	id := q.Names[pathReserve]
	known, open := false, false
	for _, l := range q.contract.group.all() {
		if l.reserveID(q.Now) != id {
			continue
		}
		known = true
		before := shareNone
		switch l.shareAt(q.Now) {
		case shareReserved:
		case shareRemovalReserved:
			before = shareRegistered
		default:
			continue
		}
		open = true
		l.cancelReservation(id, q.Now, before)
	}
	switch {
	case !known:
		return u.receipt(q, "reserveId", resultNothing, "", messageNoReserve)
	case !open:
		return u.receipt(q, "reserveId", resultNG, "", messageReserveDone)
	}
	q.contract.changed()
	return u.receipt(q, "reserveId", resultOK, id, "")
}
