package api

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
)

// MaxOrders is how many orders one request may hold (row ⑨ of the table of errors).
const MaxOrders = 254

// Delivery is where the things that calls 12 and 14 order are sent, and who is notified of it (UNO Mobile API v2.1, §12,
// §14). Sheet 14 has the lengths of the newest note (v2.1, 2017-10-25: building 16, company 10, department 6). Sheet 12
// has 40, 16 and 10, and 6 for the person, to whom sheet 14 gives 40: what either allows is sent there. The courier may
// shorten further.
type Delivery struct {
	PostalNumber string         `json:"deliveryPostalCode" doc:"postal number, up to 9 characters: 1008019"`
	Prefecture   string         `json:"deliveryPref" doc:"prefecture, full-width, up to 4 characters"`
	City         string         `json:"deliveryCity" doc:"city, full-width, up to 24 characters"`
	Address1     string         `json:"deliveryAddress1" doc:"town (大字通称), full-width, up to 36 characters; a full-width hyphen where there is none"`
	Address2     string         `json:"deliveryAddress2,omitempty" doc:"chome (字丁目), full-width, up to 24 characters"`
	Address3     string         `json:"deliveryAddress3,omitempty" doc:"block (番地), full-width, up to 40 characters"`
	Building     string         `json:"deliveryBuildingName,omitempty" doc:"building, full-width, up to 16 characters, with a new line 40"`
	Company      string         `json:"deliveryCompanyName" doc:"company, full-width, up to 10 characters, with a new line 16"`
	Department   string         `json:"deliveryDeptName,omitempty" doc:"department, full-width, up to 6 characters, with a new line 10"`
	Person       string         `json:"deliveryPersonName,omitempty" doc:"person, full-width, up to 40 characters"`
	Phone        string         `json:"deliveryPhoneNumber,omitempty" doc:"telephone, digits and hyphens, up to 16 characters"`
	Mail         string         `json:"notificationMailAddress" doc:"mail address for the notice of opening, half-width, up to 255 characters"`
	Password     carrier.Secret `json:"notificationPassword" doc:"password for the notice of opening, half-width, up to 255 characters"`
}

// widths are the lengths in which sheets 12 and 14 differ.
type widths struct{ building, company, department int }

func (d *Delivery) check(c *check, most widths) {
	c.text("deliveryPostalCode", d.PostalNumber, mandatory, half, 9)
	c.text("deliveryPref", d.Prefecture, mandatory, wide, 4)
	c.text("deliveryCity", d.City, mandatory, wide, 24)
	c.text("deliveryAddress1", d.Address1, mandatory, wide, 36)
	c.text("deliveryAddress2", d.Address2, optional, wide, 24)
	c.text("deliveryAddress3", d.Address3, optional, wide, 40)
	c.text("deliveryBuildingName", d.Building, optional, wide, most.building)
	c.text("deliveryCompanyName", d.Company, mandatory, wide, most.company)
	c.text("deliveryDeptName", d.Department, optional, wide, most.department)
	c.text("deliveryPersonName", d.Person, optional, wide, 40)
	c.text("deliveryPhoneNumber", d.Phone, optional, half, 16)
	c.text("notificationMailAddress", d.Mail, mandatory, half, 255)
	c.text("notificationPassword", string(d.Password), mandatory, half, 255)
}

// delivered is the body of calls 12 and 14, in the order of their examples.
type delivered[T any] struct {
	RequestDate Day `json:"requestDate"`
	Delivery
	Agreement Agreement `json:"agreement"`
	Lines     []T       `json:"linesList"`
}

// AddLineRequest orders a new line: call 12 (UNO Mobile API v2.1, §12).
type AddLineRequest struct {
	ContractID  string `json:"contractId" doc:"contract, 10 characters: N and nine digits"`
	RequestDate Day    `json:"requestDate" doc:"first day of use, YYYYMMDD, until the last of next month"`
	Delivery
	Agreement Agreement `json:"agreement" doc:"yes: the carrier's terms are accepted"`
	Lines     []NewLine `json:"linesList" doc:"the line; one, as the current version asks for"`
}

// NewLine is one line that call 12 orders.
type NewLine struct {
	Number      Number         `json:"number" doc:"number of the order within the request, 1 to 999; its place where not given"`
	PlanCode    string         `json:"planCode" doc:"plan, up to 1,324 characters, from call 06: T3001326"`
	DeviceCode  string         `json:"deviceCode" doc:"device or SIM, up to 1,024 characters, from call 06: T2000537"`
	RoamingCode RoamingCode    `json:"roamingCode,omitempty" doc:"limit of roaming charges, from call 06: T6000036; none where not given"`
	ACTAddress  string         `json:"actIpAddress" doc:"IPv4 address in the country, active"`
	SBYAddress  string         `json:"sbyIpAddress,omitempty" doc:"IPv4 address in the country, standby"`
	RoamAddress string         `json:"roamingIpAddress,omitempty" doc:"IPv4 address abroad"`
	AuthID      string         `json:"authenticationId,omitempty" doc:"authentication ID, 3 to 15 of A-Z a-z 0-9 -._+=; this, the password, or both"`
	Password    carrier.Secret `json:"authenticationPassword,omitempty" doc:"password, 2 to 15 of A-Z a-z 0-9 !$()-/;<?[]^{}%"`
	Access      AccessCode     `json:"accessCode" doc:"radio access: 1 3G, 2 LTE"`
}

// Validate checks all fields. More than one line is refused: the sheet asks for one at a time in this version.
func (r AddLineRequest) Validate(now time.Time) error {
	c := newCheck()
	c.contract(r.ContractID)
	c.day("requestDate", r.RequestDate, now)
	r.Delivery.check(&c, widths{building: 40, company: 16, department: 10})
	c.agreement(r.Agreement)
	c.orders(len(r.Lines), 1)
	numbers := make([]Number, len(r.Lines))
	for i, line := range r.Lines {
		numbers[i] = line.Number
		line.check(&c, fmt.Sprintf("linesList[%d].", i))
	}
	c.numbers(numbers)
	return c.Err()
}

// Symbols that call 12 allows beside letters and digits.
const (
	authIDSymbols   = "-._+="
	passwordSymbols = "!$()-/;<?[]^{}%"
)

func (l *NewLine) check(c *check, at string) {
	c.text(at+"planCode", l.PlanCode, mandatory, mixed, 1324)
	c.text(at+"deviceCode", l.DeviceCode, mandatory, mixed, 1024)
	c.roaming(at+"roamingCode", l.RoamingCode)
	c.ipv4(at+"actIpAddress", l.ACTAddress, mandatory)
	c.ipv4(at+"sbyIpAddress", l.SBYAddress, optional)
	c.ipv4(at+"roamingIpAddress", l.RoamAddress, optional)
	if l.AuthID == "" && l.Password == "" {
		c.Add(at+"authenticationId", "missing, and authenticationPassword too: one of them at least")
	}
	c.credential(at+"authenticationId", l.AuthID, 3, 15, authIDSymbols)
	c.credential(at+"authenticationPassword", string(l.Password), 2, 15, passwordSymbols)
	c.code(at+"accessCode", string(l.Access), l.Access.Known(), "1 (3G) or 2 (LTE)")
}

// credential checks a field of letters, digits and a few symbols, unless it is empty.
func (c *check) credential(field, value string, least, most int, symbols string) {
	c.Text(field, value, least, most, lenient.Only(func(r rune) bool {
		return r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z' || strings.ContainsRune(symbols, r)
	}, "must be letters, digits and "+symbols))
}

// Spec is POST …/lines.
func (r AddLineRequest) Spec() carrier.RequestSpec {
	lines := make([]NewLine, len(r.Lines))
	for i, line := range r.Lines {
		line.Number = line.Number.at(i)
		lines[i] = line
	}
	return send(http.MethodPost, below(r.ContractID, "lines"),
		delivered[NewLine]{r.RequestDate, r.Delivery, r.Agreement, lines})
}

// BuyDevicesRequest orders devices: call 14 (UNO Mobile API v2.1, §14).
type BuyDevicesRequest struct {
	ContractID  string `json:"contractId" doc:"contract, 10 characters: N and nine digits"`
	RequestDate Day    `json:"requestDate" doc:"first day of use, YYYYMMDD, until the last of next month"`
	Delivery
	Agreement Agreement   `json:"agreement" doc:"yes: the carrier's terms are accepted"`
	Lines     []NewDevice `json:"linesList" doc:"the devices, at most 254"`
}

// NewDevice is one device that call 14 orders.
type NewDevice struct {
	Number     Number `json:"number" doc:"number of the order within the request, 1 to 999; its place where not given"`
	DeviceCode string `json:"deviceCode" doc:"device, up to 1,024 characters, from call 06: T2000556"`
}

// Validate checks all fields.
func (r BuyDevicesRequest) Validate(now time.Time) error {
	c := newCheck()
	c.contract(r.ContractID)
	c.day("requestDate", r.RequestDate, now)
	r.Delivery.check(&c, widths{building: 16, company: 10, department: 6})
	c.agreement(r.Agreement)
	c.orders(len(r.Lines), MaxOrders)
	numbers := make([]Number, len(r.Lines))
	for i, device := range r.Lines {
		numbers[i] = device.Number
		c.text(fmt.Sprintf("linesList[%d].deviceCode", i), device.DeviceCode, mandatory, mixed, 1024)
	}
	c.numbers(numbers)
	return c.Err()
}

// Spec is POST …/devices.
func (r BuyDevicesRequest) Spec() carrier.RequestSpec {
	devices := make([]NewDevice, len(r.Lines))
	for i, device := range r.Lines {
		device.Number = device.Number.at(i)
		devices[i] = device
	}
	return send(http.MethodPost, below(r.ContractID, "devices"),
		delivered[NewDevice]{r.RequestDate, r.Delivery, r.Agreement, devices})
}
