package simulator

// maxOrders is how many orders one request may hold (row ⑨ of the table エラー一覧表).
const maxOrders = 254

// change reads the body of a change, field by field in the document's order, looks whether the customer agrees to the
// terms (with no 処理が中断されます), and goes on. The answers to orders have their number in orderId.
func (u *UnomAPI) change(q *call, read func(*form), then func() Answer) Answer {
	return u.changeOf(q, "orderId", read, then)
}

// changeOf is change with answers that have their number in a key.
func (u *UnomAPI) changeOf(q *call, key string, read func(*form), then func() Answer) Answer {
	f, ok := readForm(q.Body)
	if !ok {
		return apiError(400, msgBadRequest)
	}
	read(f)
	if problems := f.done(); len(problems) > 0 {
		return u.refuseField(problems[0])
	}
	if refused := u.agree(q, key, f.read("agreement")); refused != nil {
		return *refused
	}
	return then()
}

// refuseField is the error for what is wrong with a field of a body.
func (u *UnomAPI) refuseField(p problem) Answer {
	switch {
	case p.kind == problemUnknown:
		return apiError(400, msgBadRequest)
	case p.kind == problemMany:
		return apiError(400, msgTooMany)
	case p.rule.name == "requestDate":
		return *u.invalid(p.value, p.rule.name, msgDate)
	case p.rule.name == "lineNo":
		return *u.invalid(p.value, p.rule.name, msgLineForm)
	default:
		return apiError(400, msgFieldFormat+p.rule.name)
	}
}

// isAgreement: yes or no, which one of the tables writes No.
func isAgreement(s string) bool { return oneOf("yes", "no", "No")(s) }

func agreementRule() rule { return rule{name: "agreement", mandatory: true, known: isAgreement} }

// agree goes on with yes alone.
func (u *UnomAPI) agree(q *call, key, agreement string) *Answer {
	if agreement == "yes" {
		return nil
	}
	a := u.receipt(q, key, resultNG, "", messageTerms)
	return &a
}

// agreed looks for the agreement of a call that has its arguments in the URL.
func (u *UnomAPI) agreed(q *call, key string) *Answer {
	agreement := q.Query.Get("agreement")
	if !isAgreement(agreement) {
		return fail(400, msgFieldFormat+"agreement")
	}
	return u.agree(q, key, agreement)
}

func dateRule() rule { return rule{name: "requestDate", mandatory: true, known: isDay} }

// requested is the day asked for, which must not be past and lie before the end of next month.
func (u *UnomAPI) requested(q *call, text string) (int, *Answer) {
	day, ok := parseDay(text)
	if !ok {
		return 0, u.invalid(text, "requestDate", msgDate)
	}
	today := u.cal.day(q.Now)
	if day < today || day >= firstDay(monthOf(today)+2) {
		return 0, fail(400, msgDate)
	}
	return day, nil
}

// placeOn places an order for a day, unless that is none to ask for.
func (u *UnomAPI) placeOn(q *call, date string, order func() placement) Answer {
	day, refused := u.requested(q, date)
	if refused != nil {
		return *refused
	}
	p := order()
	p.day = day
	return u.place(q, p)
}

// nextMonth is the second at which the month after that of another second begins.
func (u *UnomAPI) nextMonth(at int64) int64 {
	return u.cal.midnight(firstDay(monthOf(u.cal.day(at)) + 1))
}

// listed reads the list of a request that holds several orders.
func listed(f *form) []*form {
	lines := f.list("linesList", true)
	if len(lines) > maxOrders {
		f.wrong(problemMany, rule{name: "linesList"})
	}
	return lines
}

// readAccess reads the access by either of its names.
func readAccess(f *form) string {
	r := rule{name: "accessCode", mandatory: true, known: oneOf(access3G, accessLTE)}
	if f.has("accessType") {
		r.name = "accessType"
	}
	return f.text(r)
}

func readAddress(f *form, name string, mandatory bool) string {
	return f.text(rule{name: name, mandatory: mandatory, max: 1024, known: isAddress})
}

func readRoaming(f *form) string { return f.text(rule{name: "roamingCode", max: 11, class: isAlnum}) }

// readNumber reads the number of an order within its request: three digits in the table, ten in the example.
func readNumber(f *form) { f.text(rule{name: "number", mandatory: true, max: 10, class: isDigits}) }

func readPlan(f *form) string {
	return f.text(rule{name: "planCode", mandatory: true, max: 1324, class: isPlain})
}

func readDevice(f *form) string {
	return f.text(rule{name: "deviceCode", mandatory: true, max: 1024, class: isPlain})
}
