package simulator

import (
	"slices"
	"strings"
	"time"
)

// deadLine ends the IDs of access lines that cannot be used (error 4000139): any other is in good order.
const deadLine = "999"

func customerRule() rule { return rule{name: "customerCode", max: 256, class: isAlnum} }
func siteRule() rule {
	return rule{name: "customerSiteCode", mandatory: true, min: 1, max: 256, class: isHalf}
}
func productRule() rule {
	return rule{name: "productCode", mandatory: true, min: 1, max: 256, class: isHalf}
}

// readStart reads the order of a new site. What is wrong beside the form of its fields is told last.
func (b *IPoEAPI) readStart(q *Request, f *form) (*ipoeOrder, *ipoeProblem) {
	s := &site{n: len(b.account.allOrders()) + 1, born: never} // as many orders as sites at first, and more later
	s.seed = of(b.account.seed, aboutSite, uint64(s.n))
	s.name = f.text(rule{name: "customerSiteName", max: 64})
	if s.customer = f.text(customerRule()); s.customer == "" {
		s.customer = ipoeCustomer
	}
	s.caseName = f.text(rule{name: "caseName", max: 64})
	s.lineID = f.text(rule{name: "lineId", mandatory: true, min: 11, max: 16, class: isAlnum})
	s.lineKey = f.text(rule{name: "lineAccessKey", mandatory: true, min: 8, max: 8, class: isAlnum})
	b.sent.Keep(s.lineKey)
	var codes []string
	for _, p := range f.list("products", true) {
		codes = append(codes, p.text(productRule()))
	}
	products, problem := resolve(codes)
	o := &ipoeOrder{kind: ipoeStart, change: "1", site: s.code(), from: s}
	b.readEquipment(f, o, products)
	switch {
	case problem != nil:
		return nil, problem
	case !goTogether(products):
		return nil, &ipoeProblem{codeCombination, msgIPoECombination}
	case strings.HasSuffix(s.lineID, deadLine):
		return nil, &ipoeProblem{codeLine, msgIPoELine}
	}
	slices.SortStableFunc(products, func(a, b ipoeProduct) int { return a.kind - b.kind }) // the main one first
	for _, p := range products {
		s.products = append(s.products, siteProduct{p, 0, 0})
	}
	return o, nil
}

// resolve finds products by their codes.
func resolve(codes []string) ([]ipoeProduct, *ipoeProblem) {
	var products []ipoeProduct
	for _, code := range codes {
		p, ok := ipoeProductOf(code)
		if !ok {
			return nil, &ipoeProblem{codeNone, msgIPoEProduct}
		}
		products = append(products, p)
	}
	return products, nil
}

// readEquipment reads what a product with a CPE needs: the day, where it stands and is sent to, and its addresses. The
// document's first example orders such a product without any of it, its second without the LAN's addresses, against
// its definitions: only the modern style keeps to those.
func (b *IPoEAPI) readEquipment(f *form, o *ipoeOrder, products []ipoeProduct) {
	names := []string{"hopeToOpenAt", "installationLocation", "terminalDestination", "dhcpServerFunction"}
	strict := b.cfg.Style == StyleModern
	needed := slices.ContainsFunc(products, ipoeProduct.dedicated) && (strict || slices.ContainsFunc(names, f.has))
	needsLAN := needed && strict && products[0].detail[detailAddress] != addressesIP4
	o.hopeToStart = f.text(rule{name: "hopeToOpenAt", mandatory: needed, min: 8, max: 8, known: isDay})
	given := map[string]map[string]string{
		"installationLocation": readValues(f, "installationLocation", needed, placeRules()),
	}
	o.destination = readValues(f, "terminalDestination", needed, destinationRules())
	given["lanAddress"] = readValues(f, "lanAddress", needsLAN, lanRules())
	dhcp := readValues(f, "dhcpServerFunction", needed, dhcpRules())
	if dhcp["howToUse"] == "1" {
		for _, r := range dhcpRules()[1:3] {
			if dhcp[r.name] == "" {
				f.wrong(problemLength, r)
			}
		}
		given["dhcpServerFunction"] = dhcp
	}
	o.from.given = given
}

// readSiteChange reads the order to add products to a site or to end them.
func (b *IPoEAPI) readSiteChange(q *Request, f *form) (*ipoeOrder, *ipoeProblem) {
	f.text(customerRule())
	s := b.inUse(f.text(siteRule()), q.Now)
	o := &ipoeOrder{kind: ipoeChange, from: s}
	var added, ended []string
	for _, p := range f.list("products", true) {
		change := p.text(rule{name: "changeType", mandatory: true, min: 1, max: 1, known: oneOf("1", "3")})
		if o.change == "" {
			o.change = change
		}
		if code := p.text(productRule()); change == "1" {
			added = append(added, code)
		} else {
			ended = append(ended, code)
		}
	}
	var problem *ipoeProblem
	if s == nil {
		none := noneSuch("customerSiteCode")
		return nil, &none
	}
	if o.result, problem = changedProducts(s.now(q.Now), added, ended); problem != nil {
		return nil, problem
	}
	o.products, problem = resolve(slices.Concat(added, ended))
	o.site = s.code()
	return o, problem
}

// changedProducts is what a site has after a change, which must go together.
func changedProducts(has []ipoeProduct, added, ended []string) ([]ipoeProduct, *ipoeProblem) {
	products, problem := resolve(added)
	if problem != nil {
		return nil, problem
	}
	next := slices.Clone(has)
	for _, code := range ended {
		i := slices.IndexFunc(next, func(p ipoeProduct) bool { return p.code == code })
		if i < 0 {
			return nil, &ipoeProblem{codeNone, msgIPoEProduct}
		}
		next = slices.Delete(next, i, i+1)
	}
	if next = append(next, products...); !goTogether(next) {
		return nil, &ipoeProblem{codeCombination, msgIPoECombination}
	}
	return next, nil
}

// inUse is the site with a number that has not been given up.
func (b *IPoEAPI) inUse(code string, at int64) *site {
	if s := b.account.site(code, at); s != nil && !s.ended(at) {
		return s
	}
	return nil
}

// readEnd reads the order to give a site up, at the end of a month or of a day.
func (b *IPoEAPI) readEnd(q *Request, f *form) (*ipoeOrder, *ipoeProblem) {
	f.text(customerRule())
	s := b.inUse(f.text(siteRule()), q.Now)
	hope := f.text(rule{name: "hopeToEndAt", min: 6, max: 8, known: isEnd})
	overwrite := f.text(rule{name: "overwriteCheckFlag", known: oneOf("0", "1")})
	if s == nil {
		problem := noneSuch("customerSiteCode")
		return nil, &problem
	}
	return &ipoeOrder{
		kind: ipoeCancel, from: s, site: s.code(), overwrite: overwrite, hopeToEnd: b.lastDay(hope, q.Now), products: s.now(q.Now),
	}, nil
}

// monthForm is YYYYMM, as the example of an order to end has it.
const monthForm = "200601"

func isEnd(text string) bool {
	_, err := time.Parse(monthForm, text)
	return err == nil || isDay(text)
}

// lastDay is a day as it is, and the last one of a month; without either, of this month.
func (b *IPoEAPI) lastDay(hope string, now int64) string {
	if isDay(hope) {
		return hope
	}
	month := monthOf(b.cal.day(now))
	if date, err := time.Parse(monthForm, hope); err == nil {
		month = monthOf(dayNumber(date.Date()))
	}
	return dayDigits(firstDay(month+1) - 1)
}
