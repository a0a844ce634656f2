package api

import (
	"fmt"
	"net/netip"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
)

// missing names the parts that are required of a dedicated CPE and are not given.
func (s *StartOrder) missing() []string {
	var names []string
	for _, part := range []struct {
		name  string
		given bool
	}{
		{"hopeToOpenAt", s.HopeToOpenAt != ""}, {"installationLocation", s.InstallationLocation != nil},
		{"terminalDestination", s.TerminalDestination != nil}, {"dhcpServerFunction", s.DHCPServerFunction != nil},
	} {
		if !part.given {
			names = append(names, part.name)
		}
	}
	return names
}

func (s *StartOrder) check() carrier.Violations {
	var c lenient.Check
	c.Text("customerSiteName", s.CustomerSiteName, 0, 64, lenient.AnyCharacter())
	c.Text("customerCode", s.CustomerCode, 0, 256, lenient.Alphanumeric())
	c.Text("caseName", s.CaseName, 0, 64, lenient.AnyCharacter())
	c.Required("lineId", s.LineID)
	c.Text("lineId", s.LineID, 11, 16, lenient.Alphanumeric())
	c.Required("lineAccessKey", s.LineAccessKey.reveal())
	c.Text("lineAccessKey", s.LineAccessKey.reveal(), 8, 8, lenient.Alphanumeric())
	c.Date("hopeToOpenAt", s.HopeToOpenAt)
	if len(s.Products) == 0 {
		c.Add("products", "must name one product at least")
	}
	for i, product := range s.Products {
		checkProductCode(&c, fmt.Sprintf("products[%d].productCode", i), product.ProductCode)
	}
	if s.InstallationLocation != nil {
		s.InstallationLocation.check(&c, "installationLocation")
	}
	if s.TerminalDestination != nil {
		s.TerminalDestination.check(&c, "terminalDestination")
		c.Date("terminalDestination.hopeToAt", s.TerminalDestination.HopeToAt)
	}
	if s.LANAddress != nil {
		s.LANAddress.check(&c)
	}
	if s.DHCPServerFunction != nil {
		s.DHCPServerFunction.check(&c)
	}
	return c.Violations
}

func checkProductCode(c *lenient.Check, field, code string) {
	c.Required(field, code)
	c.Text(field, code, 1, 256, lenient.HalfWidth())
}

func (l *Location) check(c *lenient.Check, name string) {
	c.Text(name+".zipCode", l.ZipCode, 7, 7, lenient.Digits())
	c.Text(name+".tel", l.Tel, 10, 11, lenient.Digits())
}

// check is stricter than the document's patterns, which 999.9.9.9 would pass: it wants addresses.
func (l *LANPrefix) check(c *lenient.Check) {
	if network, err := netip.ParsePrefix(l.LANNetworkAddress); l.LANNetworkAddress != "" && (err != nil || !network.Addr().Is4()) {
		c.Add("lanAddress.lanNetworkAddress", "is no IPv4 network, as 192.0.2.0/24")
	}
	c.Text("lanAddress.lanNetworkAddress", l.LANNetworkAddress, 9, 18, lenient.HalfWidth())
	c.IPv4("lanAddress.lanInterfaceAddress", l.LANInterfaceAddress)
}

func (d *DHCPFunction) check(c *lenient.Check) {
	const name = "dhcpServerFunction."
	c.OneOf(name+"howToUse", string(d.HowToUse), "0", "1")
	start, startOK := c.IPv4(name+"startAddress", d.StartAddress)
	end, endOK := c.IPv4(name+"endAddress", d.EndAddress)
	c.IPv4(name+"dns1", d.DNS1)
	c.IPv4(name+"dns2", d.DNS2)
	switch {
	case d.StartAddress != "" && d.EndAddress == "":
		c.Add(name+"endAddress", "is missing, with a startAddress")
	case d.StartAddress == "" && d.EndAddress != "":
		c.Add(name+"startAddress", "is missing, with an endAddress")
	case startOK && endOK && end.Less(start):
		c.Add(name+"startAddress", "is after endAddress")
	}
}

func (o *ChangeOrder) check() carrier.Violations {
	var c lenient.Check
	checkSite(&c, o.CustomerCode, o.CustomerSiteCode)
	if len(o.Products) == 0 {
		c.Add("products", "must name one product at least")
	}
	for i, product := range o.Products {
		field := fmt.Sprintf("products[%d].", i)
		c.Required(field+"changeType", string(product.ChangeType))
		c.OneOf(field+"changeType", string(product.ChangeType), "1", "3")
		checkProductCode(&c, field+"productCode", product.ProductCode)
	}
	return c.Violations
}

// check takes both forms of hopeToEndAt that the document shows.
func (o *CancelOrder) check() carrier.Violations {
	var c lenient.Check
	checkSite(&c, o.CustomerCode, o.CustomerSiteCode)
	if _, err := time.Parse("200601", string(o.HopeToEndAt)); o.HopeToEndAt != "" && err != nil && !o.HopeToEndAt.Day().Known {
		c.Add("hopeToEndAt", "is neither a month nor a day that exists, as YYYYMM or YYYYMMDD")
	}
	c.OneOf("overwriteCheckFlag", string(o.OverwriteCheckFlag), "0", "1")
	return c.Violations
}

func checkSite(c *lenient.Check, customerCode, siteCode string) {
	c.Text("customerCode", customerCode, 0, 256, lenient.Alphanumeric())
	c.Required("customerSiteCode", siteCode)
	c.Text("customerSiteCode", siteCode, 1, 256, lenient.HalfWidth())
}
