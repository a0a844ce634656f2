package ipoe

import (
	"time"

	"kaisen/internal/simulator/calendar"
)

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

// OrderTruth is an order of the IPoE account.
type OrderTruth struct {
	OrderCode string     `json:"order_code"`
	OrderType int        `json:"order_type"`
	SiteCode  string     `json:"site_code"`
	Status    string     `json:"status"`
	Placed    time.Time  `json:"placed"`
	Done      *time.Time `json:"done"` // when it is carried out, or fails; null: never
	Products  []string   `json:"products"`
}

// ProductTruth is a product of the account's catalogue.
type ProductTruth struct {
	Code  string   `json:"code"`
	Name  string   `json:"name"`
	Needs []string `json:"needs,omitempty"` // one of these
}

// SitesAt are the sites that there were by a second.
func (b *API) SitesAt(second int64) []SiteTruth {
	list := []SiteTruth{}
	for _, s := range b.account.allSites() {
		if s.born > second {
			continue
		}
		t := SiteTruth{
			SiteCode: s.code(), Name: s.name, Status: s.status(second), Started: calendar.Date(b.cal.Day(s.born)), LineID: s.lineID,
			Products: productCodes(s.now(second)), Secrets: s.secrets(),
		}
		if s.ended(second) {
			t.Ended = calendar.Date(b.cal.Day(s.end - 1))
		}
		list = append(list, t)
	}
	return list
}

// OrdersAt are the orders that were placed by a second.
func (b *API) OrdersAt(second int64) []OrderTruth {
	list := []OrderTruth{}
	for _, o := range b.account.allOrders() {
		if o.placed > second {
			continue
		}
		t := OrderTruth{
			OrderCode: o.code, OrderType: o.kind, SiteCode: o.site, Status: o.status(second), Placed: b.cal.Time(o.placed),
			Products: productCodes(o.ordered()),
		}
		if o.done != never {
			done := b.cal.Time(o.done)
			t.Done = &done
		}
		list = append(list, t)
	}
	return list
}

func productCodes(products []product) []string {
	codes := []string{}
	for _, p := range products {
		codes = append(codes, p.code)
	}
	return codes
}

// Catalogue is every product that the account can order.
func Catalogue() []ProductTruth {
	var all []ProductTruth
	for _, p := range products() {
		all = append(all, ProductTruth{Code: p.code, Name: p.name, Needs: p.needs})
	}
	return all
}
