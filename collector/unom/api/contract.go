package api

import (
	"errors"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
)

// Contract is an answer of call 01 (UNO Mobile API v2.1, §01). Texts that were not given are "".
type Contract struct {
	ContractID          string `json:"contractId" form:"same"`       // 契約番号（N番）, 10 characters, N123456789
	DomainName          string `json:"domainName" also:"domeinName"` // ドメイン名: the name the service was applied for by, 3 to 23 characters; the example spells it domeinName
	CustomerName        string `json:"contractCustomerName"`         // ご契約者 お名前, up to 1,000 characters
	CustomerNameKana    string `json:"contractCustomerNameKana"`     // ご契約者 フリガナ, up to 1,000 characters
	PostalNumber        string `json:"contractPostalNumber"`         // ご契約者 郵便番号, up to 9 characters
	Address             string `json:"contractAddress"`              // ご契約者 ご住所, up to 1,000 characters
	AddressLine1        string `json:"contractAddressLine1"`         // ご契約者 番地等１, up to 20 characters
	AddressLine2        string `json:"contractAddressLine2"`         // ご契約者 番地等２, up to 10 characters
	AddressLine3        string `json:"contractAddressLine3"`         // ご契約者 番地等３, up to 10 characters
	BuildingName1       string `json:"contractBuildingName1"`        // ご契約者 建物等１, up to 20 characters
	BuildingName2       string `json:"contractBuildingName2"`        // ご契約者 建物等２, up to 10 characters
	BuildingName3       string `json:"contractBuildingName3"`        // ご契約者 建物等３, up to 10 characters
	Samakata            string `json:"contractSamakata"`             // ご契約者 様方等: in whose care, up to 20 characters
	TechPersonName      string `json:"techPersonName"`               // 技術担当者 お名前, up to 40 characters
	TechPhoneNumber     string `json:"techPhoneNumber"`              // 技術担当者 電話番号, up to 16 characters
	TechFaxNumber       string `json:"techFaxNumber"`                // 技術担当者 FAX, up to 16 characters
	TechMailAddress     string `json:"techMailAddress"`              // 技術担当者 E-MAIL, up to 255 characters
	ContactDeptName     string `json:"contactDeptName"`              // 事務担当者 部署名, up to 1,000 characters
	ContactPersonName   string `json:"contactPersonName"`            // 事務担当者 ご担当者名, up to 1,000 characters
	ContactPhoneNumber  string `json:"contactPhoneNumber"`           // 事務担当者 電話番号, up to 1,000 characters
	ContactMailAddress  string `json:"contactMailAddress"`           // 事務担当者 E-mail, up to 1,000 characters
	BillingPostalNumber string `json:"billingPostalNumber"`          // 請求先 郵便番号, up to 9 characters
	BillingAddress      string `json:"billingAddress"`               // 請求先 ご住所, up to 1,000 characters
	BillingNameKana     string `json:"billingNameKana"`              // 請求先 フリガナ, up to 1,000 characters
	BillingPersonName   string `json:"billingPersonName"`            // 請求先 お名前, up to 20 characters
	BillingPhoneNumber  string `json:"billingPhoneNumber"`           // 請求先 電話番号, up to 16 characters
}

func decodeContract(d *lenient.Decoder, of *target, body []byte) (Contract, []carrier.Warning, error) {
	c := Contract{ContractID: of.contractID}
	warnings, err := lenient.Decode(d, body, &c)
	return c, warnings, err
}

// Complete checks that anything was given.
func (c *Contract) Complete(*lenient.Reader) error {
	if *c == (Contract{ContractID: c.ContractID}) {
		return errors.New("not a single field of a contract")
	}
	return nil
}

// Product is something that the contract can order: a row of call 06 (UNO Mobile API v2.1, §06). Texts that were not given are "".
type Product struct {
	ProductCode string     `json:"productCode"`          // 料金コード: productCode, up to 8 characters, T3001323: planCode of calls 12 and 15
	ProductName string     `json:"productName"`          // 料金コース名: productName, up to 1,024 characters
	CourseType  CourseType `json:"courseType" width:"2"` // 料金コースタイプ: courseType, 2 characters
	Devices     []Device   `json:"deviceInfoList"`       // 提供商品リスト: deviceInfoList
	Options     []Option   `json:"optionInfoList"`       // オプション情報リスト: optionInfoList
}

// Device is a device or a SIM that a product comes with.
type Device struct {
	DeviceCode      string      `json:"deviceCode"`                             // 通信機器機種名コード: deviceCode, up to 8 characters, T2000554
	DeviceName      string      `json:"deviceName"`                             // 通信機器機種名: deviceName, up to 1,024 characters
	DeviceType      DeviceType  `json:"deviceType" width:"1"`                   // 提供商品識別: deviceType, 1 digit
	SIMTypeCode     SIMTypeCode `json:"simTypeCode" width:"1"`                  // SIMタイプコード: simTypeCode, 1 digit
	SIMTypeName     string      `json:"simTypeName"`                            // SIMタイプ名: simTypeName, up to 20 characters, 標準SIM
	DeviceShortName string      `json:"deviceShortName"`                        // 通信機器機種名(表示用): deviceShortName, up to 100 characters
	AccessType      AccessCode  `json:"accessType" also:"accessCode" width:"1"` // アクセス方式: accessType, 1 digit
}

// Option is an option that a product can have.
type Option struct {
	OptionCode RoamingCode `json:"optionCode"`                             // オプションコード: optionCode, up to 8 characters, T6000036
	OptionName string      `json:"optionName"`                             // オプション名: optionName, up to 1,024 characters
	AccessType AccessCode  `json:"accessType" also:"accessCode" width:"1"` // アクセス方式: accessType, 1 digit
}

// Complete checks that the row says which product it is.
func (p *Product) Complete(*lenient.Reader) error {
	if p.ProductCode == "" && p.ProductName == "" {
		return errors.New("neither productCode nor productName is told")
	}
	return nil
}

func decodeProducts(d *lenient.Decoder, of *target, body []byte) ([]Product, []carrier.Warning, error) {
	return rowsOf[Product](d, of, body, "productInfoList", "productList")
}
