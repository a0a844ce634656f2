package ipoe

import (
	"fmt"
	"math"

	"kaisen/internal/simulator/calendar"
	"kaisen/internal/simulator/gateway"
	"kaisen/internal/simulator/wire"
)

// The types of IPoE orders.
const (
	kindStart  = 1
	kindChange = 2
	kindEnd    = 3
)

// The statuses of IPoE orders; 4, cancelled, and 5, error in part, are documented and never used here.
const (
	statusUnderway = "1"
	statusDone     = "2"
	statusFailed   = "3"
)

// never is later than any second that is asked about.
const never = math.MaxInt64

// order is an order of the IPoE backend. What becomes of it is decided when it is placed.
type order struct {
	code        string
	kind        int
	change      string // changeType: 1 adds, 3 ends; that of its first product
	site        string
	placed      int64
	done        int64 // the second at which it is carried out; never
	failed      bool  // then it comes to nothing instead
	hopeToStart string
	hopeToEnd   string
	overwrite   string
	from        *site     // the site as it was ordered, or is being changed
	products    []product // that it is about; nil: those of from
	result      []product // that the site has after a change
	destination map[string]string
}

func orderCode(n int) string { return fmt.Sprintf("%s%08d", accountID, n) }

func (o *order) status(at int64) string {
	switch {
	case at < o.done:
		return statusUnderway
	case o.failed:
		return statusFailed
	default:
		return statusDone
	}
}

// ordered are the products that the order is about.
func (o *order) ordered() []product {
	if o.products != nil || o.kind != kindStart {
		return o.products
	}
	var list []product
	for _, p := range o.from.products {
		list = append(list, p.product)
	}
	return list
}

// searchOrders is オーダー検索. Its answer is a bare list.
func (b *API) searchOrders(q *gateway.Request) gateway.Answer {
	s := newSearch(q)
	s.dates("hopeToEndAtFrom", "hopeToEndAtTo", "hopeToStartAtFrom", "hopeToStartAtTo")
	s.rule(wire.Rule{Name: "orderCode", Max: 256, Class: wire.IsAlnum})
	s.rule(wire.Rule{Name: "orderType", Known: wire.OneOf("1", "2", "3")})
	s.rule(wire.Rule{Name: "status", Known: wire.OneOf("1", "2", "3", "4", "5")})
	rows, refused := rowsOf(b, q, s, b.account.allOrders(), func(o *order) bool { return o.placed <= q.Now && o.matches(s, q.Now) })
	if refused != nil {
		return *refused
	}
	if a, ok := emptyObject(q, len(rows)); ok {
		return a
	}
	w := newWriter()
	w.Begin('[')
	for _, o := range rows {
		w.Begin('{')
		b.orderTo(w, o, q.Now, false)
		w.Close("}")
	}
	return gateway.OK(w.Close("]"))
}

func (o *order) matches(s *search, at int64) bool {
	return s.is("caseName", o.from.caseName) && s.is("customerSiteCode", o.site) && s.is("customerSiteName", o.from.name) &&
		s.between("hopeToEndAtFrom", "hopeToEndAtTo", o.hopeToEnd) && s.between("hopeToStartAtFrom", "hopeToStartAtTo", o.hopeToStart) &&
		s.is("lineId", o.from.lineID) && s.is("orderCode", o.code) && s.is("orderType", fmt.Sprint(o.kind)) &&
		s.is("status", o.status(at)) && o.sells(s)
}

// sells reports whether one of the products has the name asked for in its own.
func (o *order) sells(s *search) bool {
	for _, p := range o.ordered() {
		if s.part("productName", p.name) {
			return true
		}
	}
	return s.query("productName") == ""
}

// orderTo writes what the list and the details of an order have in common. The list's example has the order's type as
// an integer, the details' as a string.
func (b *API) orderTo(w *wire.Writer, o *order, at int64, details bool) {
	w.Text("orderCode", o.code)
	w.Number("orderType", uint64(o.kind), !details && b.integers(uint64(o.from.n)))
	w.Optional("changeType", o.change)
	if details {
		w.Text("customerCode", o.from.customer)
	}
	w.Text("customerSiteCode", o.site)
	w.Text("customerSiteName", o.from.name)
	w.Text("status", o.status(at))
	w.Text("applicationDate", calendar.Digits(b.cal.Day(o.placed)))
	w.Optional("hopeToStartAt", o.hopeToStart)
	w.Optional("hopeToEndAt", o.hopeToEnd)
}

// findOrder is オーダー詳細取得. The access key and the password in it are secrets.
func (b *API) findOrder(q *gateway.Request) gateway.Answer {
	code := q.Names[pathCode]
	r := wire.Rule{Name: "orderCode", Mandatory: true, Min: 1, Max: 256, Class: wire.IsAlnum}
	if kind, ok := r.Check(code); !ok {
		return b.refuse(q, explain(kind, r))
	}
	for _, o := range b.account.allOrders() {
		if o.code == code && o.placed <= q.Now {
			return b.orderDetails(q, o)
		}
	}
	return b.refuse(q, noneSuch("orderCode"))
}

func (b *API) orderDetails(q *gateway.Request, o *order) gateway.Answer {
	bare := b.integers(uint64(o.from.n))
	w := newWriter()
	w.Begin('{')
	b.orderTo(w, o, q.Now, true)
	w.Optional("overwriteCheckFlag", o.overwrite)
	w.Optional("caseName", o.from.caseName)
	w.Number("lineBundleType", bundleLine, bare)
	w.WriteNull("lineType")
	w.Text("lineId", o.from.lineID)
	w.Text("lineAccessKey", o.from.lineKey)
	w.Number("terminalBundleType", o.from.terminalBundle(), bare)
	w.Text("globalIp", o.from.globalIP())
	w.Open("contracts", '[')
	for _, p := range o.ordered() {
		w.Begin('{')
		w.Text("productCode", p.code)
		w.Text("productName", p.name)
		w.Number("productType", uint64(p.kind), bare)
		w.Text("status", o.status(q.Now))
		message := ""
		if o.status(q.Now) == statusFailed {
			message = msgSystem
		}
		w.Optional("errorMessage", message)
		w.Close("}")
	}
	w.Close("]")
	writeObject(w, "installationLocation", o.from.given["installationLocation"])
	writeObject(w, "terminalDestination", o.destination)
	writeObject(w, "lanAddress", o.from.given["lanAddress"])
	writeObject(w, "dhcpServerFunction", o.from.given["dhcpServerFunction"])
	if o.kind == kindStart && o.from.main().detail[detailCourse] == courseMF {
		writeObject(w, "ipipParam", o.from.ipip())
	} else {
		w.WriteNull("ipipParam")
	}
	return gateway.OK(w.Close("}"))
}
