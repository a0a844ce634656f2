package simulator

// ordersCall is call 07, 申込み一覧: what is not done yet, the newest first.
func (c *Carrier) ordersCall(q *request) answer { return c.orderList(q, "accepting") }

// completedOrdersCall is call 08, 申込み完了一覧: what is done, one way or another.
func (c *Carrier) completedOrdersCall(q *request) answer { return c.orderList(q, "complete") }

// wrongStatus refuses a status that none of the calls of the address has.
func wrongStatus(q *request, want string) *answer {
	if q.query.Get("status") == want {
		return nil
	}
	return fail(400, msgFieldFormat+"status")
}

// orderList is at most MaxRows orders, without a word on those left out.
func (c *Carrier) orderList(q *request, status string) answer {
	if refused := wrongStatus(q, status); refused != nil {
		return *refused
	}
	w := c.orderWriter(q)
	contractDialect := w.dialect
	w.open('{')
	w.text("contractId", q.contract.id)
	w.name("orderList")
	w.open('[')
	rows := 0
	for _, o := range c.book.of(q.contract, q.now) {
		if o.cancels != "" || ended(o.status(q.now)) != (status == "complete") {
			continue
		}
		if rows++; rows > c.cfg.MaxRows {
			break
		}
		w.comma()
		w.dialect = o.dialect(c.cfg.Style)
		w.open('{')
		w.text("orderId", o.id)
		c.orderTo(w, o, q.now)
		w.close('}')
	}
	w.dialect = contractDialect
	w.close(']')
	w.close('}')
	return answer{status: 200, body: w.b}
}

// dialect is the order's own.
func (o *order) dialect(style Style) dialect {
	if style == StyleDocument {
		d := dialectOf(style, 0)
		d.null = nullJSON // as the examples of orders have it
		return d
	}
	return dialectOf(style, o.seed)
}

// orderTo writes what calls 07, 08 and 11 tell of an order alike.
func (c *Carrier) orderTo(w *writer, o order, at int64) {
	w.text("serviceDateApply", dayDigits(c.cal.day(o.placed)))
	w.text("requestDate", dayDigits(o.requested))
	opened := ""
	if day, ok := o.opened(at, c.cal); ok {
		opened = dayDigits(day)
	}
	w.optional("serviceDateStartScheduled", opened)
	w.text("orderStatus", o.status(at))
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

// orderCall is call 11, 申込み状態取得. A cancellation is asked for by call 30.
func (c *Carrier) orderCall(q *request) answer {
	if refused := wrongStatus(q, "asyncAccepting"); refused != nil {
		return *refused
	}
	o, ok := c.book.find(q.contract, q.names[pathOrder], q.now)
	if !ok || o.cancels != "" {
		return apiError(404, msgNotFound)
	}
	w := &writer{dialect: o.dialect(c.cfg.Style)}
	w.open('{')
	w.text("contractId", q.contract.id)
	w.text("orderId", o.id)
	w.nothing("checkErrorInfo")
	w.name("orderList")
	w.open('[')
	for i := range min(o.parts, c.cfg.MaxRows) {
		w.comma()
		w.open('{')
		w.number("number", uint64(i+1), w.integers)
		c.orderTo(w, o, q.now)
		w.close('}')
	}
	w.close(']')
	w.close('}')
	return answer{status: 200, body: w.b}
}

// cancellationCall is call 30, 申込みキャンセル状態取得 (error 11 where there is none).
func (c *Carrier) cancellationCall(q *request) answer {
	if refused := wrongStatus(q, "asyncCancelAccepting"); refused != nil {
		return *refused
	}
	o, ok := c.book.find(q.contract, q.names[pathOrder], q.now)
	if !ok || o.cancels == "" {
		return apiError(404, msgNoOrder)
	}
	w := &writer{dialect: o.dialect(c.cfg.Style)}
	w.open('{')
	w.text("contractId", q.contract.id)
	w.text("orderId", o.id)
	w.text("orderStatus", o.status(q.now))
	w.nothing("referenceErrorInfo")
	w.message("checkErrorInfo", o.trouble(q.now))
	w.close('}')
	return answer{status: 200, body: w.b}
}

// cancelOrderCall is call 28, 申込み取り消し. What it answers with is the number of the cancellation, an order itself;
// one that comes too late is rejected when it is processed.
func (c *Carrier) cancelOrderCall(q *request) answer {
	agreement := q.query.Get("agreement")
	if !isAgreement(agreement) {
		return *fail(400, msgFieldFormat+"agreement")
	}
	target, known := c.book.find(q.contract, q.names[pathOrder], q.now)
	result, id, message := resultOK, "", ""
	switch {
	case agreement != "yes":
		result, message = resultNG, messageTerms
	case !known || target.cancels != "":
		result, message = resultNothing, messageNoOrder
	case target.withdraw == nil:
		result, message = resultNG, messageNoCancel
	default:
		id = c.cancelOrder(q, target)
	}
	w := c.orderWriter(q)
	w.open('{')
	w.text("contractId", q.contract.id)
	w.text("resultCode", result)
	w.optional("orderId", id)
	w.text("acceptDateTime", c.cal.time(q.now).Format(timeForm))
	w.message("checkErrorInfo", message)
	w.close('}')
	return answer{status: 200, body: w.b}
}

// cancelOrder places the cancellation of an order and returns its number.
func (c *Carrier) cancelOrder(q *request, target order) string {
	today := c.cal.day(q.now)
	steps := c.atOnce(q.now, orderProcessed)
	at := steps[len(steps)-1].at
	o := &order{
		operation: opCancelOrder, contract: q.contract, lineNo: target.lineNo, parts: 1, placed: q.now, requested: today,
		cancels: target.id,
	}
	switch status := target.status(at); {
	case q.effects.has(FaultOrderStuck):
		steps = steps[:2]
	case status != orderRegistered && status != orderConfirmed:
		steps[len(steps)-1].status = orderRejected
		o.message = messageTooLate
	default:
		c.book.cancel(target.id, at)
		target.withdraw(at)
	}
	o.steps = steps
	c.book.add(o, today)
	return o.id
}
