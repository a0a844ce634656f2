package simulator

import "strings"

// changeCourse is call 15, 料金コース変更: on the 1st of next month; to the zero course until its end.
func (u *UnomAPI) changeCourse(q *call) Answer {
	var date, code string
	return u.change(q, func(f *form) {
		f.text(agreementRule())
		date = f.text(dateRule())
		code = readPlan(f.object("lineInfo", true))
	}, func() Answer {
		day, refused := u.requested(q, date)
		if refused != nil {
			return *refused
		}
		product, known := productOf(code)
		if product.course != courseZero && day != firstDay(monthOf(u.cal.day(q.Now))+1) {
			return apiError(400, msgDate)
		}
		p := placement{operation: opChangeCourse, day: day, withdraw: q.line.withdraw}
		if !known {
			p.wrong = messagePlan
		}
		p.begin = func(from int64, id string) {
			q.line.edit(from, id, func(a *attributes) { a.plan = product.plan })
		}
		return u.place(q, p)
	})
}

// changeNow reads the body of a change of one line that is carried out as soon as it is processed.
func (u *UnomAPI) changeNow(q *call, operation string, read func(info *form), apply func(*attributes)) Answer {
	return u.change(q, func(f *form) {
		f.text(agreementRule())
		read(f.object("lineInfo", true))
	}, func() Answer { return u.applyNow(q, operation, "", apply) })
}

// applyNow places an order that changes one line as soon as it is processed, or that is wrong.
func (u *UnomAPI) applyNow(q *call, operation, wrong string, apply func(*attributes)) Answer {
	return u.place(q, placement{operation: operation, wrong: wrong, begin: func(from int64, id string) {
		q.line.edit(from, id, apply)
	}})
}

// changeAuth is call 16, 認証情報変更. A line whose authentications are another's RADIUS has nothing to change here.
func (u *UnomAPI) changeAuth(q *call) Answer {
	if q.line.radiusAt(q.Now) != radiusCom {
		return apiError(403, msgNotComRadius)
	}
	var id string
	return u.change(q, func(f *form) {
		f.text(agreementRule())
		info := f.object("lineInfo", true)
		id = info.text(rule{name: "authenticationId", min: 3, max: 64, class: isAuthAddress})
		u.sent.Keep(info.text(rule{name: "authenticationPassword", max: 1024, class: isPlain}))
		if !info.has("authenticationId") && !info.has("authenticationPassword") {
			info.wrong(problemLength, rule{name: "authenticationId"})
		}
	}, func() Answer {
		name, domain, qualified := strings.Cut(id, "@")
		wrong := ""
		if qualified && domain != q.contract.domain || name != "" && q.contract.taken(name, q.line, q.Now) {
			wrong = messageAuth
		}
		if name != "" && wrong == "" {
			q.contract.expect(q.line, name)
		}
		return u.applyNow(q, opChangeAuth, wrong, func(a *attributes) {
			if name != "" {
				a.authID = name
			}
		})
	})
}

// isAuthAddress is an authentication ID, with its domain or without: the table's 8 to 64 characters are an address's,
// the example has six.
func isAuthAddress(s string) bool { return isWord(s, "-._+=@") }

// changeAddresses is call 17, 端末IPアドレス変更. Addresses that are not given stay.
func (u *UnomAPI) changeAddresses(q *call) Answer {
	var ips [3]string
	return u.changeNow(q, opChangeAddresses, func(info *form) {
		ips = [3]string{
			readAddress(info, "actIpAddress", true), readAddress(info, "sbyIpAddress", false),
			readAddress(info, "roamingIpAddress", false),
		}
	}, func(a *attributes) { a.setAddresses(ips) })
}

// changeIMEI is call 18, IMEI変更.
func (u *UnomAPI) changeIMEI(q *call) Answer {
	var imei, option string
	return u.changeNow(q, opChangeIMEI, func(info *form) {
		imei = info.text(rule{name: "imei", mandatory: true, max: 1000, class: isPlain})
		option = info.text(rule{name: "imeiOption", mandatory: true, known: oneOf("1", "2")})
	}, func(a *attributes) { a.imei, a.imeiOption = imei, option == "2" })
}

// changeAccess is call 25, アクセス方式変更.
func (u *UnomAPI) changeAccess(q *call) Answer {
	var access string
	var ips [3]string
	return u.changeNow(q, opChangeAccess, func(info *form) {
		access = readAccess(info)
		ips = [3]string{readAddress(info, "actIpAddress", false), readAddress(info, "sbyIpAddress", false)}
	}, func(a *attributes) {
		a.access = access
		a.setAddresses(ips)
	})
}

// setRoaming is call 20, 国際ローミング変更: another cap on roaming charges; "" takes it away.
func (u *UnomAPI) setRoaming(q *call) Answer {
	var code string
	return u.change(q, func(f *form) {
		f.text(agreementRule())
		info := f.object("lineInfo", true)
		if code = readRoaming(info); !info.given("roamingCode") {
			info.wrong(problemLength, rule{name: "roamingCode"})
		}
	}, func() Answer {
		wrong := ""
		if code != "" && !isRoamingCode(code) {
			wrong = messageRoaming
		}
		return u.applyNow(q, opSetRoaming, wrong, func(a *attributes) { a.setRoaming(code) })
	})
}

// removeRoaming is call 21, 国際ローミング変更 (error 14 where there is none).
func (u *UnomAPI) removeRoaming(q *call) Answer {
	if refused := u.agreed(q, "orderId"); refused != nil {
		return *refused
	}
	if !q.line.as(q.Now).roams() {
		return apiError(404, msgNoRoaming)
	}
	return u.applyNow(q, opRemoveRoaming, "", func(a *attributes) { a.setRoaming("") })
}

// addVolume is call 24, 容量追加: more volume until the end of the month in which it is added.
func (u *UnomAPI) addVolume(q *call) Answer {
	return u.change(q, func(f *form) { f.text(agreementRule()) }, func() Answer {
		p := placement{operation: opAddDataVolume}
		if q.line.as(q.Now).plan.volume == 0 {
			p.wrong = messageNoVolume
		}
		p.begin = func(from int64, id string) {
			q.line.edit(from, id, (*attributes).addVolume)
			q.line.edit(u.nextMonth(from), id, (*attributes).dropVolume)
		}
		return u.place(q, p)
	})
}
