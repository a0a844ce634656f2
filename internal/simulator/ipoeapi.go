package simulator

import (
	"net/http"
	"sync"
	"time"
)

// IPoEConfig is what the API is made from.
type IPoEConfig struct {
	Seed      uint64
	Calendar  calendar
	Start     time.Time // virtual
	Style     Style
	Sites     int           // each with the order that opened it
	OrderPace time.Duration // virtual time; an order that asks for no day is done after two of them
}

// IPoEAPI answers about an account's products, sites and orders. The zero value has routes that answer nothing.
type IPoEAPI struct {
	cfg     IPoEConfig
	cal     calendar
	account *ipoe

	placing sync.Mutex // held while an order is placed
	sent    Secrets    // that requests brought
}

// NewIPoEAPI makes the API with the account's sites.
func NewIPoEAPI(cfg IPoEConfig) *IPoEAPI {
	return &IPoEAPI{cfg: cfg, cal: cfg.Calendar, account: newIPoE(cfg)}
}

const pathSite, pathCode = "{customerSiteCode}", "{orderCode}"

// Routes are the six calls. The token call is none of them: it is the gateway's.
func (b *IPoEAPI) Routes() []Route {
	call := func(operation, method, address string, answer func(*Request) Answer, query ...string) Route {
		return Route{Operation: operation, Method: method, Path: "/infoIpoE/v2/" + address, Query: query, Answer: answer}
	}
	create := call("ipoe_order_create", http.MethodPost, "orders", b.createOrder)
	create.Body = BodyJSON
	return []Route{
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

// Fault is the answer to a failure of the API itself.
func (b *IPoEAPI) Fault(status int, _ string, requestID uint64) Answer {
	return ipoeErrors(status, requestID, ipoeProblem{codeSystem, msgIPoESystem})
}

// Malformed is the answer to a request that is none of the calls'.
func (b *IPoEAPI) Malformed(q *Request) Answer {
	return b.ipoeRefusal(q, ipoeProblem{codeFormat, msgIPoERequest})
}

// Secrets are the keys and passwords of the sites and orders, which are in the API's answers, and those that requests
// brought. Some may be there twice.
func (b *IPoEAPI) Secrets() []string {
	all := b.sent.All()
	for _, s := range b.account.allSites() {
		all = append(all, s.secrets()...)
	}
	return all
}

// integers reports whether codes are JSON integers, as most are in the examples, or strings, as the definitions have them.
func (b *IPoEAPI) integers(n uint64) bool { return b.cfg.Style.AsPrinted(n) }
