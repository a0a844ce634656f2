package simulator

import "strings"

// lineChange is a change of one line that is carried out as soon as it is processed.
func (c *Carrier) lineChange(q *request, operation, wrong string, apply func(*attributes)) answer {
	return c.place(q, placement{operation: operation, wrong: wrong, begin: func(from int64, id string) {
		c.edit(q.line, edit{from, id, apply})
	}})
}

// courseCall is call 15, 料金コース変更: on the 1st of next month; to the zero course until its end.
func (c *Carrier) courseCall(q *request) answer {
	var date, code string
	refused := c.readChange(q, "orderId", func(f *form) {
		f.text(agreementRule())
		date = f.text(dateRule())
		code = f.object("lineInfo", true).plan()
	})
	if refused != nil {
		return *refused
	}
	day, refused := c.requested(q, date)
	if refused != nil {
		return *refused
	}
	product, known := productOf(code)
	if product.course != courseZero && day != firstDay(monthOf(c.cal.day(q.now))+1) {
		return *fail(400, msgDate)
	}
	p := placement{operation: opChangeCourse, day: day, withdraw: c.withdrawing(q.line)}
	if !known {
		p.wrong = messagePlan
	}
	p.begin = func(from int64, id string) {
		c.edit(q.line, edit{from, id, func(a *attributes) { a.plan = product.plan }})
	}
	return c.place(q, p)
}

// authCall is call 16, 認証情報変更. A line whose authentications are another's RADIUS has nothing to change here.
func (c *Carrier) authCall(q *request) answer {
	if q.line.radiusAt(q.now) != radiusCom {
		return apiError(403, msgNotComRadius)
	}
	var id string
	refused := c.readChange(q, "orderId", func(f *form) {
		f.text(agreementRule())
		info := f.object("lineInfo", true)
		id = info.text(rule{name: "authenticationId", min: 3, max: 64, class: isAuthAddress})
		c.keepSecret(info.text(rule{name: "authenticationPassword", max: 1024, class: isPlain}))
		if !info.has("authenticationId") && !info.has("authenticationPassword") {
			info.wrong(problemLength, rule{name: "authenticationId"})
		}
	})
	if refused != nil {
		return *refused
	}
	name, domain, qualified := strings.Cut(id, "@")
	wrong := ""
	if qualified && domain != q.contract.domain || name != "" && q.contract.taken(name, q.line, q.now) {
		wrong = messageAuth
	}
	if name != "" && wrong == "" {
		q.contract.change(func(r *roster) { r.know(q.line, name) })
	}
	return c.lineChange(q, opChangeAuth, wrong, func(a *attributes) {
		if name != "" {
			a.authID = name
		}
	})
}

// isAuthAddress is an authentication ID, with its domain or without: the table's 8 to 64 characters are an address's,
// the example has six.
func isAuthAddress(s string) bool { return isWord(s, "-._+=@") }

// addressesCall is call 17, 端末IPアドレス変更. Addresses that are not given stay.
func (c *Carrier) addressesCall(q *request) answer {
	var ips [3]string
	refused := c.readChange(q, "orderId", func(f *form) {
		f.text(agreementRule())
		info := f.object("lineInfo", true)
		ips = [3]string{
			info.address("actIpAddress", true), info.address("sbyIpAddress", false), info.address("roamingIpAddress", false),
		}
	})
	if refused != nil {
		return *refused
	}
	return c.lineChange(q, opChangeAddresses, "", func(a *attributes) { a.setAddresses(ips) })
}

// setAddresses replaces the addresses that are given.
func (a *attributes) setAddresses(ips [3]string) {
	for i, ip := range ips {
		if ip = strings.TrimSpace(ip); ip != "" {
			a.ips[i] = ip
		}
	}
}

// imeiCall is call 18, IMEI変更.
func (c *Carrier) imeiCall(q *request) answer {
	var imei, option string
	refused := c.readChange(q, "orderId", func(f *form) {
		f.text(agreementRule())
		info := f.object("lineInfo", true)
		imei = info.text(rule{name: "imei", mandatory: true, max: 1000, class: isPlain})
		option = info.text(rule{name: "imeiOption", mandatory: true, known: oneOf("1", "2")})
	})
	if refused != nil {
		return *refused
	}
	return c.lineChange(q, opChangeIMEI, "", func(a *attributes) { a.imei, a.imeiOption = imei, option == "2" })
}

// accessCall is call 25, アクセス方式変更.
func (c *Carrier) accessCall(q *request) answer {
	var access string
	var ips [3]string
	refused := c.readChange(q, "orderId", func(f *form) {
		f.text(agreementRule())
		info := f.object("lineInfo", true)
		access = info.access()
		ips = [3]string{info.address("actIpAddress", false), info.address("sbyIpAddress", false)}
	})
	if refused != nil {
		return *refused
	}
	return c.lineChange(q, opChangeAccess, "", func(a *attributes) {
		a.access = access
		a.setAddresses(ips)
	})
}
