package simulator

// customerSitesCall is 拠点一覧取得.
func (c *Carrier) customerSitesCall(q *request) answer {
	s := newSearch(q)
	s.dates("endAtFrom", "endAtTo", "startAtFrom", "startAtTo")
	s.rule(rule{name: "customerType", known: oneOf("1", "2")})
	s.rule(rule{name: "status", known: oneOf("1", "2")})
	if refused := s.refused(c, q); refused != nil {
		return *refused
	}
	var found []*site
	for _, candidate := range c.ipoe.allSites() {
		if q.now >= candidate.born && c.matches(s, candidate, q.now) {
			found = append(found, candidate)
		}
	}
	from, to, refused := c.page(q, len(found))
	if refused != nil {
		return *refused
	}
	w := ipoeWriter()
	w.open('{')
	w.name("customerSite")
	w.open('[')
	for _, one := range found[from:to] {
		w.comma()
		w.open('{')
		c.siteTo(w, one, q.now)
		w.text("globalIp", one.globalIP())
		w.text("pponeGwNodename", "ppone-"+one.tunnel())
		w.text("pptwoGwNodename", "pptwo-"+one.tunnel())
		w.text("vrf", "vrf"+one.tunnel())
		w.text("tunnelIf", one.tunnel())
		w.close('}')
	}
	w.close(']')
	w.close('}')
	return answer{status: 200, body: w.b}
}

func (c *Carrier) matches(s *search, one *site, at int64) bool {
	return s.part("caseName", one.caseName) && s.is("cpeModelName", one.model()) && s.part("customerName", customerName) &&
		s.is("customerSiteCode", one.code()) && s.part("customerSiteName", one.name) && s.is("customerType", customerType) &&
		s.is("globalIp", one.globalIP()) && s.is("lineId", one.lineID) && s.is("status", one.status(at)) &&
		s.between("startAtFrom", "startAtTo", c.startAt(one)) && s.between("endAtFrom", "endAtTo", c.endAt(one, at))
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

func (c *Carrier) startAt(s *site) string { return dayDigits(c.cal.day(s.born)) }

// endAt is the last day of a site that has been given up; empty before.
func (c *Carrier) endAt(s *site, at int64) string {
	if !s.ended(at) {
		return ""
	}
	return dayDigits(c.cal.day(s.end - 1))
}

// siteTo writes what the list and the details tell of a site alike. The access key is a secret.
func (c *Carrier) siteTo(w *writer, s *site, at int64) {
	bare := c.integers(uint64(s.n))
	w.text("customerSiteCode", s.code())
	w.text("customerSiteName", s.name)
	w.text("customerCode", s.customer)
	w.number("customerType", 2, bare)
	w.text("customerName", customerName)
	w.text("status", s.status(at))
	w.text("startAt", c.startAt(s))
	w.optional("endAt", c.endAt(s, at))
	w.optional("caseName", s.caseName)
	w.number("lineBundleType", bundleLine, bare)
	w.null("lineType") // 現状、nullが返ってくる
	w.text("lineId", s.lineID)
	w.text("lineAccessKey", s.lineKey)
	w.number("terminalBundleType", s.terminalBundle(), bare)
}
