package simulator

import "time"

// SiteTruth is a site of the IPoE account.
type SiteTruth struct {
	SiteCode string   `json:"site_code"`
	Name     string   `json:"name"`
	Status   string   `json:"status"`
	Started  string   `json:"started"` // YYYY-MM-DD
	Ended    string   `json:"ended"`   // YYYY-MM-DD, its last day; empty: it has not
	LineID   string   `json:"line_id"`
	Products []string `json:"products"` // that it has
	Secrets  []string `json:"secrets"`
}

// IPoEOrderTruth is an order of the IPoE account.
type IPoEOrderTruth struct {
	OrderCode string     `json:"order_code"`
	OrderType int        `json:"order_type"`
	SiteCode  string     `json:"site_code"`
	Status    string     `json:"status"`
	Placed    time.Time  `json:"placed"`
	Done      *time.Time `json:"done"` // when it is carried out, or fails; null: never
	Products  []string   `json:"products"`
}

// IPoEProductTruth is a product of the account's catalogue.
type IPoEProductTruth struct {
	Code  string   `json:"code"`
	Name  string   `json:"name"`
	Needs []string `json:"needs,omitempty"` // one of these
}

// SitesAt are the sites that there were by a second.
func (b *IPoEAPI) SitesAt(second int64) []SiteTruth {
	list := []SiteTruth{}
	for _, s := range b.account.allSites() {
		if s.born > second {
			continue
		}
		t := SiteTruth{
			SiteCode: s.code(), Name: s.name, Status: s.status(second), Started: dayText(b.cal.day(s.born)), LineID: s.lineID,
			Products: productCodes(s.now(second)), Secrets: s.secrets(),
		}
		if s.ended(second) {
			t.Ended = dayText(b.cal.day(s.end - 1))
		}
		list = append(list, t)
	}
	return list
}

// OrdersAt are the orders that were placed by a second.
func (b *IPoEAPI) OrdersAt(second int64) []IPoEOrderTruth {
	list := []IPoEOrderTruth{}
	for _, o := range b.account.allOrders() {
		if o.placed > second {
			continue
		}
		t := IPoEOrderTruth{
			OrderCode: o.code, OrderType: o.kind, SiteCode: o.site, Status: o.status(second), Placed: b.cal.time(o.placed),
			Products: productCodes(o.ordered()),
		}
		if o.done != never {
			done := b.cal.time(o.done)
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

// IPoECatalogue is every product that the account can order.
func IPoECatalogue() []IPoEProductTruth {
	var all []IPoEProductTruth
	for _, p := range ipoeProducts() {
		all = append(all, IPoEProductTruth{Code: p.code, Name: p.name, Needs: p.needs})
	}
	return all
}
