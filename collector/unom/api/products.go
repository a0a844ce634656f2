package api

import "errors"

// Product is something that the contract can order: a row of call 06 (UNO Mobile API v2.1 §06). Texts that were not told are "".
type Product struct {
	ProductCode string     `json:"productCode"`    // 料金コード: productCode, up to 8 characters, T3001323: planCode of calls 12 and 15
	ProductName string     `json:"productName"`    // 料金コース名: productName, up to 1,024 characters
	CourseType  CourseType `json:"courseType"`     // 料金コースタイプ: courseType, 2 characters
	Devices     []Device   `json:"deviceInfoList"` // 提供商品リスト: deviceInfoList
	Options     []Option   `json:"optionInfoList"` // オプション情報リスト: optionInfoList
}

// Device is a device or a SIM that a product comes with.
type Device struct {
	DeviceCode      string      `json:"deviceCode"`      // 通信機器機種名コード: deviceCode, up to 8 characters, T2000554
	DeviceName      string      `json:"deviceName"`      // 通信機器機種名: deviceName, up to 1,024 characters
	DeviceType      DeviceType  `json:"deviceType"`      // 提供商品識別: deviceType, 1 digit
	SIMTypeCode     SIMTypeCode `json:"simTypeCode"`     // SIMタイプコード: simTypeCode, 1 digit
	SIMTypeName     string      `json:"simTypeName"`     // SIMタイプ名: simTypeName, up to 20 characters, 標準SIM
	DeviceShortName string      `json:"deviceShortName"` // 通信機器機種名(表示用): deviceShortName, up to 100 characters
	AccessType      AccessCode  `json:"accessType"`      // アクセス方式: accessType, 1 digit
}

// Option is an option that a product can have.
type Option struct {
	OptionCode RoamingCode `json:"optionCode"` // オプションコード: optionCode, up to 8 characters, T6000036
	OptionName string      `json:"optionName"` // オプション名: optionName, up to 1,024 characters
	AccessType AccessCode  `json:"accessType"` // アクセス方式: accessType, 1 digit
}

func decodeProducts(a *answer) ([]Product, error) {
	return listOf(a, "productInfoList", "productList", readProduct)
}

func readProduct(a *answer, v value) (Product, error) {
	var p Product
	var buffer [maxKey]byte
	m := v.object()
	for m.next() {
		var err error
		switch string(fold(m.key, &buffer)) {
		case "productcode":
			p.ProductCode = string(m.value.text())
		case "productname":
			p.ProductName = string(m.value.text())
		case "coursetype":
			p.CourseType = told[CourseType](a, "courseType", m.value, 2, optional)
		case "deviceinfolist":
			if !m.value.null() {
				p.Devices, err = readRows(a, "deviceInfoList", m.value, readDevice)
			}
		case "optioninfolist":
			if !m.value.null() {
				p.Options, err = readRows(a, "optionInfoList", m.value, readOption)
			}
		}
		if err != nil {
			return Product{}, err
		}
	}
	if m.err == nil && p.ProductCode == "" && p.ProductName == "" {
		return Product{}, errors.New("neither productCode nor productName is told")
	}
	return p, m.err
}

func readDevice(a *answer, v value) (Device, error) {
	var d Device
	var buffer [maxKey]byte
	m := v.object()
	for m.next() {
		switch string(fold(m.key, &buffer)) {
		case "devicecode":
			d.DeviceCode = string(m.value.text())
		case "devicename":
			d.DeviceName = string(m.value.text())
		case "devicetype":
			d.DeviceType = told[DeviceType](a, "deviceType", m.value, 1, optional)
		case "simtypecode":
			d.SIMTypeCode = told[SIMTypeCode](a, "simTypeCode", m.value, 1, optional)
		case "simtypename":
			d.SIMTypeName = string(m.value.text())
		case "deviceshortname":
			d.DeviceShortName = string(m.value.text())
		case "accesstype", "accesscode":
			d.AccessType = told[AccessCode](a, "accessType", m.value, 1, optional)
		}
	}
	return d, m.err
}

func readOption(a *answer, v value) (Option, error) {
	var p Option
	var buffer [maxKey]byte
	m := v.object()
	for m.next() {
		switch string(fold(m.key, &buffer)) {
		case "optioncode":
			p.OptionCode = RoamingCode(m.value.text())
		case "optionname":
			p.OptionName = string(m.value.text())
		case "accesstype", "accesscode":
			p.AccessType = told[AccessCode](a, "accessType", m.value, 1, optional)
		}
	}
	return p, m.err
}
