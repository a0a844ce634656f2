package unom

import (
	"slices"

	"kaisen/internal/simulator/fleet"
	"kaisen/internal/simulator/gateway"
	"kaisen/internal/simulator/wire"
)

// dataShare is call 10, 容量シェア回線一覧. A contract without a group has no target lines: error 6.
func (u *API) dataShare(q *call) gateway.Answer {
	g := q.contract.Group
	if reading := q.Readings[readEmpty]; !g.There(q.Now) && reading != "" && reading != "404" {
		return nothing(q, reading, "linesList")
	}
	if !g.There(q.Now) {
		return apiError(404, msgNoGroup)
	}
	w := begin(q, dialectOf(u.cfg.Style, q.contract.Seed()))
	w.Open("linesList", '[')
	members := slices.DeleteFunc(slices.Clone(g.All()), func(l *fleet.Line) bool { return l.ShareAt(q.Now) == fleet.ShareNone })
	rows := fewer(q, "members", members)
	for i, l := range rows {
		w.speak(dialectOf(u.cfg.Style, l.Seed))
		for range again(q, i == 0) {
			w.Begin('{')
			w.Text("lineNo", l.No)
			w.Text("status", l.ShareAt(q.Now).Code())
			w.Text("reserveId", l.ReserveID(q.Now))
			w.Close("}")
		}
	}
	return endList(q, w, "linesList", len(rows))
}

// join is call 22, 容量シェア変更: lines reserve their place in the group, which they take on the 1st of next month.
// The first of them make the group.
func (u *API) join(q *call) gateway.Answer {
	var numbers []string
	return u.changeOf(q, "reserveId", func(f *wire.Form) {
		f.Text(agreementRule())
		for _, line := range listed(f) {
			numbers = append(numbers, line.Text(wire.Rule{Name: "lineNo", Mandatory: true, Max: 11, Class: wire.IsDigits}))
		}
	}, func() gateway.Answer { return u.joinLines(q, numbers) })
}

func (u *API) joinLines(q *call, numbers []string) gateway.Answer {
	var lines []*fleet.Line
	for _, no := range numbers {
		l := q.contract.Find(no, q.Now)
		switch {
		case l == nil:
			return u.receipt(q, "reserveId", resultNothing, "", messageNoLine)
		case l.ShareAt(q.Now) != fleet.ShareNone || slices.Contains(lines, l):
			return u.receipt(q, "reserveId", resultNG, "", messageMember)
		}
		lines = append(lines, l)
	}
	id := u.store.reserveNumber(u.cal.Day(q.Now))
	for _, l := range lines {
		l.Reserve(id, q.Now, fleet.ShareReserved, u.nextMonth(q.Now), fleet.ShareRegistered)
		q.contract.Group.Admit(l)
	}
	q.contract.Changed()
	return u.receipt(q, "reserveId", resultOK, id, "")
}

// leave is call 23, 容量シェア変更: a line reserves to leave the group on the 1st of next month.
func (u *API) leave(q *call) gateway.Answer {
	if refused := u.agreed(q, "reserveId"); refused != nil {
		return *refused
	}
	if !q.contract.Group.There(q.Now) {
		return apiError(404, msgNoGroup)
	}
	switch q.line.ShareAt(q.Now) {
	case fleet.ShareNone:
		return u.receipt(q, "reserveId", resultNothing, "", messageNoMember)
	case fleet.ShareReserved, fleet.ShareRemovalReserved:
		return u.receipt(q, "reserveId", resultNG, "", messageReserved)
	}
	id := u.store.reserveNumber(u.cal.Day(q.Now))
	q.line.Reserve(id, q.Now, fleet.ShareRemovalReserved, u.nextMonth(q.Now), fleet.ShareNone)
	q.contract.Changed()
	return u.receipt(q, "reserveId", resultOK, id, "")
}

// cancelReservation is call 29, 容量シェア予約取り消し: until the reservation is done.
func (u *API) cancelReservation(q *call) gateway.Answer {
	if refused := u.agreed(q, "reserveId"); refused != nil {
		return *refused
	}
	id := q.Names[pathReserve]
	known, open := false, false
	for _, l := range q.contract.Group.All() {
		if l.ReserveID(q.Now) != id {
			continue
		}
		known = true
		before := fleet.ShareNone
		switch l.ShareAt(q.Now) {
		case fleet.ShareReserved:
		case fleet.ShareRemovalReserved:
			before = fleet.ShareRegistered
		default:
			continue
		}
		open = true
		l.CancelReservation(id, q.Now, before)
	}
	switch {
	case !known:
		return u.receipt(q, "reserveId", resultNothing, "", messageNoReserve)
	case !open:
		return u.receipt(q, "reserveId", resultNG, "", messageReserveDone)
	}
	q.contract.Changed()
	return u.receipt(q, "reserveId", resultOK, id, "")
}
