package simulator

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// The detail codes of Service Order API. I01 is documented, the others are invented in its form.
const (
	detailFound     = "I01"
	detailParameter = "E01"
	detailClosed    = "E02"
	detailFault     = "E99"
)

const (
	msgServiceParameter = "リクエストパラメータに誤りがあります。"
	msgServiceClosed    = "サービス提供時間外です。(営業日 9:00-17:30)"
)

// serviceError is an error of the Service Order API. None is documented: it has the shape of the good answers.
func serviceError(status int, detail, message string) answer {
	return answer{status: status, body: fmt.Appendf(nil,
		"{\n  \"code\": %d,\n  \"detailCode\": %s,\n  \"detailMsg\": %s\n}\n", status, quote(detail), quote(message))}
}

// serviceOrdersCall is Check Service Order Status. The seed has no example of its answer: the count is told once beside
// the list, or in every row, where its table has it.
func (c *Carrier) serviceOrdersCall(q *request) answer {
	name := q.query.Get("serviceName")
	if !slices.Contains(serviceNames(), name) {
		return serviceError(400, detailParameter, msgServiceParameter)
	}
	today := c.cal.day(q.now)
	var found []serviceOrder
	for _, o := range c.services {
		if o.service == name && o.received <= today {
			found = append(found, o)
		}
	}
	inRows := c.cfg.Style == StyleModern || c.cfg.Style == StyleMixed && len(name)%2 == 0
	w := &writer{dialect: dialect{null: nullJSON}}
	if !inRows {
		w.open('{')
		w.name("items")
	}
	w.open('[')
	for _, o := range found {
		w.comma()
		w.open('{')
		o.orderTo(w, today)
		if inRows {
			w.number("resultCount", uint64(len(found)), true)
		}
		w.close('}')
	}
	w.close(']')
	if !inRows {
		w.number("resultCount", uint64(len(found)), true)
		w.close('}')
	}
	return answer{status: 200, body: w.b}
}

func (o serviceOrder) orderTo(w *writer, today int) {
	w.text("contractId", o.contractID())
	w.text("serviceName", o.serviceName())
	w.number("orderType", uint64(o.kind), true)
	w.text("offerPlanDate", o.offerPlanned())
	if status := o.status(today); status > 0 {
		w.number("orderStatus", uint64(status), true)
	} else {
		w.null("orderStatus")
	}
	w.text("orderRequestNum", o.requestNum())
}

// serviceDetailsCall is Check Service Order Detailed Information: on business days from 9:00 to 17:30, Japanese time.
func (c *Carrier) serviceDetailsCall(q *request) answer {
	if !c.inOffice(time.Unix(q.now, 0)) {
		return serviceError(403, detailClosed, msgServiceClosed)
	}
	today := c.cal.day(q.now)
	from, to := 0, today
	if !q.query.Has("data_update_date_from") && !q.query.Has("data_update_date_to") {
		from = monthBefore(today)
	}
	if !readServiceDay(q, "data_update_date_from", &from) || !readServiceDay(q, "data_update_date_to", &to) || from > to {
		return serviceError(400, detailParameter, msgServiceParameter)
	}
	var found []serviceOrder
	for _, o := range c.services {
		if updated := o.updated(today); o.received <= today && updated >= from && updated <= to && o.asked(q) {
			found = append(found, o)
		}
	}
	w := &writer{dialect: dialect{null: nullJSON}}
	w.open('{')
	w.number("code", 200, c.cfg.Style != StyleModern)
	w.text("detailCode", detailFound)
	w.text("detailMsg", "正常終了しました。(検索結果:"+strconv.Itoa(len(found))+"件)")
	w.name("result")
	w.open('[')
	for _, o := range found {
		w.comma()
		w.open('{')
		for _, f := range o.details(today) {
			w.optional(f[0], f[1])
		}
		w.close('}')
	}
	w.close(']')
	w.close('}')
	return answer{status: 200, body: w.b}
}

// asked reports whether an order is among those that a search asks for.
func (o serviceOrder) asked(q *request) bool {
	for key, value := range map[string]string{"webentry_id": o.webEntryID(), "n_no": o.contractID(), "v_no": o.vpnNumber()} {
		if asked := q.query.Get(key); asked != "" && asked != value {
			return false
		}
	}
	return true
}

// monthBefore is the same day a month earlier (one month ago from request date).
func monthBefore(day int) int {
	y, m, d := dateOf(day).Date()
	return dayNumber(y, m-1, d)
}

// readServiceDay reads a day of a search. How it is written is not documented: with or without signs between.
func readServiceDay(q *request, key string, day *int) bool {
	text := q.query.Get(key)
	if text == "" {
		return true
	}
	for _, form := range []string{dateForm, time.DateOnly, "2006/01/02"} {
		if date, err := time.Parse(form, text); err == nil {
			*day = dayNumber(date.Date())
			return true
		}
	}
	return false
}
