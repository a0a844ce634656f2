package simulator

// customerSites is 拠点一覧取得.
func (b *IPoEAPI) customerSites(q *Request) Answer {
	s := newSearch(q)
	s.dates("endAtFrom", "endAtTo", "startAtFrom", "startAtTo")
	s.rule(rule{name: "customerType", known: oneOf("1", "2")})
	s.rule(rule{name: "status", known: oneOf("1", "2")})
	if refused := s.refused(b, q); refused != nil {
		return *refused
	}
	var found []*site
	for _, candidate := range b.account.allSites() {
		if q.Now >= candidate.born && b.matches(s, candidate, q.Now) {
			found = append(found, candidate)
		}
	}
	from, to, refused := b.page(q, len(found))
	if refused != nil {
		return *refused
	}
	w := ipoeWriter()
	w.Begin('{')
	w.Open("customerSite", '[')
	for _, one := range found[from:to] {
		w.Begin('{')
		b.siteTo(w, one, q.Now)
		w.Text("globalIp", one.globalIP())
		w.Text("pponeGwNodename", "ppone-"+one.tunnel())
		w.Text("pptwoGwNodename", "pptwo-"+one.tunnel())
		w.Text("vrf", "vrf"+one.tunnel())
		w.Text("tunnelIf", one.tunnel())
		w.Close("}")
	}
	w.Close("]}")
	return OK(w.Bytes)
}

func (b *IPoEAPI) matches(s *search, one *site, at int64) bool {
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

func (b *IPoEAPI) startAt(s *site) string { return dayDigits(b.cal.day(s.born)) }

// endAt is the last day of a site that has been given up; empty before.
func (b *IPoEAPI) endAt(s *site, at int64) string {
	if !s.ended(at) {
		return ""
	}
	return dayDigits(b.cal.day(s.end - 1))
}

// siteTo writes what the list and the details tell of a site alike. The access key is a secret.
func (b *IPoEAPI) siteTo(w *Writer, s *site, at int64) {
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
