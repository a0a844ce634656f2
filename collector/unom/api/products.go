package api

import (
	"errors"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
)

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
	return listOf[Product](d, of, body, "productInfoList", "productList")
}
