package unom

import (
	"kaisen/internal/simulator/fleet"
	"kaisen/internal/simulator/gateway"
	"kaisen/internal/simulator/wire"
)

// addLine is call 12, 回線追加. １回線ごとで行うようにしてください: several lines in one order are refused.
func (u *API) addLine(q *call) gateway.Answer {
	var date string
	var lines []newLineOrder
	return u.change(q, func(f *wire.Form) {
		date = f.Text(dateRule())
		u.delivery(f, true)
		f.Text(agreementRule())
		for _, line := range listed(f) {
			lines = append(lines, u.readLine(line))
		}
	}, func() gateway.Answer {
		if len(lines) != 1 {
			return apiError(400, msgBadRequest)
		}
		return u.placeOn(q, date, func() placement { return newLine(q, lines[0]) })
	})
}

// newLineOrder is the line that call 12 orders.
type newLineOrder struct {
	plan, device, roaming, authID, access string
	ips                                   [3]string
}

func (u *API) readLine(f *wire.Form) newLineOrder {
	var n newLineOrder
	readNumber(f)
	n.plan, n.device, n.roaming = readPlan(f), readDevice(f), readRoaming(f)
	for i, name := range [...]string{"actIpAddress", "sbyIpAddress", "roamingIpAddress"} {
		n.ips[i] = readAddress(f, name, i == 0)
	}
	n.authID = f.Text(wire.Rule{Name: "authenticationId", Min: 3, Max: 15, Class: isAuthID})
	u.sent.Keep(f.Text(wire.Rule{Name: "authenticationPassword", Min: 2, Max: 15, Class: isAuthPassword}))
	if !f.Has("authenticationId") && !f.Has("authenticationPassword") {
		f.Wrong(wire.ProblemLength, wire.Rule{Name: "authenticationId"})
	}
	n.access = readAccess(f)
	return n
}

// isAuthID: 利用可能な記号は、-._+=の5種類.
func isAuthID(s string) bool { return wire.IsWord(s, "-._+=") }

// isAuthPassword: 利用可能な記号は、!$()-/;<?[]^{}%の15種類.
func isAuthPassword(s string) bool { return wire.IsWord(s, "!$()-/;<?[]^{}%") }

// newLine opens a line on its day, unless the order is logically wrong.
func newLine(q *call, n newLineOrder) placement {
	p := placement{}
	product, known := productOf(n.plan)
	device, fits := product.device(n.device)
	switch {
	case !known:
		p.wrong = messagePlan
	case !fits:
		p.wrong = messageDevice
	case device.access != n.access:
		p.wrong = messageAccess
	case n.roaming != "" && !fleet.IsRoamingCode(n.roaming):
		p.wrong = messageRoaming
	case n.authID != "" && q.contract.Taken(n.authID, nil, q.Now):
		p.wrong = messageAuth
	}
	var opened *fleet.Line
	p.begin = func(from int64, _ string) {
		opened = q.contract.Open(from, fleet.NewLine{
			Plan: product.Plan, SIM: device.sim, Device: device.name, Access: n.access, Roaming: n.roaming, AuthID: n.authID, IPs: n.ips,
		})
	}
	p.withdraw = func(string, int64) {
		if opened != nil { // nil: it never would have been
			q.contract.Withdraw(opened)
		}
	}
	return p
}

// removeLine is call 13, 回線廃止: the line is no more from its day on.
func (u *API) removeLine(q *call) gateway.Answer {
	if refused := u.agreed(q, "orderId"); refused != nil {
		return *refused
	}
	return u.placeOn(q, q.Query.Get("requestDate"), func() placement {
		p := placement{begin: q.line.Remove, withdraw: q.line.Withdraw}
		if q.line.Leaving() {
			p.wrong = messageLeaving
		}
		return p
	})
}

// buyDevices is call 14, 端末購入, which changes nothing that another call shows but its order.
func (u *API) buyDevices(q *call) gateway.Answer {
	var date string
	var devices []string
	return u.change(q, func(f *wire.Form) {
		date = f.Text(dateRule())
		u.delivery(f, false)
		f.Text(agreementRule())
		for _, line := range listed(f) {
			readNumber(line)
			devices = append(devices, readDevice(line))
		}
	}, func() gateway.Answer {
		return u.placeOn(q, date, func() placement {
			p := placement{
				parts: len(devices), begin: func(int64, string) {}, withdraw: func(string, int64) {},
			}
			for _, code := range devices {
				if !sold(code) {
					p.wrong = messageDevice
				}
			}
			return p
		})
	})
}

// delivery reads where things are sent to (calls 12 and 14). The tables of the two calls disagree by a row on which
// lengths belong to building, company, department and person, and whether company and department are optional: the
// widest that either gives is taken, and the company must be there for call 12 alone. The tables want full width,
// which the examples do not keep to.

func (u *API) delivery(f *wire.Form, company bool) {
	wide := wire.IsPlain
	if u.cfg.Style == wire.StyleModern {
		wide = wire.IsWide
	}
	for _, r := range []wire.Rule{
		{Name: "deliveryPostalCode", Mandatory: true, Min: 7, Max: 9, Class: isPostal},
		{Name: "deliveryPref", Mandatory: true, Max: 4, Class: wide},
		{Name: "deliveryCity", Mandatory: true, Max: 24, Class: wide},
		{Name: "deliveryAddress1", Mandatory: true, Max: 36, Class: wide},
		{Name: "deliveryAddress2", Max: 24, Class: wide},
		{Name: "deliveryAddress3", Max: 40, Class: wide},
		{Name: "deliveryBuildingName", Max: 40, Class: wide},
		{Name: "deliveryCompanyName", Mandatory: company, Max: 16, Class: wide},
		{Name: "deliveryDeptName", Max: 10, Class: wide},
		{Name: "deliveryPersonName", Max: 40, Class: wide},
		{Name: "deliveryPhoneNumber", Max: 16, Class: wire.IsHalf},
		{Name: "notificationMailAddress", Mandatory: true, Max: 255, Class: wire.IsPlain, Known: isMail},
	} {
		f.Text(r)
	}
	u.sent.Keep(f.Text(wire.Rule{Name: "notificationPassword", Mandatory: true, Max: 255, Class: wire.IsPlain}))
}

// isPostal: seven digits, and for the nine of the table perhaps a hyphen.
func isPostal(s string) bool { return wire.IsWord(s, "-") && !wire.HasLetter(s) }

func isMail(s string) bool {
	at := false
	for i, r := range s {
		at = at || r == '@' && i > 0 && i < len(s)-1
	}
	return at
}
