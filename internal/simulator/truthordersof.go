package simulator

import (
	"net/http"
	"time"
)

// truthSecond is a time as the carrier counts; zero: now.
func (c *Carrier) truthSecond(at time.Time) int64 {
	if at.IsZero() {
		return c.second()
	}
	return at.Unix()
}

// Orders tells the orders that were placed by a time (zero: now), of one contract or of all (""), by contract and the
// newest first.
func (c *Carrier) Orders(at time.Time, contractID string) []OrderTruth {
	second := c.truthSecond(at)
	list := []OrderTruth{}
	for _, contract := range c.contracts {
		if contractID != "" && contractID != contract.id {
			continue
		}
		for _, o := range c.book.of(contract, second) {
			list = append(list, c.orderTruth(o, second))
		}
	}
	return list
}

func (c *Carrier) orderTruth(o order, at int64) OrderTruth {
	t := OrderTruth{
		ContractID: o.contract.id, OrderID: o.id, Operation: o.operation, LineNo: o.lineNo, Items: o.parts,
		Placed: c.cal.time(o.placed), Requested: dayText(o.requested), Status: o.status(at), MessageID: o.trouble(at), Cancels: o.cancels,
	}
	if day, ok := o.opened(at, c.cal); ok {
		t.Opened = dayText(day)
	}
	for _, s := range o.steps {
		t.History = append(t.History, StatusTime{c.cal.time(s.at), s.status})
	}
	return t
}

// ServiceOrders tells the orders of the Service Order API that were placed by a time; zero: now.
func (c *Carrier) ServiceOrders(at time.Time) []ServiceOrderTruth {
	today := c.cal.day(c.truthSecond(at))
	list := []ServiceOrderTruth{}
	for _, o := range c.services {
		if o.received <= today {
			list = append(list, ServiceOrderTruth{
				ContractID: o.contractID(), Service: o.service, ServiceName: o.serviceName(), OrderType: o.kind,
				OrderStatus: o.status(today), RequestNum: o.requestNum(), WebEntryID: o.webEntryID(),
				OfferPlan: dayText(o.stages[len(o.stages)-1]), Updated: dayText(o.updated(today)),
			})
		}
	}
	return list
}

// Sites tells the sites that there were by a time; zero: now.
func (c *Carrier) Sites(at time.Time) []SiteTruth {
	second := c.truthSecond(at)
	list := []SiteTruth{}
	for _, s := range c.ipoe.allSites() {
		if s.born > second {
			continue
		}
		t := SiteTruth{
			SiteCode: s.code(), Name: s.name, Status: s.status(second), Started: dayText(c.cal.day(s.born)), LineID: s.lineID,
			Products: productCodes(s.now(second)), Secrets: s.secrets(),
		}
		if s.ended(second) {
			t.Ended = dayText(c.cal.day(s.end - 1))
		}
		list = append(list, t)
	}
	return list
}

// IPoEOrders tells the IPoE orders that were placed by a time; zero: now.
func (c *Carrier) IPoEOrders(at time.Time) []IPoEOrderTruth {
	second := c.truthSecond(at)
	list := []IPoEOrderTruth{}
	for _, o := range c.ipoe.allOrders() {
		if o.placed > second {
			continue
		}
		t := IPoEOrderTruth{
			OrderCode: o.code, OrderType: o.kind, SiteCode: o.site, Status: o.status(second), Placed: c.cal.time(o.placed),
			Products: productCodes(o.ordered()),
		}
		if o.done != never {
			done := c.cal.time(o.done)
			t.Done = &done
		}
		list = append(list, t)
	}
	return list
}

func productCodes(products []ipoeProduct) []string {
	codes := []string{}
	for _, p := range products {
		codes = append(codes, p.code)
	}
	return codes
}

// Products is the catalogue of call 06, and that of the IPoE account.
func (c *Carrier) Products() (unom, ipoe []ProductTruth) {
	for _, p := range products() {
		t := ProductTruth{Code: p.code, Name: p.name}
		for _, d := range p.devices {
			t.Devices = append(t.Devices, d.code)
		}
		unom = append(unom, t)
	}
	for _, p := range ipoeProducts() {
		ipoe = append(ipoe, ProductTruth{Code: p.code, Name: p.name, Needs: p.needs})
	}
	return unom, ipoe
}

// controlOrders serves these truths under /_sim/truth/.
func (c *Carrier) controlOrders(mux *http.ServeMux) {
	tell := func(name string, truth func(at time.Time, r *http.Request) any) {
		mux.HandleFunc("GET /_sim/truth/"+name, func(w http.ResponseWriter, r *http.Request) {
			at, err := c.truthTime(r)
			if err != nil {
				refuse(w, err)
				return
			}
			reply(w, map[string]any{name: truth(at, r)})
		})
	}
	tell("orders", func(at time.Time, r *http.Request) any { return c.Orders(at, r.FormValue("contract")) })
	tell("service_orders", func(at time.Time, _ *http.Request) any { return c.ServiceOrders(at) })
	tell("sites", func(at time.Time, _ *http.Request) any { return c.Sites(at) })
	tell("ipoe_orders", func(at time.Time, _ *http.Request) any { return c.IPoEOrders(at) })
	tell("secrets", func(time.Time, *http.Request) any { return c.Secrets() })
	tell("products", func(time.Time, *http.Request) any { unom, _ := c.Products(); return unom })
	tell("ipoe_products", func(time.Time, *http.Request) any { _, ipoe := c.Products(); return ipoe })
}
