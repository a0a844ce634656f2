package unom

import (
	"kaisen/internal/simulator/calendar"
	"kaisen/internal/simulator/gateway"
)

// orders is call 07, 申込み一覧: what is not done yet, the newest first.
func (u *API) orders(q *call) gateway.Answer { return u.orderList(q, "accepting") }

// completedOrders is call 08, 申込み完了一覧: what is done, one way or another.
func (u *API) completedOrders(q *call) gateway.Answer { return u.orderList(q, "complete") }

// wrongStatus refuses a status that none of the calls of the address has.
func wrongStatus(q *call, want string) *gateway.Answer {
	if q.Query.Get("status") == want {
		return nil
	}
	return fail(400, msgFieldFormat+"status")
}

// orderList is at most MaxRows orders; nothing says that there are more.
func (u *API) orderList(q *call, status string) gateway.Answer {
	if refused := wrongStatus(q, status); refused != nil {
		return *refused
	}
	w := begin(q, orderDialect(u.cfg.Style, q.contract.Seed()))
	w.Open("orderList", '[')
	var rows []order
	for _, o := range u.store.of(q.contract, q.Now) {
		if o.cancels == "" && ended(o.status(q.Now)) == (status == "complete") && len(rows) < u.cfg.MaxRows {
			rows = append(rows, o)
		}
	}
	rows = fewer(q, "orders", rows)
	for _, o := range rows {
		w.speak(orderDialect(u.cfg.Style, o.seed))
		w.Begin('{')
		w.Text("orderId", o.id)
		u.orderTo(w, o, q.Now)
		w.Close("}")
	}
	return endList(q, w, "orderList", len(rows))
}

// orderTo writes what calls 07, 08 and 11 have in common.
func (u *API) orderTo(w *writer, o order, at int64) {
	w.Text("serviceDateApply", calendar.Digits(u.cal.Day(o.placed)))
	w.Text("requestDate", calendar.Digits(o.requested))
	opened := ""
	if day, ok := o.opened(at, u.cal); ok {
		opened = calendar.Digits(day)
	}
	w.Optional("serviceDateStartScheduled", opened)
	w.Text("orderStatus", o.status(at))
	w.message("checkErrorInfo", o.trouble(at))
}

// trouble is the message ID of an order that came to nothing, once that is known.
func (o *order) trouble(at int64) string {
	switch o.status(at) {
	case orderRejected:
		return o.message
	case orderSystemError:
		return messageSystem
	}
	return ""
}

// order is call 11, 申込み状態取得. A cancellation is asked for by call 30.
func (u *API) order(q *call) gateway.Answer {
	if refused := wrongStatus(q, "asyncAccepting"); refused != nil {
		return *refused
	}
	o, ok := u.store.find(q.contract, q.Names[pathOrder], q.Now)
	if !ok || o.cancels != "" {
		return apiError(404, msgNotFound)
	}
	w := begin(q, orderDialect(u.cfg.Style, o.seed))
	w.Text("orderId", o.id)
	w.Nothing("checkErrorInfo")
	w.Open("orderList", '[')
	for i := range min(o.parts, u.cfg.MaxRows) {
		w.Begin('{')
		w.Number("number", uint64(i+1), w.integers)
		u.orderTo(w, o, q.Now)
		w.Close("}")
	}
	return gateway.OK(w.Close("]}"))
}

// cancellation is call 30, 申込みキャンセル状態取得 (error 11 where there is none).
func (u *API) cancellation(q *call) gateway.Answer {
	if refused := wrongStatus(q, "asyncCancelAccepting"); refused != nil {
		return *refused
	}
	o, ok := u.store.find(q.contract, q.Names[pathOrder], q.Now)
	if !ok || o.cancels == "" {
		return apiError(404, msgNoOrder)
	}
	w := begin(q, orderDialect(u.cfg.Style, o.seed))
	w.Text("orderId", o.id)
	w.Text("orderStatus", o.status(q.Now))
	w.Nothing("referenceErrorInfo")
	w.message("checkErrorInfo", o.trouble(q.Now))
	return gateway.OK(w.Close("}"))
}

// cancelOrder is call 28, 申込み取り消し. What it answers with is the number of the cancellation, an order itself;
// one that comes too late is rejected when it is processed.
func (u *API) cancelOrder(q *call) gateway.Answer {
	agreement := q.Query.Get("agreement")
	if !isAgreement(agreement) {
		return *fail(400, msgFieldFormat+"agreement")
	}
	target, known := u.store.find(q.contract, q.Names[pathOrder], q.Now)
	result, id, message := resultOK, "", ""
	switch {
	case agreement != "yes":
		result, message = resultNG, messageTerms
	case !known || target.cancels != "":
		result, message = resultNothing, messageNoOrder
	case target.withdraw == nil:
		result, message = resultNG, messageNoCancel
	default:
		id = u.cancelPlaced(q, target)
	}
	w := begin(q, orderDialect(u.cfg.Style, q.contract.Seed()))
	w.Text("resultCode", result)
	w.Optional("orderId", id)
	w.Text("acceptDateTime", u.cal.Time(q.Now).Format(timeForm))
	w.message("checkErrorInfo", message)
	return gateway.OK(w.Close("}"))
}

// cancelPlaced places the cancellation of an order and returns its number.
func (u *API) cancelPlaced(q *call, target order) string {
	today := u.cal.Day(q.Now)
	steps := u.timing.atOnce(q.Now, orderProcessed)
	at := steps[len(steps)-1].at
	o := &order{
		operation: q.Operation, contract: q.contract, lineNo: target.lineNo, parts: 1, placed: q.Now, requested: today,
		cancels: target.id,
	}
	switch status := target.status(at); {
	case q.Effects.Has(gateway.FaultOrderStuck):
		steps = steps[:2]
	case status != orderRegistered && status != orderConfirmed:
		steps[len(steps)-1].status = orderRejected
		o.message = messageTooLate
	default:
		u.store.cancel(target.id, at)
		target.withdraw(at)
	}
	o.steps = steps
	u.store.add(o, today)
	return o.id
}
