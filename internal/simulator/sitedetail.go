package simulator

// customerSite is 拠点詳細取得.
func (b *IPoEAPI) customerSite(q *Request) Answer {
	s := b.account.site(q.Names[pathSite], q.Now)
	if s == nil {
		return b.ipoeRefusal(q, noneSuch("customerSiteCode"))
	}
	w := ipoeWriter()
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
	w.Close("}")
	return OK(w.Bytes)
}

// gatewaysTo writes what a site needs that brings its own CPE. The pre-shared keys are secrets.
func (s *site) gatewaysTo(w *Writer) {
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

func (b *IPoEAPI) contractsTo(w *Writer, key string, s *site, at int64) {
	w.Open(key, '[')
	for _, p := range s.products {
		if p.from > at {
			continue
		}
		w.Begin('{')
		w.Text("productCode", p.code)
		w.Text("productName", p.name)
		w.Number("productType", uint64(p.kind), b.integers(uint64(s.n)))
		w.Text("startAt", dayDigits(b.cal.day(p.from)))
		end := ""
		if !p.has(at) {
			end = dayDigits(b.cal.day(p.until - 1))
		}
		w.Optional("endAt", end)
		w.Close("}")
	}
	w.Close("]")
}

// objectsTo writes the objects of a site whose CPE came with the product, null for others, and the account of those
// in the course 固定IP(MF), whose password is a secret.
func (s *site) objectsTo(w *Writer) {
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
