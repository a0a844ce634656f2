package unom

import (
	"kaisen/internal/simulator/calendar"
	"kaisen/internal/simulator/fleet"
	"kaisen/internal/simulator/gateway"
	"kaisen/internal/simulator/wire"
)

// maxOrders is how many orders one request may hold (row ⑨ of the table エラー一覧表).
const maxOrders = 254

// change reads the body of a change, field by field in the document's order, looks whether the customer agrees to the
// terms (with no 処理が中断されます), and goes on. The answers to orders have their number in orderId.
func (u *API) change(q *call, read func(*wire.Form), then func() gateway.Answer) gateway.Answer {
	return u.changeOf(q, "orderId", read, then)
}

// changeOf is change with answers that have their number in a key.
func (u *API) changeOf(q *call, key string, read func(*wire.Form), then func() gateway.Answer) gateway.Answer {
	f, ok := wire.ReadForm(q.Body)
	if !ok {
		return apiError(400, msgBadRequest)
	}
	read(f)
	if problems := f.Done(); len(problems) > 0 {
		return u.refuseField(problems[0])
	}
	if refused := u.agree(q, key, f.Value("agreement")); refused != nil {
		return *refused
	}
	return then()
}

// refuseField is the error for what is wrong with a field of a body.
func (u *API) refuseField(p wire.Problem) gateway.Answer {
	switch {
	case p.Kind == wire.ProblemUnknown:
		return apiError(400, msgBadRequest)
	case p.Kind == wire.ProblemMany:
		return apiError(400, msgTooMany)
	case p.Rule.Name == "requestDate":
		return *u.invalid(p.Value, p.Rule.Name, msgDate)
	case p.Rule.Name == "lineNo":
		return *u.invalid(p.Value, p.Rule.Name, msgLineForm)
	default:
		return apiError(400, msgFieldFormat+p.Rule.Name)
	}
}

// isAgreement: yes or no, which one of the tables writes No.
func isAgreement(s string) bool { return wire.OneOf("yes", "no", "No")(s) }

func agreementRule() wire.Rule {
	return wire.Rule{Name: "agreement", Mandatory: true, Known: isAgreement}
}

// agree goes on with yes alone.
func (u *API) agree(q *call, key, agreement string) *gateway.Answer {
	if agreement == "yes" {
		return nil
	}
	a := u.receipt(q, key, resultNG, "", messageTerms)
	return &a
}

// agreed looks for the agreement of a call that has its arguments in the URL.
func (u *API) agreed(q *call, key string) *gateway.Answer {
	agreement := q.Query.Get("agreement")
	if !isAgreement(agreement) {
		return fail(400, msgFieldFormat+"agreement")
	}
	return u.agree(q, key, agreement)
}

func dateRule() wire.Rule {
	return wire.Rule{Name: "requestDate", Mandatory: true, Known: calendar.IsDay}
}

// requested is the day asked for, which must not be past and lie before the end of next month.
func (u *API) requested(q *call, text string) (int, *gateway.Answer) {
	day, ok := calendar.ParseDay(text)
	if !ok {
		return 0, u.invalid(text, "requestDate", msgDate)
	}
	today := u.cal.Day(q.Now)
	if day < today || day >= calendar.FirstDay(calendar.MonthOf(today)+2) {
		return 0, fail(400, msgDate)
	}
	return day, nil
}

// placeOn places an order for a day, unless the day cannot be asked for.
func (u *API) placeOn(q *call, date string, order func() placement) gateway.Answer {
	day, refused := u.requested(q, date)
	if refused != nil {
		return *refused
	}
	p := order()
	p.day = day
	return u.place(q, p)
}

// nextMonth is the second at which the month after that of another second begins.
func (u *API) nextMonth(at int64) int64 {
	return u.cal.Midnight(calendar.FirstDay(calendar.MonthOf(u.cal.Day(at)) + 1))
}

// listed reads the list of a request that holds several orders.
func listed(f *wire.Form) []*wire.Form {
	lines := f.List("linesList", true)
	if len(lines) > maxOrders {
		f.Wrong(wire.ProblemMany, wire.Rule{Name: "linesList"})
	}
	return lines
}

// readAccess reads the access by either of its names.
func readAccess(f *wire.Form) string {
	r := wire.Rule{Name: "accessCode", Mandatory: true, Known: wire.OneOf(fleet.Access3G, fleet.AccessLTE)}
	if f.Has("accessType") {
		r.Name = "accessType"
	}
	return f.Text(r)
}

func readAddress(f *wire.Form, name string, mandatory bool) string {
	return f.Text(wire.Rule{Name: name, Mandatory: mandatory, Max: 1024, Known: wire.IsAddress})
}

func readRoaming(f *wire.Form) string {
	return f.Text(wire.Rule{Name: "roamingCode", Max: 11, Class: wire.IsAlnum})
}

// readNumber reads the number of an order within its request: three digits in the table, ten in the example.
func readNumber(f *wire.Form) {
	f.Text(wire.Rule{Name: "number", Mandatory: true, Max: 10, Class: wire.IsDigits})
}

func readPlan(f *wire.Form) string {
	return f.Text(wire.Rule{Name: "planCode", Mandatory: true, Max: 1324, Class: wire.IsPlain})
}

func readDevice(f *wire.Form) string {
	return f.Text(wire.Rule{Name: "deviceCode", Mandatory: true, Max: 1024, Class: wire.IsPlain})
}
