package ipoe

import (
	"kaisen/internal/simulator/calendar"
	"kaisen/internal/simulator/gateway"
	"kaisen/internal/simulator/wire"
)

// customerSites is 拠点一覧取得.
func (b *API) customerSites(q *gateway.Request) gateway.Answer {
	s := newSearch(q)
	s.dates("endAtFrom", "endAtTo", "startAtFrom", "startAtTo")
	s.rule(wire.Rule{Name: "customerType", Known: wire.OneOf("1", "2")})
	s.rule(wire.Rule{Name: "status", Known: wire.OneOf("1", "2")})
	rows, refused := rowsOf(b, q, s, b.account.allSites(), func(one *site) bool {
		return q.Now >= one.born && b.matches(s, one, q.Now)
	})
	if refused != nil {
		return *refused
	}
	if a, ok := emptyObject(q, len(rows)); ok {
		return a
	}
	w := newWriter()
	w.Begin('{')
	w.Open("customerSite", '[')
	for _, one := range rows {
		w.Begin('{')
		b.siteTo(w, one, q.Now)
		w.Text("globalIp", one.globalIP())
		w.Text("pponeGwNodename", "ppone-"+one.tunnel())
		w.Text("pptwoGwNodename", "pptwo-"+one.tunnel())
		w.Text("vrf", "vrf"+one.tunnel())
		w.Text("tunnelIf", one.tunnel())
		w.Close("}")
	}
	return gateway.OK(w.Close("]}"))
}

func (b *API) matches(s *search, one *site, at int64) bool {
	return s.part("caseName", one.caseName) && s.is("cpeModelName", one.model()) && s.part("customerName", customerName) &&
		s.is("customerSiteCode", one.code()) && s.part("customerSiteName", one.name) && s.is("customerType", customerType) &&
		s.is("globalIp", one.globalIP()) && s.is("lineId", one.lineID) && s.is("status", one.status(at)) &&
		s.between("startAtFrom", "startAtTo", b.startAt(one)) && s.between("endAtFrom", "endAtTo", b.endAt(one, at))
}

const (
	customerName = "模擬商事株式会社"
	customerType = "2" // 卸事業者: 現在は「2:卸事業者」のみ存在する
	bundleLine   = 1   // 回線アンバンドル
)

// The statuses of a site.
func (s *site) status(at int64) string {
	if s.ended(at) {
		return "2"
	}
	return "1"
}

// model is the CPE's, where it comes with the product.
func (s *site) model() string {
	if s.main().dedicated() {
		return "RTX830"
	}
	return ""
}

// terminalBundle is 1 for a CPE that comes with the product, 2 for one's own.
func (s *site) terminalBundle() uint64 {
	if s.main().dedicated() {
		return 1
	}
	return 2
}

func (b *API) startAt(s *site) string { return calendar.Digits(b.cal.Day(s.born)) }

// endAt is the last day of a site that has been given up; empty before.
func (b *API) endAt(s *site, at int64) string {
	if !s.ended(at) {
		return ""
	}
	return calendar.Digits(b.cal.Day(s.end - 1))
}

// siteTo writes what the list and the details of a site have in common. The access key is a secret.
func (b *API) siteTo(w *wire.Writer, s *site, at int64) {
	bare := b.integers(uint64(s.n))
	w.Text("customerSiteCode", s.code())
	w.Text("customerSiteName", s.name)
	w.Text("customerCode", s.customer)
	w.Number("customerType", 2, bare)
	w.Text("customerName", customerName)
	w.Text("status", s.status(at))
	w.Text("startAt", b.startAt(s))
	w.Optional("endAt", b.endAt(s, at))
	w.Optional("caseName", s.caseName)
	w.Number("lineBundleType", bundleLine, bare)
	w.WriteNull("lineType") // 現状、nullが返ってくる
	w.Text("lineId", s.lineID)
	w.Text("lineAccessKey", s.lineKey)
	w.Number("terminalBundleType", s.terminalBundle(), bare)
}

// customerSite is 拠点詳細取得.
func (b *API) customerSite(q *gateway.Request) gateway.Answer {
	s := b.account.site(q.Names[pathSite], q.Now)
	if s == nil {
		return b.refuse(q, noneSuch("customerSiteCode"))
	}
	w := newWriter()
	w.Begin('{')
	w.Open("customerSite", '{')
	b.siteTo(w, s, q.Now)
	if s.main().dedicated() {
		w.Text("cpeModelName", s.model())
		w.Text("globalIp", s.globalIP())
	} else {
		s.gatewaysTo(w)
	}
	// The examples have the objects beside the site and call the list of products contract; the definitions have them
	// inside it, and contracts.
	beside := b.integers(uint64(s.n))
	if beside {
		b.contractsTo(w, "contract", s, q.Now)
		w.Close("}")
		s.objectsTo(w)
	} else {
		b.contractsTo(w, "contracts", s, q.Now)
		s.objectsTo(w)
		w.Close("}")
	}
	return gateway.OK(w.Close("}"))
}

// gatewaysTo writes what a site needs that brings its own CPE. The pre-shared keys are secrets.
func (s *site) gatewaysTo(w *wire.Writer) {
	keys := s.keys()
	w.Text("customerSiteNumber", s.tunnel()[1:])
	w.Optional("eastOrWest", [...]string{"1", "2", ""}[s.n%3])
	w.Text("terminalHostname", s.code())
	w.WriteNull("terminalDomain")
	for i, gateway := range [...]string{"ppone", "pptwo"} {
		host := gateway + "-" + s.tunnel()
		w.Text(gateway+"GwHostname", host)
		w.Text(gateway+"GwFqdn", host+".example.com")
		w.Text(gateway+"GwTep", "2001:db8::"+s.tunnel()[4:])
		w.WriteNull(gateway + "GwBgp")
		w.Text(gateway+"GwPreSharedKey", keys[i])
	}
	w.WriteNull("lanLoopback")
	w.Text("globalIp", s.globalIP())
	w.WriteNull("pponeGwNodename")
	w.WriteNull("pptwoGwNodename")
	w.Text("vrf", "vrf"+s.tunnel())
	w.Text("tunnelIf", s.tunnel())
}

func (b *API) contractsTo(w *wire.Writer, key string, s *site, at int64) {
	w.Open(key, '[')
	for _, p := range s.products {
		if p.from > at {
			continue
		}
		w.Begin('{')
		w.Text("productCode", p.code)
		w.Text("productName", p.name)
		w.Number("productType", uint64(p.kind), b.integers(uint64(s.n)))
		w.Text("startAt", calendar.Digits(b.cal.Day(p.from)))
		end := ""
		if !p.has(at) {
			end = calendar.Digits(b.cal.Day(p.until - 1))
		}
		w.Optional("endAt", end)
		w.Close("}")
	}
	w.Close("]")
}

// objectsTo writes the objects of a site whose CPE came with the product, null for others, and the account of those
// in the course 固定IP(MF), whose password is a secret.
func (s *site) objectsTo(w *wire.Writer) {
	for _, object := range [...][2]string{
		{"customerSiteInstallationLocation", "installationLocation"}, {"customerSiteLanAddress", "lanAddress"},
		{"customerSiteDhcpServerFunction", "dhcpServerFunction"},
	} {
		writeObject(w, object[0], s.given[object[1]])
	}
	if s.main().detail[detailCourse] != courseMF {
		w.WriteNull("customerSiteIpipParam")
		return
	}
	writeObject(w, "customerSiteIpipParam", s.ipip())
}

func (s *site) ipip() map[string]string {
	return map[string]string{
		"cpeIpv4Address": s.globalIP(), "cpeIpv6Address": "2001:db8:1::" + s.tunnel()[4:], "password": s.updatePassword(),
		"tunnelIpv6Address": "2001:db8:2::" + s.tunnel()[4:], "username": s.updateUser(),
	}
}
