package simulator

// customerSiteCall is 拠点詳細取得.
func (c *Carrier) customerSiteCall(q *request) answer {
	s := c.ipoe.site(q.names[pathSite], q.now)
	if s == nil {
		return c.ipoeRefusal(q, noneSuch("customerSiteCode"))
	}
	w := ipoeWriter()
	w.open('{')
	w.name("customerSite")
	w.open('{')
	c.siteTo(w, s, q.now)
	if s.main().dedicated() {
		w.text("cpeModelName", s.model())
		w.text("globalIp", s.globalIP())
	} else {
		s.gatewaysTo(w)
	}
	// The examples have the objects beside the site and call the list of products contract; the definitions have them
	// inside it, and contracts.
	beside := c.integers(uint64(s.n))
	if beside {
		c.contractsTo(w, "contract", s, q.now)
		w.close('}')
		s.objectsTo(w)
	} else {
		c.contractsTo(w, "contracts", s, q.now)
		s.objectsTo(w)
		w.close('}')
	}
	w.close('}')
	return answer{status: 200, body: w.b}
}

// gatewaysTo writes what a site needs that brings its own CPE. The pre-shared keys are secrets.
func (s *site) gatewaysTo(w *writer) {
	keys := s.keys()
	w.text("customerSiteNumber", s.tunnel()[1:])
	w.optional("eastOrWest", [...]string{"1", "2", ""}[s.n%3])
	w.text("terminalHostname", s.code())
	w.null("terminalDomain")
	for i, gateway := range [...]string{"ppone", "pptwo"} {
		host := gateway + "-" + s.tunnel()
		w.text(gateway+"GwHostname", host)
		w.text(gateway+"GwFqdn", host+".example.com")
		w.text(gateway+"GwTep", "2001:db8::"+s.tunnel()[4:])
		w.null(gateway + "GwBgp")
		w.text(gateway+"GwPreSharedKey", keys[i])
	}
	w.null("lanLoopback")
	w.text("globalIp", s.globalIP())
	w.null("pponeGwNodename")
	w.null("pptwoGwNodename")
	w.text("vrf", "vrf"+s.tunnel())
	w.text("tunnelIf", s.tunnel())
}

func (c *Carrier) contractsTo(w *writer, key string, s *site, at int64) {
	w.name(key)
	w.open('[')
	for _, p := range s.products {
		if p.from > at {
			continue
		}
		w.comma()
		w.open('{')
		w.text("productCode", p.code)
		w.text("productName", p.name)
		w.number("productType", uint64(p.kind), c.integers(uint64(s.n)))
		w.text("startAt", dayDigits(c.cal.day(p.from)))
		end := ""
		if !p.has(at) {
			end = dayDigits(c.cal.day(p.until - 1))
		}
		w.optional("endAt", end)
		w.close('}')
	}
	w.close(']')
}

// objectsTo writes the objects of a site whose CPE came with the product, null for others, and the account of those
// in the course 固定IP(MF), whose password is a secret.
func (s *site) objectsTo(w *writer) {
	for _, object := range [...][2]string{
		{"customerSiteInstallationLocation", "installationLocation"}, {"customerSiteLanAddress", "lanAddress"},
		{"customerSiteDhcpServerFunction", "dhcpServerFunction"},
	} {
		w.object(object[0], s.given[object[1]])
	}
	if s.main().detail[detailCourse] != courseMF {
		w.null("customerSiteIpipParam")
		return
	}
	w.object("customerSiteIpipParam", s.ipip())
}

func (s *site) ipip() map[string]string {
	return map[string]string{
		"cpeIpv4Address": s.globalIP(), "cpeIpv6Address": "2001:db8:1::" + s.tunnel()[4:], "password": s.updatePassword(),
		"tunnelIpv6Address": "2001:db8:2::" + s.tunnel()[4:], "username": s.updateUser(),
	}
}
