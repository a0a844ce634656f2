package unom

import (
	"strings"

	"kaisen/internal/simulator/calendar"
	"kaisen/internal/simulator/fleet"
	"kaisen/internal/simulator/gateway"
	"kaisen/internal/simulator/wire"
)

// changeCourse is call 15, 料金コース変更: on the 1st of next month; to the zero course until its end.
func (u *API) changeCourse(q *call) gateway.Answer {
	var date, code string
	return u.change(q, func(f *wire.Form) {
		f.Text(agreementRule())
		date = f.Text(dateRule())
		code = readPlan(f.Object("lineInfo", true))
	}, func() gateway.Answer {
		day, refused := u.requested(q, date)
		if refused != nil {
			return *refused
		}
		product, known := productOf(code)
		if product.course != courseZero && day != calendar.FirstDay(calendar.MonthOf(u.cal.Day(q.Now))+1) {
			return apiError(400, msgDate)
		}
		p := placement{day: day, withdraw: q.line.Withdraw}
		if !known {
			p.wrong = messagePlan
		}
		p.begin = func(from int64, id string) {
			q.line.Edit(from, id, func(a *fleet.Attributes) { a.Plan = product.Plan })
		}
		return u.place(q, p)
	})
}

// changeNow reads the body of a change of one line that is carried out as soon as it is processed.
func (u *API) changeNow(q *call, read func(info *wire.Form), apply func(*fleet.Attributes)) gateway.Answer {
	return u.change(q, func(f *wire.Form) {
		f.Text(agreementRule())
		read(f.Object("lineInfo", true))
	}, func() gateway.Answer { return u.applyNow(q, "", apply) })
}

// applyNow places an order that changes one line as soon as it is processed, or that is wrong.
func (u *API) applyNow(q *call, wrong string, apply func(*fleet.Attributes)) gateway.Answer {
	return u.place(q, placement{wrong: wrong, begin: func(from int64, id string) {
		q.line.Edit(from, id, apply)
	}})
}

// changeAuth is call 16, 認証情報変更. A line whose authentications are another's RADIUS has nothing to change here.
func (u *API) changeAuth(q *call) gateway.Answer {
	if q.line.RadiusAt(q.Now) != fleet.RadiusCom {
		return apiError(403, msgNotComRadius)
	}
	var id string
	return u.change(q, func(f *wire.Form) {
		f.Text(agreementRule())
		info := f.Object("lineInfo", true)
		id = info.Text(wire.Rule{Name: "authenticationId", Min: 3, Max: 64, Class: isAuthAddress})
		u.sent.Keep(info.Text(wire.Rule{Name: "authenticationPassword", Max: 1024, Class: wire.IsPlain}))
		if !info.Has("authenticationId") && !info.Has("authenticationPassword") {
			info.Wrong(wire.ProblemLength, wire.Rule{Name: "authenticationId"})
		}
	}, func() gateway.Answer {
		name, domain, qualified := strings.Cut(id, "@")
		wrong := ""
		if qualified && domain != q.contract.Domain || name != "" && q.contract.Taken(name, q.line, q.Now) {
			wrong = messageAuth
		}
		if name != "" && wrong == "" {
			q.contract.Expect(q.line, name)
		}
		return u.applyNow(q, wrong, func(a *fleet.Attributes) {
			if name != "" {
				a.AuthID = name
			}
		})
	})
}

// isAuthAddress is an authentication ID, with its domain or without: the table's 8 to 64 characters are an address's,
// the example has six.
func isAuthAddress(s string) bool { return wire.IsWord(s, "-._+=@") }

// changeAddresses is call 17, 端末IPアドレス変更. Addresses that are not given stay.
func (u *API) changeAddresses(q *call) gateway.Answer {
	var ips [3]string
	return u.changeNow(q, func(info *wire.Form) {
		ips = [3]string{
			readAddress(info, "actIpAddress", true), readAddress(info, "sbyIpAddress", false),
			readAddress(info, "roamingIpAddress", false),
		}
	}, func(a *fleet.Attributes) { a.SetAddresses(ips) })
}

// changeIMEI is call 18, IMEI変更.
func (u *API) changeIMEI(q *call) gateway.Answer {
	var imei, option string
	return u.changeNow(q, func(info *wire.Form) {
		imei = info.Text(wire.Rule{Name: "imei", Mandatory: true, Max: 1000, Class: wire.IsPlain})
		option = info.Text(wire.Rule{Name: "imeiOption", Mandatory: true, Known: wire.OneOf("1", "2")})
	}, func(a *fleet.Attributes) { a.IMEI, a.IMEIOption = imei, option == "2" })
}

// changeAccess is call 25, アクセス方式変更.
func (u *API) changeAccess(q *call) gateway.Answer {
	var access string
	var ips [3]string
	return u.changeNow(q, func(info *wire.Form) {
		access = readAccess(info)
		ips = [3]string{readAddress(info, "actIpAddress", false), readAddress(info, "sbyIpAddress", false)}
	}, func(a *fleet.Attributes) {
		a.Access = access
		a.SetAddresses(ips)
	})
}

// setRoaming is call 20, 国際ローミング変更: another cap on roaming charges; "" takes it away.
func (u *API) setRoaming(q *call) gateway.Answer {
	var code string
	return u.change(q, func(f *wire.Form) {
		f.Text(agreementRule())
		info := f.Object("lineInfo", true)
		if code = readRoaming(info); !info.Given("roamingCode") {
			info.Wrong(wire.ProblemLength, wire.Rule{Name: "roamingCode"})
		}
	}, func() gateway.Answer {
		wrong := ""
		if code != "" && !fleet.IsRoamingCode(code) {
			wrong = messageRoaming
		}
		return u.applyNow(q, wrong, func(a *fleet.Attributes) { a.SetRoaming(code) })
	})
}

// removeRoaming is call 21, 国際ローミング変更 (error 14 where there is none).
func (u *API) removeRoaming(q *call) gateway.Answer {
	if refused := u.agreed(q, "orderId"); refused != nil {
		return *refused
	}
	if !q.line.As(q.Now).Roams() {
		return apiError(404, msgNoRoaming)
	}
	return u.applyNow(q, "", func(a *fleet.Attributes) { a.SetRoaming("") })
}

// addVolume is call 24, 容量追加: more volume until the end of the month in which it is added.
func (u *API) addVolume(q *call) gateway.Answer {
	return u.change(q, func(f *wire.Form) { f.Text(agreementRule()) }, func() gateway.Answer {
		p := placement{}
		if q.line.As(q.Now).Plan.Volume == 0 {
			p.wrong = messageNoVolume
		}
		p.begin = func(from int64, id string) {
			q.line.Edit(from, id, (*fleet.Attributes).AddVolume)
			q.line.Edit(u.nextMonth(from), id, (*fleet.Attributes).DropVolume)
		}
		return u.place(q, p)
	})
}
