package ipoe

import (
	"slices"
	"time"

	"kaisen/internal/simulator/calendar"
	"kaisen/internal/simulator/gateway"
	"kaisen/internal/simulator/wire"
)

// createOrder is オーダ登録: 201 with the order's number.
func (b *API) createOrder(q *gateway.Request) gateway.Answer {
	b.placing.Lock()
	defer b.placing.Unlock()
	f, ok := wire.ReadForm(q.Body)
	if !ok {
		return b.Malformed(q)
	}
	kind := f.Text(wire.Rule{Name: "orderType", Mandatory: true, Min: 1, Max: 1, Known: wire.OneOf("1", "2", "3")})
	var order *order
	var problem *failure
	switch kind {
	case "1":
		order, problem = b.readStart(q, f.Object("startOrderPostData", true))
	case "2":
		order, problem = b.readSiteChange(q, f.Object("changeOrderPostData", true))
	case "3":
		order, problem = b.readEnd(q, f.Object("cancelOrderPostData", true))
	}
	var problems []failure
	for _, p := range f.Done() {
		problems = append(problems, explain(p.Kind, p.Rule))
	}
	if len(problems) == 0 && problem != nil {
		problems = []failure{*problem}
	}
	if len(problems) > 0 {
		return b.refuse(q, problems...)
	}
	return b.placeOrder(q, order)
}

// placeOrder keeps an order and lets it do what it does: when the day asked for begins or, for an end, is over, and as
// soon as can be where that is past or no day was asked for.
func (b *API) placeOrder(q *gateway.Request, o *order) gateway.Answer {
	o.code = orderCode(len(b.account.allOrders()) + 1)
	o.placed, o.done = q.Now, q.Now+2*int64(b.cfg.OrderPace/time.Second)
	o.failed = q.Effects.Has(gateway.FaultOrderError)
	if day, ok := calendar.ParseDay(o.hopeToStart); ok {
		o.done = max(o.done, b.cal.Midnight(day))
	}
	if day, ok := calendar.ParseDay(o.hopeToEnd); ok {
		o.done = max(o.done, b.cal.Midnight(day+1))
	}
	if q.Effects.Has(gateway.FaultOrderStuck) {
		o.done = never
	}
	var opens *site
	if !o.failed && o.done != never {
		opens = b.carryOut(o)
	}
	b.account.add(o, opens)
	w := newWriter()
	w.Begin('{')
	if !q.Readings.Is(switchCode, "missing") {
		w.Text("orderCode", o.code)
	}
	return gateway.Answer{Status: 201, Body: w.Close("}")}
}

// carryOut changes a site from the second on at which its order is done. A new site is returned.
func (b *API) carryOut(o *order) *site {
	next := *o.from
	next.products = slices.Clone(next.products)
	switch o.kind {
	case kindStart:
		next.born = o.done
		for i := range next.products {
			next.products[i].from = o.done
		}
		return &next
	case kindEnd:
		next.end = o.done
		next.stop(o.done, nil)
	default:
		next.stop(o.done, o.result)
		for _, p := range o.result {
			if !slices.ContainsFunc(next.products, func(has siteProduct) bool { return has.code == p.code && has.until == 0 }) {
				next.products = append(next.products, siteProduct{p, o.done, 0})
			}
		}
	}
	b.account.replace(o.from, &next)
	return nil
}

// stop ends the site's products, but those that stay.
func (s *site) stop(at int64, stay []product) {
	for i, p := range s.products {
		if p.until == 0 && !slices.ContainsFunc(stay, func(other product) bool { return other.code == p.code }) {
			s.products[i].until = at
		}
	}
}
