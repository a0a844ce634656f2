package serviceorder

import (
	"slices"
	"strconv"
	"time"

	"kaisen/internal/simulator/calendar"
	"kaisen/internal/simulator/gateway"
	"kaisen/internal/simulator/wire"
)

// serviceOrders is Check Service Order Status. The document has no example of its answer: the count is there once, beside
// the list, or in every row, where its table has it.
func (s *API) serviceOrders(q *gateway.Request) gateway.Answer {
	name := q.Query.Get("serviceName")
	if !slices.Contains(services(), name) {
		return failure(400, detailParameter, msgParameter)
	}
	today := s.cfg.Calendar.Day(q.Now)
	var found []order
	for _, o := range s.orders {
		if o.service == name && o.received <= today {
			found = append(found, o)
		}
	}
	inRows := !s.cfg.Style.AsPrinted(uint64(len(name) + 1))
	if len(found) == 0 && isEmptyObject(q) {
		return gateway.OK([]byte("{}"))
	}
	w := &wire.Writer{Null: wire.NullJSON}
	if inRows {
		w.Begin('[')
	} else {
		w.Begin('{')
		w.Open("items", '[')
	}
	for _, o := range found {
		w.Begin('{')
		o.orderTo(w, today)
		if inRows {
			w.Number("resultCount", uint64(len(found)), true)
		}
		w.Close("}")
	}
	w.Close("]")
	if !inRows {
		w.Number("resultCount", uint64(len(found)), true)
		w.Close("}")
	}
	return gateway.OK(w.Bytes)
}

func (o order) orderTo(w *wire.Writer, today int) {
	w.Text("contractId", o.contractID())
	w.Text("serviceName", o.serviceName())
	w.Number("orderType", uint64(o.kind), true)
	w.Text("offerPlanDate", o.offerPlanned())
	if status := o.status(today); status > 0 {
		w.Number("orderStatus", uint64(status), true)
	} else {
		w.WriteNull("orderStatus")
	}
	w.Text("orderRequestNum", o.requestNum())
}

// serviceDetails is Check Service Order Detailed Information: on business days from 9:00 to 17:30, Japanese time.
func (s *API) serviceDetails(q *gateway.Request) gateway.Answer {
	if !s.inOffice(time.Unix(q.Now, 0)) {
		return failure(403, detailClosed, msgClosed)
	}
	today := s.cfg.Calendar.Day(q.Now)
	from, to := 0, today
	if !q.Query.Has("data_update_date_from") && !q.Query.Has("data_update_date_to") {
		from = monthBefore(today)
	}
	if !readDay(q, "data_update_date_from", &from) || !readDay(q, "data_update_date_to", &to) || from > to {
		return failure(400, detailParameter, msgParameter)
	}
	var found []order
	for _, o := range s.orders {
		if updated := o.updated(today); o.received <= today && updated >= from && updated <= to && o.asked(q) {
			found = append(found, o)
		}
	}
	if len(found) == 0 && isEmptyObject(q) {
		return gateway.OK([]byte("{}"))
	}
	w := &wire.Writer{Null: wire.NullJSON}
	w.Begin('{')
	w.Number("code", 200, s.cfg.Style != wire.StyleModern)
	w.Text("detailCode", detailFound)
	w.Text("detailMsg", "正常終了しました。(検索結果:"+strconv.Itoa(len(found))+"件)")
	w.Open("result", '[')
	for _, o := range found {
		w.Begin('{')
		for _, f := range o.details(today) {
			w.Optional(f[0], f[1])
		}
		w.Close("}")
	}
	return gateway.OK(w.Close("]}"))
}

// asked reports whether an order is among those that a search asks for.
func (o order) asked(q *gateway.Request) bool {
	for key, value := range map[string]string{"webentry_id": o.webEntryID(), "n_no": o.contractID(), "v_no": o.vpnNumber()} {
		if asked := q.Query.Get(key); asked != "" && asked != value {
			return false
		}
	}
	return true
}

// monthBefore is the same day a month earlier (one month ago from request date).
func monthBefore(day int) int {
	y, m, d := calendar.Time(day).Date()
	return calendar.Number(y, m-1, d)
}

// readDay reads a day of a search. How it is written is not documented: with or without signs between.
func readDay(q *gateway.Request, key string, day *int) bool {
	text := q.Query.Get(key)
	if text == "" {
		return true
	}
	for _, form := range []string{calendar.DateForm, time.DateOnly, "2006/01/02"} {
		if date, err := time.Parse(form, text); err == nil {
			*day = calendar.Number(date.Date())
			return true
		}
	}
	return false
}
