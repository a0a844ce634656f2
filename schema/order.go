package schema

import "time"

// Contract is a contract's particulars (UNO Mobile API v2.1 call 01), the latest known. They name people: personal data, which
// belongs in the database and in no log, error or metric. Texts that the answer lacks are "".
type Contract struct {
	Source              string    `column:"source"`
	ContractID          string    `column:"contract_id"`
	DomainName          string    `column:"domain_name"`           // domainName (domeinName): the name the service was applied for by
	CustomerName        string    `column:"customer_name"`         // contractCustomerName
	CustomerNameKana    string    `column:"customer_name_kana"`    // contractCustomerNameKana
	PostalNumber        string    `column:"postal_number"`         // contractPostalNumber
	Address             string    `column:"address"`               // contractAddress
	AddressLine1        string    `column:"address_line1"`         // contractAddressLine1
	AddressLine2        string    `column:"address_line2"`         // contractAddressLine2
	AddressLine3        string    `column:"address_line3"`         // contractAddressLine3
	BuildingName1       string    `column:"building_name1"`        // contractBuildingName1
	BuildingName2       string    `column:"building_name2"`        // contractBuildingName2
	BuildingName3       string    `column:"building_name3"`        // contractBuildingName3
	Samakata            string    `column:"samakata"`              // contractSamakata: in whose care
	TechPersonName      string    `column:"tech_person_name"`      // techPersonName
	TechPhoneNumber     string    `column:"tech_phone_number"`     // techPhoneNumber
	TechFaxNumber       string    `column:"tech_fax_number"`       // techFaxNumber
	TechMailAddress     string    `column:"tech_mail_address"`     // techMailAddress
	ContactDeptName     string    `column:"contact_dept_name"`     // contactDeptName
	ContactPersonName   string    `column:"contact_person_name"`   // contactPersonName
	ContactPhoneNumber  string    `column:"contact_phone_number"`  // contactPhoneNumber
	ContactMailAddress  string    `column:"contact_mail_address"`  // contactMailAddress
	BillingPostalNumber string    `column:"billing_postal_number"` // billingPostalNumber
	BillingAddress      string    `column:"billing_address"`       // billingAddress
	BillingNameKana     string    `column:"billing_name_kana"`     // billingNameKana
	BillingPersonName   string    `column:"billing_person_name"`   // billingPersonName
	BillingPhoneNumber  string    `column:"billing_phone_number"`  // billingPhoneNumber
	ObservedAt          time.Time `column:"observed_at"`
}

// Key is source and contract.
func (c Contract) Key() LineKey { return LineKey{Source: c.Source, ContractID: c.ContractID} }

// Product is something that a contract can order (UNO Mobile API v2.1 call 06), the latest known. The carrier may leave the code
// out, so that the name is part of what distinguishes products.
type Product struct {
	Source         string     `column:"source"`
	ContractID     string     `column:"contract_id"`
	ProductCode    string     `column:"product_code"`     // productCode: T3001323, the planCode of a line
	ProductName    string     `column:"product_name"`     // productName
	CourseTypeCode string     `column:"course_type_code"` // courseType, two digits; "" where it is missing
	CourseType     CourseType `column:"course_type"`      // what the code means
	Devices        []ProductDevice
	Options        []ProductOption
	Offered        bool      `column:"offered"` // false once it is no longer in the carrier's list
	ObservedAt     time.Time `column:"observed_at"`
}

// Key is source and contract.
func (p Product) Key() LineKey { return LineKey{Source: p.Source, ContractID: p.ContractID} }

// String names the product by its code.
func (p Product) String() string { return "product " + p.ProductCode }

// ProductDevice is a device or a SIM that a product comes with.
type ProductDevice struct {
	Code      string `column:"device_codes"`       // deviceCode: T2000554
	Name      string `column:"device_names"`       // deviceName
	ShortName string `column:"device_short_names"` // deviceShortName
	Type      string `column:"device_types"`       // deviceType: sim, device, device_and_sim, or the code where it is another
	SIMCode   string `column:"sim_type_codes"`     // simTypeCode: 1 standard, 2 micro, 3 nano
	SIMType   string `column:"sim_types"`          // simTypeName
	Access    string `column:"device_access"`      // accessType: 3g, lte, or the code where it is another
}

// ProductOption is an option that a product can have.
type ProductOption struct {
	Code   string `column:"option_codes"`  // optionCode: T6000036
	Name   string `column:"option_names"`  // optionName
	Access string `column:"option_access"` // accessType: as of a device
}

// CourseType is the kind of a plan (UNO Mobile API v2.1 call 06: courseType).
type CourseType string

const (
	CourseUnknown    CourseType = "unknown"    // any other code, or none
	CourseZero       CourseType = "zero"       // code 01, ゼロコース
	CourseBasic      CourseType = "basic"      // code 02, 基本コース
	CourseTraffic    CourseType = "traffic"    // code 03, 通信ありコース
	CourseIndividual CourseType = "individual" // code 04, 個別料金コース
	CourseSpare      CourseType = "spare"      // code 99, 予備機プラン
)

// Order is an order of a contract, or one item of it (UNO Mobile API v2.1 calls 07, 08, 11 and 30), the latest known.
type Order struct {
	Source      string            `column:"source"`
	ContractID  string            `column:"contract_id"`
	OrderID     string            `column:"order_id"` // orderId: AGU1712080057782
	Number      uint16            `column:"number"`   // 0: the order itself; else its item of that number, from call 11
	Applied     Opt[Date]         `column:"applied"`
	Requested   Opt[Date]         `column:"requested"`
	Scheduled   Opt[Date]         `column:"scheduled"`   // serviceDateStartScheduled: the day of opening, once it is known
	StatusCode  string            `column:"status_code"` // orderStatus, two digits
	Status      OrderStatus       `column:"status"`      // what the code means
	ErrorID     string            `column:"error_id"`    // messageId of checkErrorInfo; "" where nothing is wrong
	ErrorText   string            `column:"error_text"`  // its message, which the carrier leaves empty today
	Cancel      Opt[Cancellation] `column:"cancel_"`     // unknown until call 30 has an answer to it
	ToldBy      OrderCall         `column:"told_by"`     // the call that the status is from
	Gone        bool              `column:"gone"`        // the carrier no longer knows the order: 404 to calls 11 and 30, and in no list
	FirstSeen   time.Time         `column:"first_seen"`
	StatusSince time.Time         `column:"status_since"` // when the status was first seen; for an order met in it, its day of application
	ObservedAt  time.Time         `column:"observed_at"`
}

// Key is source and contract.
func (o Order) Key() LineKey { return LineKey{Source: o.Source, ContractID: o.ContractID} }

// Cancellation is an answer of call 30: how the cancelling of an order goes.
type Cancellation struct {
	OrderID            string      `column:"order_id"`    // orderId: of the cancellation
	StatusCode         string      `column:"status_code"` // orderStatus, two digits
	Status             OrderStatus `column:"status" absent:"none"`
	ErrorID            string      `column:"error_id"` // messageId of checkErrorInfo: what is wrong with the cancellation
	ErrorText          string      `column:"error_text"`
	ReferenceErrorID   string      `column:"reference_error_id"` // messageId of referenceErrorInfo: what is wrong with the question
	ReferenceErrorText string      `column:"reference_error_text"`
}

// OrderCall is the call that something about an order is from.
type OrderCall string

const (
	ToldByOrders          OrderCall = "orders"           // call 07: taken and not complete
	ToldByCompletedOrders OrderCall = "completed_orders" // call 08
	ToldByOrder           OrderCall = "order"            // call 11
	ToldByCancellation    OrderCall = "cancellation"     // call 30
)

// OrderStatus is how far an order has come (UNO Mobile API v2.1 calls 07, 08, 11 and 30: orderStatus).
type OrderStatus string

const (
	OrderUnknown     OrderStatus = "unknown"      // any other code: kept in StatusCode, and the answer is a dead letter
	OrderWaiting     OrderStatus = "waiting"      // 01 処理待ち
	OrderProcessing  OrderStatus = "processing"   // 02 処理中
	OrderProcessed   OrderStatus = "processed"    // 03 処理済み（OK）
	OrderRejected    OrderStatus = "rejected"     // 04 処理済み（業務NG）: to be corrected and ordered anew
	OrderSystemError OrderStatus = "system_error" // 05 処理済み（システムエラー）
	OrderRegistered  OrderStatus = "registered"   // 10 オーダー登録
	OrderCancelled   OrderStatus = "cancelled"    // 11 オーダー取消
	OrderConfirmed   OrderStatus = "confirmed"    // 15 オーダー確定
	OrderUnderWay    OrderStatus = "under_way"    // 16 and 30 処理中
	OrderCompleted   OrderStatus = "completed"    // 60 完了
)

// OrderStatuses lists every value, in the order of the codes.
func OrderStatuses() []OrderStatus {
	return []OrderStatus{
		OrderUnknown, OrderWaiting, OrderProcessing, OrderProcessed, OrderRejected, OrderSystemError,
		OrderRegistered, OrderCancelled, OrderConfirmed, OrderUnderWay, OrderCompleted,
	}
}

// Final reports whether nothing more happens to an order of the status by itself. An unknown status is not final.
func (s OrderStatus) Final() bool {
	switch s {
	case OrderProcessed, OrderRejected, OrderSystemError, OrderCancelled, OrderCompleted:
		return true
	}
	return false
}
