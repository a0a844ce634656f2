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

// ipoeOrdersCall is オーダー検索. Its answer is a bare list.
func (c *Carrier) ipoeOrdersCall(q *request) answer {
	s := newSearch(q)
	s.dates("hopeToEndAtFrom", "hopeToEndAtTo", "hopeToStartAtFrom", "hopeToStartAtTo")
	s.rule(rule{name: "orderCode", max: 256, class: isAlnum})
	s.rule(rule{name: "orderType", known: oneOf("1", "2", "3")})
	s.rule(rule{name: "status", known: oneOf("1", "2", "3", "4", "5")})
	if refused := s.refused(c, q); refused != nil {
		return *refused
	}
	var found []*ipoeOrder
	for _, o := range c.ipoe.allOrders() {
		if o.placed <= q.now && o.matches(s, q.now) {
			found = append(found, o)
		}
	}
	from, to, refused := c.page(q, len(found))
	if refused != nil {
		return *refused
	}
	w := ipoeWriter()
	w.open('[')
	for _, o := range found[from:to] {
		w.comma()
		w.open('{')
		c.ipoeOrderTo(w, o, q.now, false)
		w.close('}')
	}
	w.close(']')
	return answer{status: 200, body: w.b}
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
func (c *Carrier) ipoeOrderTo(w *writer, o *ipoeOrder, at int64, details bool) {
	w.text("orderCode", o.code)
	w.number("orderType", uint64(o.kind), !details && c.integers(uint64(o.from.n)))
	w.optional("changeType", o.change)
	if details {
		w.text("customerCode", o.from.customer)
	}
	w.text("customerSiteCode", o.site)
	w.text("customerSiteName", o.from.name)
	w.text("status", o.status(at))
	w.text("applicationDate", dayDigits(c.cal.day(o.placed)))
	w.optional("hopeToStartAt", o.hopeToStart)
	w.optional("hopeToEndAt", o.hopeToEnd)
}

// ipoeOrderCall is オーダー詳細取得. The access key and the password in it are secrets.
func (c *Carrier) ipoeOrderCall(q *request) answer {
	code := q.names[pathCode]
	r := rule{name: "orderCode", mandatory: true, min: 1, max: 256, class: isAlnum}
	if kind, ok := r.check(code); !ok {
		return c.ipoeRefusal(q, problem{kind: kind, rule: r}.explain())
	}
	for _, o := range c.ipoe.allOrders() {
		if o.code == code && o.placed <= q.now {
			return c.orderDetails(q, o)
		}
	}
	return c.ipoeRefusal(q, noneSuch("orderCode"))
}

func (c *Carrier) orderDetails(q *request, o *ipoeOrder) answer {
	bare := c.integers(uint64(o.from.n))
	w := ipoeWriter()
	w.open('{')
	c.ipoeOrderTo(w, o, q.now, true)
	w.optional("overwriteCheckFlag", o.overwrite)
	w.optional("caseName", o.from.caseName)
	w.number("lineBundleType", bundleLine, bare)
	w.null("lineType")
	w.text("lineId", o.from.lineID)
	w.text("lineAccessKey", o.from.lineKey)
	w.number("terminalBundleType", o.from.terminalBundle(), bare)
	w.text("globalIp", o.from.globalIP())
	w.name("contracts")
	w.open('[')
	for _, p := range o.ordered() {
		w.comma()
		w.open('{')
		w.text("productCode", p.code)
		w.text("productName", p.name)
		w.number("productType", uint64(p.kind), bare)
		w.text("status", o.status(q.now))
		message := ""
		if o.status(q.now) == ipoeFailed {
			message = msgIPoESystem
		}
		w.optional("errorMessage", message)
		w.close('}')
	}
	w.close(']')
	w.object("installationLocation", o.from.given["installationLocation"])
	w.object("terminalDestination", o.destination)
	w.object("lanAddress", o.from.given["lanAddress"])
	w.object("dhcpServerFunction", o.from.given["dhcpServerFunction"])
	if o.kind == ipoeStart && o.from.main().detail[detailCourse] == courseMF {
		w.object("ipipParam", o.from.ipip())
	} else {
		w.null("ipipParam")
	}
	w.close('}')
	return answer{status: 200, body: w.b}
}
