package unom

import "errors"

// Contract is an answer of call 01. Texts that were not told are "".
type Contract struct {
	ContractID                                                      string // N123456789
	DomainName                                                      string
	CustomerName, CustomerNameKana                                  string
	PostalNumber, Address, AddressLine1, AddressLine2, AddressLine3 string
	BuildingName1, BuildingName2, BuildingName3                     string
	Samakata                                                        string // in whose care
	TechPersonName, TechPhoneNumber, TechFaxNumber, TechMailAddress string
	ContactDeptName, ContactPersonName                              string
	ContactPhoneNumber, ContactMailAddress                          string
	BillingPostalNumber, BillingAddress, BillingNameKana            string
	BillingPersonName, BillingPhoneNumber                           string
}

func decodeContract(a *answer) (Contract, error) {
	c := Contract{ContractID: a.contractID}
	told := false
	var buffer [maxKey]byte
	m := document(a.body)
	for m.next() {
		key := fold(m.key, &buffer)
		if string(key) == "contractid" {
			if err := a.sameContract(m.value); err != nil {
				return Contract{}, err
			}
			continue
		}
		if into := c.text(key); into != nil {
			told = true
			if text := m.value.text(); len(text) > 0 {
				*into = string(text)
			}
		}
	}
	if m.err != nil {
		return Contract{}, m.err
	}
	if !told {
		return Contract{}, errors.New("not a single field of a contract")
	}
	return c, nil
}

// text is the field of a folded key, nil where there is none.
func (c *Contract) text(key []byte) *string {
	switch string(key) {
	case "domainname", "domeinname":
		return &c.DomainName
	case "contractcustomername":
		return &c.CustomerName
	case "contractcustomernamekana":
		return &c.CustomerNameKana
	case "contractpostalnumber":
		return &c.PostalNumber
	case "contractaddress":
		return &c.Address
	case "contractaddressline1":
		return &c.AddressLine1
	case "contractaddressline2":
		return &c.AddressLine2
	case "contractaddressline3":
		return &c.AddressLine3
	case "contractbuildingname1":
		return &c.BuildingName1
	case "contractbuildingname2":
		return &c.BuildingName2
	case "contractbuildingname3":
		return &c.BuildingName3
	case "contractsamakata":
		return &c.Samakata
	case "techpersonname":
		return &c.TechPersonName
	case "techphonenumber":
		return &c.TechPhoneNumber
	case "techfaxnumber":
		return &c.TechFaxNumber
	case "techmailaddress":
		return &c.TechMailAddress
	}
	return c.office(key)
}

// office is text for the second half of the fields: the people in charge of contract and bill.
func (c *Contract) office(key []byte) *string {
	switch string(key) {
	case "contactdeptname":
		return &c.ContactDeptName
	case "contactpersonname":
		return &c.ContactPersonName
	case "contactphonenumber":
		return &c.ContactPhoneNumber
	case "contactmailaddress":
		return &c.ContactMailAddress
	case "billingpostalnumber":
		return &c.BillingPostalNumber
	case "billingaddress":
		return &c.BillingAddress
	case "billingnamekana":
		return &c.BillingNameKana
	case "billingpersonname":
		return &c.BillingPersonName
	case "billingphonenumber":
		return &c.BillingPhoneNumber
	}
	return nil
}
