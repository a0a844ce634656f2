package simulator

import "encoding/json"

// maxOrders is how many orders one request may hold (row ⑨ of the table エラー一覧表).
const maxOrders = 254

// readChange reads the body of a change, field by field in the document's order, and looks whether the customer agrees
// to the terms; with no 処理が中断されます. The answer is the error; nil: all is well.
func (c *Carrier) readChange(q *request, key string, read func(*form)) *answer {
	f, ok := readForm(q.body)
	if !ok {
		return fail(400, msgBadRequest)
	}
	read(f)
	f.done()
	if problems := *f.problems; len(problems) > 0 {
		return c.refuseField(problems[0])
	}
	var agreement string
	_ = json.Unmarshal(f.fields["agreement"], &agreement) // was read before
	return c.agree(q, key, agreement)
}

// refuseField is the error for what is wrong with a field of a body.
func (c *Carrier) refuseField(p problem) *answer {
	switch {
	case p.kind == problemUnknown:
		return fail(400, msgBadRequest)
	case p.kind == problemMany:
		return fail(400, msgTooMany)
	case p.rule.name == "requestDate":
		return c.invalid(p.value, p.rule.name, msgDate)
	case p.rule.name == "lineNo":
		return c.invalid(p.value, p.rule.name, msgLineForm)
	default:
		return fail(400, msgFieldFormat+p.rule.name)
	}
}

// isAgreement: yes or no, which one of the tables writes No.
func isAgreement(s string) bool { return oneOf("yes", "no", "No")(s) }

func agreementRule() rule { return rule{name: "agreement", mandatory: true, known: isAgreement} }

// agree goes on with yes alone.
func (c *Carrier) agree(q *request, key, agreement string) *answer {
	if agreement == "yes" {
		return nil
	}
	a := c.receipt(q, key, resultNG, "", messageTerms)
	return &a
}

// agreed looks for the agreement of a call that has its arguments in the URL.
func (c *Carrier) agreed(q *request, key string) *answer {
	agreement := q.query.Get("agreement")
	if !isAgreement(agreement) {
		return fail(400, msgFieldFormat+"agreement")
	}
	return c.agree(q, key, agreement)
}

func dateRule() rule { return rule{name: "requestDate", mandatory: true, known: isDay} }

// requested is the day asked for, which must not be past and lie before the end of next month.
func (c *Carrier) requested(q *request, text string) (int, *answer) {
	day, ok := parseDay(text)
	if !ok {
		return 0, c.invalid(text, "requestDate", msgDate)
	}
	today := c.cal.day(q.now)
	if day < today || day >= firstDay(monthOf(today)+2) {
		return 0, fail(400, msgDate)
	}
	return day, nil
}

// orders reads the list of a request that holds several orders.
func (f *form) orders() []*form {
	lines := f.list("linesList", true)
	if len(lines) > maxOrders {
		f.wrong(problemMany, rule{name: "linesList"})
	}
	return lines
}

// access reads the access by either of its names.
func (f *form) access() string {
	r := rule{name: "accessCode", mandatory: true, known: oneOf(access3G, accessLTE)}
	if f.has("accessType") {
		r.name = "accessType"
	}
	return f.text(r)
}

func (f *form) address(name string, mandatory bool) string {
	return f.text(rule{name: name, mandatory: mandatory, max: 1024, known: isAddress})
}

func (f *form) roaming() string { return f.text(rule{name: "roamingCode", max: 11, class: isAlnum}) }

// number reads the number of an order within its request: three digits in the table, ten in the example.
func (f *form) number() { f.text(rule{name: "number", mandatory: true, max: 10, class: isDigits}) }

func (f *form) plan() string {
	return f.text(rule{name: "planCode", mandatory: true, max: 1324, class: isPlain})
}

func (f *form) device() string {
	return f.text(rule{name: "deviceCode", mandatory: true, max: 1024, class: isPlain})
}
