package simulator

// addLine is call 12, 回線追加. １回線ごとで行うようにしてください: several lines in one order are refused.
func (u *UnomAPI) addLine(q *call) Answer {
	var date string
	var lines []newLineOrder
	return u.change(q, func(f *form) {
		date = f.text(dateRule())
		u.delivery(f, true)
		f.text(agreementRule())
		for _, line := range listed(f) {
			lines = append(lines, u.readLine(line))
		}
	}, func() Answer {
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

func (u *UnomAPI) readLine(f *form) newLineOrder {
	var n newLineOrder
	readNumber(f)
	n.plan, n.device, n.roaming = readPlan(f), readDevice(f), readRoaming(f)
	for i, name := range [...]string{"actIpAddress", "sbyIpAddress", "roamingIpAddress"} {
		n.ips[i] = readAddress(f, name, i == 0)
	}
	n.authID = f.text(rule{name: "authenticationId", min: 3, max: 15, class: isAuthID})
	u.sent.Keep(f.text(rule{name: "authenticationPassword", min: 2, max: 15, class: isAuthPassword}))
	if !f.has("authenticationId") && !f.has("authenticationPassword") {
		f.wrong(problemLength, rule{name: "authenticationId"})
	}
	n.access = readAccess(f)
	return n
}

// isAuthID: 利用可能な記号は、-._+=の5種類.
func isAuthID(s string) bool { return isWord(s, "-._+=") }

// isAuthPassword: 利用可能な記号は、!$()-/;<?[]^{}%の15種類.
func isAuthPassword(s string) bool { return isWord(s, "!$()-/;<?[]^{}%") }

// newLine opens a line on its day, unless the order is logically wrong.
func newLine(q *call, n newLineOrder) placement {
	p := placement{operation: opAddLine}
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
	case n.authID != "" && q.contract.taken(n.authID, nil, q.Now):
		p.wrong = messageAuth
	}
	var opened *line
	p.begin = func(from int64, _ string) {
		opened = q.contract.open(from, NewLine{
			Plan: product.plan, SIM: device.sim, Device: device.name, Access: n.access, Roaming: n.roaming, AuthID: n.authID, IPs: n.ips,
		})
	}
	p.withdraw = func(string, int64) {
		if opened != nil { // nil: it never would have been
			q.contract.withdraw(opened)
		}
	}
	return p
}

// removeLine is call 13, 回線廃止: the line is no more from its day on.
func (u *UnomAPI) removeLine(q *call) Answer {
	if refused := u.agreed(q, "orderId"); refused != nil {
		return *refused
	}
	return u.placeOn(q, q.Query.Get("requestDate"), func() placement {
		p := placement{operation: opRemoveLine, begin: q.line.remove, withdraw: q.line.withdraw}
		if q.line.leaving() {
			p.wrong = messageLeaving
		}
		return p
	})
}

// buyDevices is call 14, 端末購入, which changes nothing that another call shows but its order.
func (u *UnomAPI) buyDevices(q *call) Answer {
	var date string
	var devices []string
	return u.change(q, func(f *form) {
		date = f.text(dateRule())
		u.delivery(f, false)
		f.text(agreementRule())
		for _, line := range listed(f) {
			readNumber(line)
			devices = append(devices, readDevice(line))
		}
	}, func() Answer {
		return u.placeOn(q, date, func() placement {
			p := placement{
				operation: opBuyDevices, parts: len(devices), begin: func(int64, string) {}, withdraw: func(string, int64) {},
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
