// Package ipoe is IPoE API 3.4.0 of the simulated carrier, but for its token call, which is the gateway's: the products,
// sites and orders of one account.
package ipoe

import (
	"net/http"
	"sync"
	"time"

	"kaisen/internal/simulator/calendar"
	"kaisen/internal/simulator/gateway"
	"kaisen/internal/simulator/wire"
)

// Config is what the API is made from.
type Config struct {
	Seed      uint64
	Calendar  calendar.Calendar
	Start     time.Time // virtual
	Style     wire.Style
	Sites     int           // each with the order that opened it
	OrderPace time.Duration // virtual time; an order that asks for no day is done after two of them
}

// API answers about an account's products, sites and orders. The zero value has routes that answer nothing.
type API struct {
	cfg     Config
	cal     calendar.Calendar
	account *account

	placing sync.Mutex      // held while an order is placed
	sent    gateway.Secrets // that requests brought
}

// New makes the API with the account's sites.
func New(cfg Config) *API {
	return &API{cfg: cfg, cal: cfg.Calendar, account: newAccount(cfg)}
}

const pathSite, pathCode = "{customerSiteCode}", "{orderCode}"

// Routes are the six calls. The token call is the gateway's.
func (b *API) Routes() []gateway.Route {
	call := func(operation, method, address string, answer func(*gateway.Request) gateway.Answer, query ...string) gateway.Route {
		return gateway.Route{Operation: operation, Method: method, Path: "/infoIpoE/v2/" + address, Query: query, Answer: answer}
	}
	create := call("ipoe_order_create", http.MethodPost, "orders", b.createOrder)
	create.Body = gateway.BodyJSON
	return []gateway.Route{
		call("customer_products", http.MethodGet, "customerProducts", b.customerProducts, "limit", "offset", "productName"),
		call("customer_sites", http.MethodGet, "customerSites", b.customerSites,
			"caseName", "cpeModelName", "customerName", "customerSiteCode", "customerSiteName", "customerType", "endAtFrom",
			"endAtTo", "globalIp", "limit", "lineId", "offset", "startAtFrom", "startAtTo", "status"),
		call("customer_site_details", http.MethodGet, "customerSites/"+pathSite, b.customerSite),
		create,
		call("ipoe_orders", http.MethodGet, "orders", b.searchOrders,
			"caseName", "customerSiteCode", "customerSiteName", "hopeToEndAtFrom", "hopeToEndAtTo", "hopeToStartAtFrom",
			"hopeToStartAtTo", "limit", "lineId", "offset", "orderCode", "orderType", "productName", "status"),
		call("ipoe_order_details", http.MethodGet, "orders/"+pathCode, b.findOrder),
	}
}

// The troubles of the API.
const (
	switchEmpty = "ipoe_empty"
	switchCode  = "ipoe_order_code"
)

// Switches are the API's troubles.
func (b *API) Switches() []gateway.Switch {
	return []gateway.Switch{
		{Name: switchEmpty, Trouble: true, Values: []string{"list", "object"}, About: "what a list of the IPoE API without rows is: a list, or {}"},
		{Name: switchCode, Trouble: true, Values: []string{"given", "missing"}, About: "whether the answer to an IPoE order has its orderCode"},
	}
}

// emptyObject is the answer to a search of so many rows, where that is no list.
func emptyObject(q *gateway.Request, rows int) (gateway.Answer, bool) {
	return gateway.OK([]byte("{}")), rows == 0 && q.Readings.Is(switchEmpty, "object")
}

// Fault is the answer to a failure of the API itself.
func (b *API) Fault(status int, _ string, requestID uint64) gateway.Answer {
	return failures(status, requestID, failure{codeSystem, msgSystem})
}

// Malformed is the answer to a request that fits no call.
func (b *API) Malformed(q *gateway.Request) gateway.Answer {
	return b.refuse(q, failure{codeFormat, msgRequest})
}

// Secrets are the keys and passwords of the sites and orders, which are in the API's answers, and those that requests
// brought. Some may be there twice.
func (b *API) Secrets() []string {
	all := b.sent.All()
	for _, s := range b.account.allSites() {
		all = append(all, s.secrets()...)
	}
	return all
}

// integers reports whether codes are JSON integers, as most are in the examples, or strings, as the definitions have them.
func (b *API) integers(n uint64) bool { return b.cfg.Style.AsPrinted(n) }
