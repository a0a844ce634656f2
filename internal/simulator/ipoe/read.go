package ipoe

import (
	"slices"
	"strings"
	"time"

	"kaisen/internal/simulator/calendar"
	"kaisen/internal/simulator/chance"
	"kaisen/internal/simulator/gateway"
	"kaisen/internal/simulator/wire"
)

// deadLine ends the IDs of access lines that cannot be used (error 4000139): any other is in good order.
const deadLine = "999"

func customerRule() wire.Rule { return wire.Rule{Name: "customerCode", Max: 256, Class: wire.IsAlnum} }
func siteRule() wire.Rule {
	return wire.Rule{Name: "customerSiteCode", Mandatory: true, Min: 1, Max: 256, Class: wire.IsHalf}
}
func productRule() wire.Rule {
	return wire.Rule{Name: "productCode", Mandatory: true, Min: 1, Max: 256, Class: wire.IsHalf}
}

// readStart reads the order of a new site. What is wrong beside the form of its fields comes last.
func (b *API) readStart(q *gateway.Request, f *wire.Form) (*order, *failure) {
	s := &site{n: len(b.account.allOrders()) + 1, born: never} // as many orders as sites at first, and more later
	s.seed = chance.Of(b.account.seed, chance.AboutSite, uint64(s.n))
	s.name = f.Text(wire.Rule{Name: "customerSiteName", Max: 64})
	if s.customer = f.Text(customerRule()); s.customer == "" {
		s.customer = accountID
	}
	s.caseName = f.Text(wire.Rule{Name: "caseName", Max: 64})
	s.lineID = f.Text(wire.Rule{Name: "lineId", Mandatory: true, Min: 11, Max: 16, Class: wire.IsAlnum})
	s.lineKey = f.Text(wire.Rule{Name: "lineAccessKey", Mandatory: true, Min: 8, Max: 8, Class: wire.IsAlnum})
	b.sent.Keep(s.lineKey)
	var codes []string
	for _, p := range f.List("products", true) {
		codes = append(codes, p.Text(productRule()))
	}
	products, problem := resolve(codes)
	o := &order{kind: kindStart, change: "1", site: s.code(), from: s}
	b.readEquipment(f, o, products)
	switch {
	case problem != nil:
		return nil, problem
	case !goTogether(products):
		return nil, &failure{codeCombination, msgCombination}
	case strings.HasSuffix(s.lineID, deadLine):
		return nil, &failure{codeLine, msgLine}
	}
	slices.SortStableFunc(products, func(a, b product) int { return a.kind - b.kind }) // the main one first
	for _, p := range products {
		s.products = append(s.products, siteProduct{p, 0, 0})
	}
	return o, nil
}

// resolve finds products by their codes.
func resolve(codes []string) ([]product, *failure) {
	var products []product
	for _, code := range codes {
		p, ok := productOf(code)
		if !ok {
			return nil, &failure{codeNone, msgProduct}
		}
		products = append(products, p)
	}
	return products, nil
}

// readEquipment reads what a product with a CPE needs: the day, where it stands and is sent to, and its addresses. The
// document's first example orders such a product without any of it, its second without the LAN's addresses, against
// its definitions: only the modern style keeps to those.
func (b *API) readEquipment(f *wire.Form, o *order, products []product) {
	names := []string{"hopeToOpenAt", "installationLocation", "terminalDestination", "dhcpServerFunction"}
	strict := b.cfg.Style == wire.StyleModern
	needed := slices.ContainsFunc(products, product.dedicated) && (strict || slices.ContainsFunc(names, f.Has))
	needsLAN := needed && strict && products[0].detail[detailAddress] != addressesIP4
	o.hopeToStart = f.Text(wire.Rule{Name: "hopeToOpenAt", Mandatory: needed, Min: 8, Max: 8, Known: calendar.IsDay})
	given := map[string]map[string]string{
		"installationLocation": readValues(f, "installationLocation", needed, placeRules()),
	}
	o.destination = readValues(f, "terminalDestination", needed, destinationRules())
	given["lanAddress"] = readValues(f, "lanAddress", needsLAN, lanRules())
	dhcp := readValues(f, "dhcpServerFunction", needed, dhcpRules())
	if dhcp["howToUse"] == "1" {
		for _, r := range dhcpRules()[1:3] {
			if dhcp[r.Name] == "" {
				f.Wrong(wire.ProblemLength, r)
			}
		}
		given["dhcpServerFunction"] = dhcp
	}
	o.from.given = given
}

// readSiteChange reads the order to add products to a site or to end them.
func (b *API) readSiteChange(q *gateway.Request, f *wire.Form) (*order, *failure) {
	f.Text(customerRule())
	s := b.inUse(f.Text(siteRule()), q.Now)
	o := &order{kind: kindChange, from: s}
	var added, ended []string
	for _, p := range f.List("products", true) {
		change := p.Text(wire.Rule{Name: "changeType", Mandatory: true, Min: 1, Max: 1, Known: wire.OneOf("1", "3")})
		if o.change == "" {
			o.change = change
		}
		if code := p.Text(productRule()); change == "1" {
			added = append(added, code)
		} else {
			ended = append(ended, code)
		}
	}
	var problem *failure
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
func changedProducts(has []product, added, ended []string) ([]product, *failure) {
	products, problem := resolve(added)
	if problem != nil {
		return nil, problem
	}
	next := slices.Clone(has)
	for _, code := range ended {
		i := slices.IndexFunc(next, func(p product) bool { return p.code == code })
		if i < 0 {
			return nil, &failure{codeNone, msgProduct}
		}
		next = slices.Delete(next, i, i+1)
	}
	if next = append(next, products...); !goTogether(next) {
		return nil, &failure{codeCombination, msgCombination}
	}
	return next, nil
}

// inUse is the site with a number that has not been given up.
func (b *API) inUse(code string, at int64) *site {
	if s := b.account.site(code, at); s != nil && !s.ended(at) {
		return s
	}
	return nil
}

// readEnd reads the order to give a site up, at the end of a month or of a day.
func (b *API) readEnd(q *gateway.Request, f *wire.Form) (*order, *failure) {
	f.Text(customerRule())
	s := b.inUse(f.Text(siteRule()), q.Now)
	hope := f.Text(wire.Rule{Name: "hopeToEndAt", Min: 6, Max: 8, Known: isEnd})
	overwrite := f.Text(wire.Rule{Name: "overwriteCheckFlag", Known: wire.OneOf("0", "1")})
	if s == nil {
		problem := noneSuch("customerSiteCode")
		return nil, &problem
	}
	return &order{
		kind: kindEnd, from: s, site: s.code(), overwrite: overwrite, hopeToEnd: b.lastDay(hope, q.Now), products: s.now(q.Now),
	}, nil
}

// monthForm is YYYYMM, as the example of an order to end has it.
const monthForm = "200601"

func isEnd(text string) bool {
	_, err := time.Parse(monthForm, text)
	return err == nil || calendar.IsDay(text)
}

// lastDay is a day as it is, and the last one of a month; without either, of this month.
func (b *API) lastDay(hope string, now int64) string {
	if calendar.IsDay(hope) {
		return hope
	}
	month := calendar.MonthOf(b.cal.Day(now))
	if date, err := time.Parse(monthForm, hope); err == nil {
		month = calendar.MonthOf(calendar.Number(date.Date()))
	}
	return calendar.Digits(calendar.FirstDay(month+1) - 1)
}
