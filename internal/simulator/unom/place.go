package unom

import "kaisen/internal/simulator/gateway"

// The message IDs (messageId) of orders that cannot be. The documents refer to a list that they do not have, so these
// numbers are invented; they have the form of the tables, nine digits.
const (
	messageTerms       = "100000001" // the terms are not agreed to
	messagePlan        = "100000011" // no such plan
	messageDevice      = "100000012" // no such device for the plan
	messageAccess      = "100000013" // the device or the plan does not do this access
	messageRoaming     = "100000014" // no such cap on roaming charges
	messageAuth        = "100000015" // the authentication ID is another line's
	messageLeaving     = "100000016" // the line is being removed already
	messageNoVolume    = "100000017" // the plan has no volume to add to
	messageSystem      = "100000099" // a failure of the carrier's systems
	messageNoOrder     = "100000021" // there is no such order
	messageNoCancel    = "100000022" // orders of this kind cannot be cancelled
	messageTooLate     = "100000023" // it is done, under way or cancelled
	messageMember      = "100000031" // the line is in the group, or will be
	messageReserved    = "100000036" // the line's place in the group is being changed already
	messageNoMember    = "100000032" // the line is not in the group
	messageNoLine      = "100000033" // the contract has no such line
	messageNoReserve   = "100000034" // there is no such reservation
	messageReserveDone = "100000035" // the reservation is done or cancelled
)

// The results with which the carrier takes a change (resultCode).
const (
	resultOK      = "0001"
	resultNG      = "0002"
	resultNothing = "0003" // 対象データ無し
)

// placement is an order that is about to be kept.
type placement struct {
	parts    int    // 0: one
	day      int    // what it is reserved for; 0: at once
	wrong    string // the message ID, where it cannot be; empty: it can
	begin    func(from int64, id string)
	withdraw func(id string, after int64)
}

// place keeps an order, lets it do what it does from its last step on, and answers with its number.
// What is wrong with an order is found out when it is processed, not here: the answer is the same.
func (u *API) place(q *call, p placement) gateway.Answer {
	today := u.cal.Day(q.Now)
	o := &order{
		operation: q.Operation, contract: q.contract, parts: max(p.parts, 1), placed: q.Now,
		requested: today, message: p.wrong,
	}
	if p.withdraw != nil {
		o.withdraw = func(after int64) { p.withdraw(o.id, after) }
	}
	if q.line != nil {
		o.lineNo = q.line.No
	}
	if p.day != 0 {
		o.requested = p.day
	}
	switch {
	case p.wrong != "":
		o.steps = u.timing.atOnce(q.Now, orderRejected)
	case q.Effects.Has(gateway.FaultOrderError):
		o.steps = u.timing.atOnce(q.Now, orderSystemError)
	case p.day != 0:
		o.steps = u.timing.reserved(q.Now, p.day)
	default:
		o.steps = u.timing.atOnce(q.Now, orderProcessed)
	}
	if q.Effects.Has(gateway.FaultOrderStuck) {
		o.steps = o.steps[:2]
	}
	u.store.add(o, today)
	if from, ends := o.done(); ends && o.status(from) != orderRejected && o.status(from) != orderSystemError {
		p.begin(from, o.id)
	}
	return u.receipt(q, "orderId", resultOK, o.id, "")
}

// receipt answers a change: with its number, or with what is wrong with it.
func (u *API) receipt(q *call, key, result, number, message string) gateway.Answer {
	w := begin(q, orderDialect(u.cfg.Style, q.contract.Seed()))
	w.Text("resultCode", result)
	w.Optional(key, number)
	if key == "reserveId" {
		w.message("referenceErrorInfo", message)
	} else {
		w.message("checkErrorInfo", message)
	}
	return gateway.OK(w.Close("}"))
}
