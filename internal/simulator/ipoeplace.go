package simulator

import (
	"slices"
	"time"
)

// createOrder is オーダ登録: 201 with the order's number.
func (b *IPoEAPI) createOrder(q *Request) Answer {
	b.placing.Lock()
	defer b.placing.Unlock()
	f, ok := readForm(q.Body)
	if !ok {
		return b.Malformed(q)
	}
	kind := f.text(rule{name: "orderType", mandatory: true, min: 1, max: 1, known: oneOf("1", "2", "3")})
	var order *ipoeOrder
	var problem *ipoeProblem
	switch kind {
	case "1":
		order, problem = b.readStart(q, f.object("startOrderPostData", true))
	case "2":
		order, problem = b.readSiteChange(q, f.object("changeOrderPostData", true))
	case "3":
		order, problem = b.readEnd(q, f.object("cancelOrderPostData", true))
	}
	var problems []ipoeProblem
	for _, p := range f.done() {
		problems = append(problems, p.explain())
	}
	if len(problems) == 0 && problem != nil {
		problems = []ipoeProblem{*problem}
	}
	if len(problems) > 0 {
		return b.ipoeRefusal(q, problems...)
	}
	return b.placeIPoE(q, order)
}

// placeIPoE keeps an order and lets it do what it does: when the day asked for begins or, for an end, is over, and as
// soon as can be where that is past or no day was asked for.
func (b *IPoEAPI) placeIPoE(q *Request, o *ipoeOrder) Answer {
	o.code = ipoeOrderCode(len(b.account.allOrders()) + 1)
	o.placed, o.done = q.Now, q.Now+2*int64(b.cfg.OrderPace/time.Second)
	o.failed = q.Effects.Has(FaultOrderError)
	if day, ok := parseDay(o.hopeToStart); ok {
		o.done = max(o.done, b.cal.midnight(day))
	}
	if day, ok := parseDay(o.hopeToEnd); ok {
		o.done = max(o.done, b.cal.midnight(day+1))
	}
	if q.Effects.Has(FaultOrderStuck) {
		o.done = never
	}
	var opens *site
	if !o.failed && o.done != never {
		opens = b.carryOut(o)
	}
	b.account.add(o, opens)
	w := ipoeWriter()
	w.Begin('{')
	w.Text("orderCode", o.code)
	w.Close("}")
	return Answer{Status: 201, Body: w.Bytes}
}

// carryOut changes a site from the second on at which its order is done. A new site is returned.
func (b *IPoEAPI) carryOut(o *ipoeOrder) *site {
	next := *o.from
	next.products = slices.Clone(next.products)
	switch o.kind {
	case ipoeStart:
		next.born = o.done
		for i := range next.products {
			next.products[i].from = o.done
		}
		return &next
	case ipoeCancel:
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
func (s *site) stop(at int64, stay []ipoeProduct) {
	for i, p := range s.products {
		if p.until == 0 && !slices.ContainsFunc(stay, func(other ipoeProduct) bool { return other.code == p.code }) {
			s.products[i].until = at
		}
	}
}
