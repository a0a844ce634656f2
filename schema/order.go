package schema

import "time"

// Contract is a contract's particulars (UNO Mobile API v2.1 call 01), the latest known. They name people: personal data, which
// belongs in the database and in no log, error or metric. Texts that were not told are "".
type Contract struct {
	Source              string
	ContractID          string
	DomainName          string // domainName (domeinName): the name the service was applied for by
	CustomerName        string // contractCustomerName
	CustomerNameKana    string // contractCustomerNameKana
	PostalNumber        string // contractPostalNumber
	Address             string // contractAddress
	AddressLine1        string // contractAddressLine1
	AddressLine2        string // contractAddressLine2
	AddressLine3        string // contractAddressLine3
	BuildingName1       string // contractBuildingName1
	BuildingName2       string // contractBuildingName2
	BuildingName3       string // contractBuildingName3
	Samakata            string // contractSamakata: in whose care
	TechPersonName      string // techPersonName
	TechPhoneNumber     string // techPhoneNumber
	TechFaxNumber       string // techFaxNumber
	TechMailAddress     string // techMailAddress
	ContactDeptName     string // contactDeptName
	ContactPersonName   string // contactPersonName
	ContactPhoneNumber  string // contactPhoneNumber
	ContactMailAddress  string // contactMailAddress
	BillingPostalNumber string // billingPostalNumber
	BillingAddress      string // billingAddress
	BillingNameKana     string // billingNameKana
	BillingPersonName   string // billingPersonName
	BillingPhoneNumber  string // billingPhoneNumber
	ObservedAt          time.Time
}

// Key is source and contract.
func (c Contract) Key() LineKey { return LineKey{Source: c.Source, ContractID: c.ContractID} }

// Product is something that a contract can order (UNO Mobile API v2.1 call 06), the latest known. The carrier may leave the code
// out, so that the name is part of what tells products apart.
type Product struct {
	Source         string
	ContractID     string
	ProductCode    string     // productCode: T3001323, the planCode of a line
	ProductName    string     // productName
	CourseTypeCode string     // courseType, two digits; "" where it is not told
	CourseType     CourseType // what the code means
	Devices        []ProductDevice
	Options        []ProductOption
	Offered        bool // false once it is no longer in the carrier's list
	ObservedAt     time.Time
}

// Key is source and contract.
func (p Product) Key() LineKey { return LineKey{Source: p.Source, ContractID: p.ContractID} }

// ProductDevice is a device or a SIM that a product comes with.
type ProductDevice struct {
	Code      string // deviceCode: T2000554
	Name      string // deviceName
	ShortName string // deviceShortName
	Type      string // deviceType: sim, device, device_and_sim, or the code where it is another
	SIMCode   string // simTypeCode: 1 standard, 2 micro, 3 nano
	SIMType   string // simTypeName
	Access    string // accessType: 3g, lte, or the code where it is another
}

// ProductOption is an option that a product can have.
type ProductOption struct {
	Code   string // optionCode: T6000036
	Name   string // optionName
	Access string // accessType: as of a device
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
	Source      string
	ContractID  string
	OrderID     string // orderId: AGU1712080057782
	Number      uint16 // 0: the order itself; else its item of that number, which call 11 tells
	Applied     Opt[Date]
	Requested   Opt[Date]
	Scheduled   Opt[Date]         // serviceDateStartScheduled: the day of opening, once it is known
	StatusCode  string            // orderStatus, two digits
	Status      OrderStatus       // what the code means
	ErrorID     string            // messageId of checkErrorInfo; "" where nothing is wrong
	ErrorText   string            // its message, which the carrier leaves empty today
	Cancel      Opt[Cancellation] // unknown where call 30 has not told of one
	ToldBy      OrderCall         // the call that last told the status
	Gone        bool              // the carrier no longer knows the order: 404 to calls 11 and 30, and in no list
	FirstSeen   time.Time
	StatusSince time.Time // when the status was first seen; for an order met in it, its day of application
	ObservedAt  time.Time
}

// Key is source and contract.
func (o Order) Key() LineKey { return LineKey{Source: o.Source, ContractID: o.ContractID} }

// Cancellation is an answer of call 30: how the cancelling of an order goes.
type Cancellation struct {
	OrderID            string // orderId: of the cancellation
	StatusCode         string // orderStatus, two digits
	Status             OrderStatus
	ErrorID            string // messageId of checkErrorInfo: what is wrong with the cancellation
	ErrorText          string
	ReferenceErrorID   string // messageId of referenceErrorInfo: what is wrong with the question
	ReferenceErrorText string
}

// OrderCall is the call that told of an order.
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
