package api

import "encoding/json"

// Agreement is the consent to the carrier's terms (約款) that every change wants.
type Agreement string

const (
	Agreed    Agreement = "yes" // the terms are accepted
	NotAgreed Agreement = "no"  // the carrier stops there: kaisen does not send it
)

// OrderStatus is how far an order has come (UNO Mobile API v2.1, §07, §08, §11, §30: orderStatus, X, 2 characters). The taking of
// an order runs through 01..05, what was taken through 10..60.
type OrderStatus string

const (
	OrderWaiting     OrderStatus = "01" // 処理待ち: waiting
	OrderProcessing  OrderStatus = "02" // 処理中: being processed
	OrderProcessed   OrderStatus = "03" // 処理済み（OK）: processed and taken
	OrderRejected    OrderStatus = "04" // 処理済み（業務NG）: logically wrong and turned down; to be corrected and ordered anew, not cancelled
	OrderSystemError OrderStatus = "05" // 処理済み（システムエラー）: ended by an error of the carrier's systems
	OrderRegistered  OrderStatus = "10" // オーダー登録: registered
	OrderCancelled   OrderStatus = "11" // オーダー取消: cancelled
	OrderConfirmed   OrderStatus = "15" // オーダー確定: confirmed
	OrderUnderway    OrderStatus = "16" // 処理中: being carried out
	OrderInProgress  OrderStatus = "30" // 処理中: being carried out
	OrderCompleted   OrderStatus = "60" // 完了: completed
)

// Meaning is the status in words, "" for one that the document does not list.
func (s OrderStatus) Meaning() string {
	switch s {
	case OrderWaiting:
		return "waiting"
	case OrderProcessing:
		return "processing"
	case OrderProcessed:
		return "processed"
	case OrderRejected:
		return "rejected"
	case OrderSystemError:
		return "system error"
	case OrderRegistered:
		return "registered"
	case OrderCancelled:
		return "cancelled"
	case OrderConfirmed:
		return "confirmed"
	case OrderUnderway, OrderInProgress:
		return "under way"
	case OrderCompleted:
		return "completed"
	}
	return ""
}

// Ended reports whether nothing more will happen to the order by itself.
func (s OrderStatus) Ended() bool {
	switch s {
	case OrderProcessed, OrderRejected, OrderSystemError, OrderCancelled, OrderCompleted:
		return true
	}
	return false
}

// Result is how the carrier took a change (resultCode, 4 characters). That a change was taken does not mean that it
// is done: call 11, 30, 10 or 26 shows what became of it.
type Result string

const (
	ResultOK      Result = "0001" // OK: taken
	ResultNG      Result = "0002" // NG: not taken
	ResultNothing Result = "0003" // NG（対象データ無し）: nothing there to change (calls 22, 23, 28, 29)
)

// Known reports whether the document lists the code.
func (r Result) Known() bool { return r == ResultOK || r == ResultNG || r == ResultNothing }

// AccessCode is the radio access (アクセス方式: accessCode, announced to become accessType; call 06 has accessType).
type AccessCode string

const (
	Access3G  AccessCode = "1" // 3G
	AccessLTE AccessCode = "2" // LTE
)

// Known reports whether the document lists the code.
func (a AccessCode) Known() bool { return a == Access3G || a == AccessLTE }

// IMEIOption is what RADIUS checks (IMEI認証有無: imeiOption, UNO Mobile API v2.1, §02, §18).
type IMEIOption string

const (
	IMEIUnchecked IMEIOption = "1" // ID認証: the ID alone
	IMEIChecked   IMEIOption = "2" // ID+IMEI認証: the ID and the device's IMEI
)

// Known reports whether the document lists the code.
func (o IMEIOption) Known() bool { return o == IMEIUnchecked || o == IMEIChecked }

// CourseType is the kind of a plan (料金コースタイプ: courseType, UNO Mobile API v2.1, §06, X, 2 characters).
type CourseType string

const (
	CourseZero       CourseType = "01" // ゼロコース: changed to on any day until the end of next month (§15)
	CourseBasic      CourseType = "02" // 基本コース
	CourseTraffic    CourseType = "03" // 通信ありコース: with traffic
	CourseIndividual CourseType = "04" // 個別料金コース: at an individual price
	CourseSpare      CourseType = "99" // 予備機プラン: for spare devices
)

// Known reports whether the document lists the code.
func (c CourseType) Known() bool {
	return c == CourseZero || c == CourseBasic || c == CourseTraffic || c == CourseIndividual || c == CourseSpare
}

// DeviceType is what a product consists of (提供商品識別: deviceType, UNO Mobile API v2.1, §06, 9, 1 digit).
type DeviceType string

const (
	DeviceSIMOnly DeviceType = "1" // SIMのみ
	DeviceOnly    DeviceType = "2" // 端末のみ
	DeviceAndSIM  DeviceType = "3" // SIM+端末
)

// Known reports whether the document lists the code.
func (d DeviceType) Known() bool { return d == DeviceSIMOnly || d == DeviceOnly || d == DeviceAndSIM }

// SIMTypeCode is the size of a SIM (SIMタイプコード: simTypeCode, UNO Mobile API v2.1, §06, 9, 1 digit). Call 02 has it by name.
type SIMTypeCode string

const (
	SIMStandard SIMTypeCode = "1" // 標準SIM
	SIMMicro    SIMTypeCode = "2" // microSIM
	SIMNano     SIMTypeCode = "3" // nanoSIM
)

// Known reports whether the document lists the code.
func (s SIMTypeCode) Known() bool { return s == SIMStandard || s == SIMMicro || s == SIMNano }

// Authentication types of a line (UNO Mobile API v2.1, §02: authenticationType), as the carrier spells them. Call 26 knows
// the first kind alone.
const (
	AuthByCom      = "NTTコム"
	AuthByCustomer = "お客様Radius"
	AuthByMCOP     = "MCOPオプション"
)

// OptionDataVolume is the code that stands in a line's option list once for each volume that was added (call 24;
// UNO Mobile API v2.1, §02: optionCodeList).
const OptionDataVolume = "T6000084"

// RoamingCode is the option of international roaming (docomo) by its limit of charges (UNO Mobile API v2.1, §02, §06, §12, §20).
// Call 06 lists those that a contract may have.
type RoamingCode string

const (
	RoamingNone       RoamingCode = "none"     // 空値: none; sent as "", which is not to be confused with a code that was left out
	Roaming1000000Yen RoamingCode = "T6000036" // 100万円
	Roaming100000Yen  RoamingCode = "T6000037" // 10万円
	Roaming200000Yen  RoamingCode = "T6000038" // 20万円
	Roaming300000Yen  RoamingCode = "T6000039" // 30万円
	Roaming400000Yen  RoamingCode = "T6000040" // 40万円
	Roaming500000Yen  RoamingCode = "T6000041" // 50万円
	Roaming50000Yen   RoamingCode = "T6000042" // 5万円
	Roaming600000Yen  RoamingCode = "T6000043" // 60万円
	Roaming700000Yen  RoamingCode = "T6000044" // 70万円
	Roaming800000Yen  RoamingCode = "T6000045" // 80万円
	Roaming900000Yen  RoamingCode = "T6000046" // 90万円
	RoamingUnlimited  RoamingCode = "T6000047" // 制限なし: without limit
)

// MarshalJSON writes RoamingNone as the document does.
func (c RoamingCode) MarshalJSON() ([]byte, error) {
	if c == RoamingNone {
		c = ""
	}
	return json.Marshal(string(c))
}

// UnmarshalJSON takes the document's "" for RoamingNone; null is no code at all.
func (c *RoamingCode) UnmarshalJSON(text []byte) error {
	var code *string
	if err := json.Unmarshal(text, &code); err != nil || code == nil {
		return err
	}
	if *c = RoamingCode(*code); *code == "" {
		*c = RoamingNone
	}
	return nil
}

// LimitYen is the limit of charges in yen, 0 where there is none. It is false for a code that the document does not
// list, RoamingNone among them.
func (c RoamingCode) LimitYen() (yen int, known bool) {
	switch c {
	case Roaming1000000Yen:
		return 1_000_000, true
	case Roaming100000Yen:
		return 100_000, true
	case Roaming200000Yen:
		return 200_000, true
	case Roaming300000Yen:
		return 300_000, true
	case Roaming400000Yen:
		return 400_000, true
	case Roaming500000Yen:
		return 500_000, true
	case Roaming50000Yen:
		return 50_000, true
	case Roaming600000Yen:
		return 600_000, true
	case Roaming700000Yen:
		return 700_000, true
	case Roaming800000Yen:
		return 800_000, true
	case Roaming900000Yen:
		return 900_000, true
	case RoamingUnlimited:
		return 0, true
	}
	return 0, false
}
