package simulator

import (
	"fmt"
	"math"
)

// The types of IPoE orders.
const (
	ipoeStart  = 1
	ipoeChange = 2
	ipoeCancel = 3
)

// The statuses of IPoE orders; 4, cancelled, and 5, error in part, are documented and never told.
const (
	ipoeUnderway = "1"
	ipoeDone     = "2"
	ipoeFailed   = "3"
)

// never is later than any second that is asked about.
const never = math.MaxInt64

// ipoeOrder is an order of the IPoE backend. What becomes of it is decided when it is placed.
type ipoeOrder struct {
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
	from        *site         // the site as it was ordered, or is being changed
	products    []ipoeProduct // that it is about; nil: those of from
	result      []ipoeProduct // that the site has after a change
	destination map[string]string
}

func ipoeOrderCode(n int) string { return fmt.Sprintf("%s%08d", ipoeCustomer, n) }

func (o *ipoeOrder) status(at int64) string {
	switch {
	case at < o.done:
		return ipoeUnderway
	case o.failed:
		return ipoeFailed
	default:
		return ipoeDone
	}
}

// ordered are the products that the order is about.
func (o *ipoeOrder) ordered() []ipoeProduct {
	if o.products != nil || o.kind != ipoeStart {
		return o.products
	}
	var list []ipoeProduct
	for _, p := range o.from.products {
		list = append(list, p.ipoeProduct)
	}
	return list
}

// searchOrders is オーダー検索. Its answer is a bare list.
func (b *IPoEAPI) searchOrders(q *Request) Answer {
	s := newSearch(q)
	s.dates("hopeToEndAtFrom", "hopeToEndAtTo", "hopeToStartAtFrom", "hopeToStartAtTo")
	s.rule(rule{name: "orderCode", max: 256, class: isAlnum})
	s.rule(rule{name: "orderType", known: oneOf("1", "2", "3")})
	s.rule(rule{name: "status", known: oneOf("1", "2", "3", "4", "5")})
	if refused := s.refused(b, q); refused != nil {
		return *refused
	}
	var found []*ipoeOrder
	for _, o := range b.account.allOrders() {
		if o.placed <= q.Now && o.matches(s, q.Now) {
			found = append(found, o)
		}
	}
	from, to, refused := b.page(q, len(found))
	if refused != nil {
		return *refused
	}
	w := ipoeWriter()
	w.Begin('[')
	for _, o := range found[from:to] {
		w.Begin('{')
		b.ipoeOrderTo(w, o, q.Now, false)
		w.Close("}")
	}
	w.Close("]")
	return OK(w.Bytes)
}

func (o *ipoeOrder) matches(s *search, at int64) bool {
	return s.is("caseName", o.from.caseName) && s.is("customerSiteCode", o.site) && s.is("customerSiteName", o.from.name) &&
		s.between("hopeToEndAtFrom", "hopeToEndAtTo", o.hopeToEnd) && s.between("hopeToStartAtFrom", "hopeToStartAtTo", o.hopeToStart) &&
		s.is("lineId", o.from.lineID) && s.is("orderCode", o.code) && s.is("orderType", fmt.Sprint(o.kind)) &&
		s.is("status", o.status(at)) && o.sells(s)
}

// sells reports whether one of the products has the name asked for in its own.
func (o *ipoeOrder) sells(s *search) bool {
	for _, p := range o.ordered() {
		if s.part("productName", p.name) {
			return true
		}
	}
	return s.query("productName") == ""
}

// ipoeOrderTo writes what the list and the details tell of an order alike. The list's example has the order's type as
// an integer, the details' as a string.
func (b *IPoEAPI) ipoeOrderTo(w *Writer, o *ipoeOrder, at int64, details bool) {
	w.Text("orderCode", o.code)
	w.Number("orderType", uint64(o.kind), !details && b.integers(uint64(o.from.n)))
	w.Optional("changeType", o.change)
	if details {
		w.Text("customerCode", o.from.customer)
	}
	w.Text("customerSiteCode", o.site)
	w.Text("customerSiteName", o.from.name)
	w.Text("status", o.status(at))
	w.Text("applicationDate", dayDigits(b.cal.day(o.placed)))
	w.Optional("hopeToStartAt", o.hopeToStart)
	w.Optional("hopeToEndAt", o.hopeToEnd)
}

// findOrder is オーダー詳細取得. The access key and the password in it are secrets.
func (b *IPoEAPI) findOrder(q *Request) Answer {
	code := q.Names[pathCode]
	r := rule{name: "orderCode", mandatory: true, min: 1, max: 256, class: isAlnum}
	if kind, ok := r.check(code); !ok {
		return b.ipoeRefusal(q, problem{kind: kind, rule: r}.explain())
	}
	for _, o := range b.account.allOrders() {
		if o.code == code && o.placed <= q.Now {
			return b.orderDetails(q, o)
		}
	}
	return b.ipoeRefusal(q, noneSuch("orderCode"))
}

func (b *IPoEAPI) orderDetails(q *Request, o *ipoeOrder) Answer {
	bare := b.integers(uint64(o.from.n))
	w := ipoeWriter()
	w.Begin('{')
	b.ipoeOrderTo(w, o, q.Now, true)
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
		if o.status(q.Now) == ipoeFailed {
			message = msgIPoESystem
		}
		w.Optional("errorMessage", message)
		w.Close("}")
	}
	w.Close("]")
	writeObject(w, "installationLocation", o.from.given["installationLocation"])
	writeObject(w, "terminalDestination", o.destination)
	writeObject(w, "lanAddress", o.from.given["lanAddress"])
	writeObject(w, "dhcpServerFunction", o.from.given["dhcpServerFunction"])
	if o.kind == ipoeStart && o.from.main().detail[detailCourse] == courseMF {
		writeObject(w, "ipipParam", o.from.ipip())
	} else {
		w.WriteNull("ipipParam")
	}
	w.Close("}")
	return OK(w.Bytes)
}
