package simulator

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

// placement is an order on its way into the book.
type placement struct {
	operation string
	parts     int    // 0: one
	day       int    // what it is reserved for; 0: at once
	wrong     string // the message ID, where it cannot be; empty: it can
	begin     func(from int64, id string)
	withdraw  func(id string, after int64)
}

// place puts an order into the book, lets it do what it does from its last step on, and answers with its number.
// What is wrong with an order is found out when it is processed, not here: the answer is the same.
func (c *Carrier) place(q *request, p placement) answer {
	today := c.cal.day(q.now)
	o := &order{
		operation: p.operation, contract: q.contract, parts: max(p.parts, 1), placed: q.now,
		requested: today, message: p.wrong,
	}
	if p.withdraw != nil {
		o.withdraw = func(after int64) { p.withdraw(o.id, after) }
	}
	if q.line != nil {
		o.lineNo = q.line.no
	}
	if p.day != 0 {
		o.requested = p.day
	}
	switch {
	case p.wrong != "":
		o.steps = c.atOnce(q.now, orderRejected)
	case q.effects.has(FaultOrderError):
		o.steps = c.atOnce(q.now, orderSystemError)
	case p.day != 0:
		o.steps = c.reserved(q.now, p.day)
	default:
		o.steps = c.atOnce(q.now, orderProcessed)
	}
	if q.effects.has(FaultOrderStuck) {
		o.steps = o.steps[:2]
	}
	c.book.add(o, today)
	if from, ends := o.done(); ends && o.status(from) != orderRejected && o.status(from) != orderSystemError {
		p.begin(from, o.id)
	}
	return c.receipt(q, "orderId", resultOK, o.id, "")
}

// receipt answers a change: with its number, or with what is wrong with it.
func (c *Carrier) receipt(q *request, key, result, number, message string) answer {
	w := c.orderWriter(q)
	w.open('{')
	w.text("contractId", q.contract.id)
	w.text("resultCode", result)
	w.optional(key, number)
	if key == "reserveId" {
		w.message("referenceErrorInfo", message)
	} else {
		w.message("checkErrorInfo", message)
	}
	w.close('}')
	return answer{status: 200, body: w.b}
}

// orderWriter writes in the contract's dialect. The examples of orders have null where there is nothing.
func (c *Carrier) orderWriter(q *request) *writer {
	w := &writer{dialect: dialectOf(c.cfg.Style, q.contract.seed())}
	if c.cfg.Style == StyleDocument {
		w.dialect.null = nullJSON
	}
	return w
}

// message writes what is wrong, null where nothing is. 現行バージョンでは、空文字を返します: the text is empty.
func (w *writer) message(key, id string) {
	if id == "" {
		w.nothing(key)
		return
	}
	w.name(key)
	w.open('{')
	w.text("messageId", id)
	w.text("message", "")
	w.close('}')
}

// edit changes a line's attributes from a second on. Callers hold the carrier's injection lock.
func (c *Carrier) edit(l *line, edits ...edit) {
	l.modify(func(o *overlay) { o.edits = append(o.edits, edits...) })
	c.changed(l.contract)
}

// changed makes everything computed from a contract's lines out of date.
func (c *Carrier) changed(of *contract) {
	of.edition.Add(1)
	c.version.Add(1)
}
