package api

import "errors"

// Contract is an answer of call 01 (UNO Mobile API v2.1 §01). Texts that were not told are "".
type Contract struct {
	ContractID          string `json:"contractId"`               // 契約番号（N番）, 10 characters, N123456789
	DomainName          string `json:"domainName"`               // ドメイン名: the name the service was applied for by, 3 to 23 characters; the example spells it domeinName
	CustomerName        string `json:"contractCustomerName"`     // ご契約者 お名前, up to 1,000 characters
	CustomerNameKana    string `json:"contractCustomerNameKana"` // ご契約者 フリガナ, up to 1,000 characters
	PostalNumber        string `json:"contractPostalNumber"`     // ご契約者 郵便番号, up to 9 characters
	Address             string `json:"contractAddress"`          // ご契約者 ご住所, up to 1,000 characters
	AddressLine1        string `json:"contractAddressLine1"`     // ご契約者 番地等１, up to 20 characters
	AddressLine2        string `json:"contractAddressLine2"`     // ご契約者 番地等２, up to 10 characters
	AddressLine3        string `json:"contractAddressLine3"`     // ご契約者 番地等３, up to 10 characters
	BuildingName1       string `json:"contractBuildingName1"`    // ご契約者 建物等１, up to 20 characters
	BuildingName2       string `json:"contractBuildingName2"`    // ご契約者 建物等２, up to 10 characters
	BuildingName3       string `json:"contractBuildingName3"`    // ご契約者 建物等３, up to 10 characters
	Samakata            string `json:"contractSamakata"`         // ご契約者 様方等: in whose care, up to 20 characters
	TechPersonName      string `json:"techPersonName"`           // 技術担当者 お名前, up to 40 characters
	TechPhoneNumber     string `json:"techPhoneNumber"`          // 技術担当者 電話番号, up to 16 characters
	TechFaxNumber       string `json:"techFaxNumber"`            // 技術担当者 FAX, up to 16 characters
	TechMailAddress     string `json:"techMailAddress"`          // 技術担当者 E-MAIL, up to 255 characters
	ContactDeptName     string `json:"contactDeptName"`          // 事務担当者 部署名, up to 1,000 characters
	ContactPersonName   string `json:"contactPersonName"`        // 事務担当者 ご担当者名, up to 1,000 characters
	ContactPhoneNumber  string `json:"contactPhoneNumber"`       // 事務担当者 電話番号, up to 1,000 characters
	ContactMailAddress  string `json:"contactMailAddress"`       // 事務担当者 E-mail, up to 1,000 characters
	BillingPostalNumber string `json:"billingPostalNumber"`      // 請求先 郵便番号, up to 9 characters
	BillingAddress      string `json:"billingAddress"`           // 請求先 ご住所, up to 1,000 characters
	BillingNameKana     string `json:"billingNameKana"`          // 請求先 フリガナ, up to 1,000 characters
	BillingPersonName   string `json:"billingPersonName"`        // 請求先 お名前, up to 20 characters
	BillingPhoneNumber  string `json:"billingPhoneNumber"`       // 請求先 電話番号, up to 16 characters
}

func decodeContract(a *answer) (Contract, error) {
	var c Contract
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
	c.ContractID = a.contractID
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
