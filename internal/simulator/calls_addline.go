package simulator

import "math"

// newLineOrder is the line that call 12 orders.
type newLineOrder struct {
	plan, device, roaming, authID, access string
	ips                                   [3]string
}

// addLineCall is call 12, 回線追加. １回線ごとで行うようにしてください: several lines in one order are refused.
func (c *Carrier) addLineCall(q *request) answer {
	var date string
	var lines []newLineOrder
	refused := c.readChange(q, "orderId", func(f *form) {
		date = f.text(dateRule())
		c.delivery(f, true)
		f.text(agreementRule())
		for _, line := range f.orders() {
			lines = append(lines, c.readLine(line))
		}
	})
	if refused != nil {
		return *refused
	}
	if len(lines) != 1 {
		return *fail(400, msgBadRequest)
	}
	day, refused := c.requested(q, date)
	if refused != nil {
		return *refused
	}
	return c.place(q, c.addLine(q, lines[0], day))
}

func (c *Carrier) readLine(f *form) newLineOrder {
	var n newLineOrder
	f.number()
	n.plan, n.device, n.roaming = f.plan(), f.device(), f.roaming()
	for i, name := range [...]string{"actIpAddress", "sbyIpAddress", "roamingIpAddress"} {
		n.ips[i] = f.address(name, i == 0)
	}
	n.authID = f.text(rule{name: "authenticationId", min: 3, max: 15, class: isAuthID})
	password := f.text(rule{name: "authenticationPassword", min: 2, max: 15, class: isAuthPassword})
	if !f.has("authenticationId") && !f.has("authenticationPassword") {
		f.wrong(problemLength, rule{name: "authenticationId"})
	}
	c.keepSecret(password)
	n.access = f.access()
	return n
}

// isAuthID: 利用可能な記号は、-._+=の5種類.
func isAuthID(s string) bool { return isWord(s, "-._+=") }

// isAuthPassword: 利用可能な記号は、!$()-/;<?[]^{}%の15種類.
func isAuthPassword(s string) bool { return isWord(s, "!$()-/;<?[]^{}%") }

// addLine opens a line on its day, unless the order is logically wrong.
func (c *Carrier) addLine(q *request, n newLineOrder, day int) placement {
	p := placement{operation: opAddLine, day: day}
	product, known := productOf(n.plan)
	device, fits := product.device(n.device)
	switch {
	case !known:
		p.wrong = messagePlan
	case !fits:
		p.wrong = messageDevice
	case device.access != n.access:
		p.wrong = messageAccess
	case n.roaming != "" && !isRoamingCode(n.roaming):
		p.wrong = messageRoaming
	case n.authID != "" && q.contract.taken(n.authID, nil, q.now):
		p.wrong = messageAuth
	}
	var opened *line
	p.begin = func(from int64, _ string) {
		opened = c.openLine(q.contract, from, product, device, n)
		c.changed(q.contract)
	}
	p.withdraw = func(string, int64) {
		if opened == nil { // it never would have been
			return
		}
		q.contract.change(func(r *roster) { r.forget(opened) })
		c.changed(q.contract)
	}
	return p
}

// taken reports whether a line other than one has or will have an authentication ID.
func (c *contract) taken(id string, but *line, now int64) bool {
	for _, l := range c.roster().byAuth[id] {
		there := !l.flag(aspectEnded, now)
		if l != but && there && (l.as(now).authID == id || l.as(math.MaxInt64).authID == id) {
			return true
		}
	}
	return false
}

// openLine makes the line that the carrier knows from a second on. Its SIM, number and habits are like any line's.
func (c *Carrier) openLine(of *contract, from int64, p product, d device, n newLineOrder) *line {
	day := c.cal.day(from)
	l := newLine(c.cfg, of, len(of.roster().lines), c.serial, c.cal, day)
	c.serial++
	l.born, l.startDay = from, day
	l.radius, l.note, l.sim, l.device = radiusCom, "", d.sim, d.name
	l.plan, l.options, l.access, l.ips = p.plan, nil, n.access, n.ips
	l.imeiOption = false
	l.setRoaming(n.roaming)
	if n.authID != "" {
		l.authID = n.authID
	}
	of.change(func(r *roster) { r.add(l) })
	return l
}

// removeLineCall is call 13, 回線廃止: the line is no more from its day on.
func (c *Carrier) removeLineCall(q *request) answer {
	if refused := c.agreed(q, "orderId"); refused != nil {
		return *refused
	}
	day, refused := c.requested(q, q.query.Get("requestDate"))
	if refused != nil {
		return *refused
	}
	l, p := q.line, placement{operation: opRemoveLine, day: day}
	if _, leaving := l.overlay.Load().value(aspectEnded, math.MaxInt64); leaving {
		p.wrong = messageLeaving
	}
	p.begin = func(from int64, id string) {
		l.modify(func(o *overlay) {
			o.changes = append(o.changes,
				change{aspect: aspectEnded, at: from, value: from, cause: id}, change{aspect: aspectShare, at: from, cause: id})
		})
		c.changed(q.contract)
	}
	p.withdraw = c.withdrawing(l)
	return c.place(q, p)
}

// withdrawing undoes what an order would have done to a line.
func (c *Carrier) withdrawing(l *line) func(string, int64) {
	return func(id string, after int64) {
		l.withdraw(id, after)
		c.changed(l.contract)
	}
}

// buyDevicesCall is call 14, 端末購入, which changes nothing that another call shows but its order.
func (c *Carrier) buyDevicesCall(q *request) answer {
	var date string
	var devices []string
	refused := c.readChange(q, "orderId", func(f *form) {
		date = f.text(dateRule())
		c.delivery(f, false)
		f.text(agreementRule())
		for _, line := range f.orders() {
			line.number()
			devices = append(devices, line.device())
		}
	})
	if refused != nil {
		return *refused
	}
	day, refused := c.requested(q, date)
	if refused != nil {
		return *refused
	}
	p := placement{
		operation: opBuyDevices, day: day, parts: len(devices),
		begin: func(int64, string) {}, withdraw: func(string, int64) {},
	}
	for _, code := range devices {
		if !sold(code) {
			p.wrong = messageDevice
		}
	}
	return c.place(q, p)
}
