package api

import "kaisen/collector/carrier"

// MaxOrders is how many orders one request may hold (row ⑨ of the table of errors).
const MaxOrders = 254

// Delivery is where the things that calls 12 and 14 order are sent, and who is told of it (UNO Mobile API v2.1 §12, §14). Building,
// company and department have the lengths of the newest note (v2.1, 2017-10-25: 16, 10, 6). Sheet 14 has them so;
// sheet 12 has them one row too low, and both print examples that are longer. The courier may shorten further.
type Delivery struct {
	PostalNumber string         `json:"deliveryPostalCode" doc:"postal number, up to 9 characters: 1008019"`
	Prefecture   string         `json:"deliveryPref" doc:"prefecture, full-width, up to 4 characters"`
	City         string         `json:"deliveryCity" doc:"city, full-width, up to 24 characters"`
	Address1     string         `json:"deliveryAddress1" doc:"town (大字通称), full-width, up to 36 characters; a full-width hyphen where there is none"`
	Address2     string         `json:"deliveryAddress2,omitempty" doc:"chome (字丁目), full-width, up to 24 characters"`
	Address3     string         `json:"deliveryAddress3,omitempty" doc:"block (番地), full-width, up to 40 characters"`
	Building     string         `json:"deliveryBuildingName,omitempty" doc:"building, full-width, up to 16 characters"`
	Company      string         `json:"deliveryCompanyName" doc:"company, full-width, up to 10 characters"`
	Department   string         `json:"deliveryDeptName,omitempty" doc:"department, full-width, up to 6 characters"`
	Person       string         `json:"deliveryPersonName,omitempty" doc:"person, full-width, up to 40 characters"`
	Phone        string         `json:"deliveryPhoneNumber,omitempty" doc:"telephone, digits and hyphens, up to 16 characters"`
	Mail         string         `json:"notificationMailAddress" doc:"mail address for the notice of opening, half-width, up to 255 characters"`
	Password     carrier.Secret `json:"notificationPassword" doc:"password for the notice of opening, half-width, up to 255 characters"`
}

func (d *Delivery) check(c *check) {
	c.text("deliveryPostalCode", d.PostalNumber, mandatory, half, 9)
	c.text("deliveryPref", d.Prefecture, mandatory, wide, 4)
	c.text("deliveryCity", d.City, mandatory, wide, 24)
	c.text("deliveryAddress1", d.Address1, mandatory, wide, 36)
	c.text("deliveryAddress2", d.Address2, optional, wide, 24)
	c.text("deliveryAddress3", d.Address3, optional, wide, 40)
	c.text("deliveryBuildingName", d.Building, optional, wide, 16)
	c.text("deliveryCompanyName", d.Company, mandatory, wide, 10)
	c.text("deliveryDeptName", d.Department, optional, wide, 6)
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
