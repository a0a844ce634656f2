package api

import (
	"encoding/json"
	"slices"
)

// The codes are texts as the carrier writes them, without leading zeros; "" was not given. A code that is not listed
// here stays as it came, has no meaning, and comes with a warning.

// OrderType is what an order does (オーダー種別).
type OrderType string

const (
	OrderNew    OrderType = "1" // 新規: a site comes to be once the order is done
	OrderChange OrderType = "2" // 変更
	OrderCancel OrderType = "3" // 廃止: the site ends once the order is done
)

// Meaning is the code in words.
func (c OrderType) Meaning() string { return meaning(c, "1", "new", "2", "change", "3", "cancel") }

// ChangeType is what a change does with a product (変更種別).
type ChangeType string

const (
	ChangeAdd ChangeType = "1" // 追加
	ChangeEnd ChangeType = "3" // 廃止
)

// Meaning is the code in words.
func (c ChangeType) Meaning() string { return meaning(c, "1", "add", "3", "end") }

// OrderStatus is how far an order, or one product of it, has come (ステータス).
type OrderStatus string

const (
	OrderInProgress   OrderStatus = "1" // 進行中
	OrderDone         OrderStatus = "2" // 完了
	OrderFailed       OrderStatus = "3" // エラー
	OrderCancelled    OrderStatus = "4" // キャンセル済
	OrderPartlyFailed OrderStatus = "5" // 一部エラー; of orders only
)

// Meaning is the code in words.
func (c OrderStatus) Meaning() string {
	return meaning(c, "1", "in progress", "2", "done", "3", "error", "4", "cancelled", "5", "error in part")
}

// SiteStatus is whether a site is in use (ステータス).
type SiteStatus string

const (
	SiteInUse SiteStatus = "1" // 利用中
	SiteEnded SiteStatus = "2" // 廃止済み
)

// Meaning is the code in words.
func (c SiteStatus) Meaning() string { return meaning(c, "1", "in use", "2", "ended") }

// CustomerType is what kind of customer has the contract (契約者種別).
type CustomerType string

const (
	CustomerDirect     CustomerType = "1" // 直販顧客; none today
	CustomerWholesaler CustomerType = "2" // 卸事業者
)

// Meaning is the code in words.
func (c CustomerType) Meaning() string { return meaning(c, "1", "direct", "2", "wholesaler") }

// LineBundle is who provides the access line (回線手配).
type LineBundle string

const (
	LineUnbundled LineBundle = "1" // 回線アンバンドル: the customer does; the only one today
	LineBundled   LineBundle = "2" // 回線バンドル
)

// Meaning is the code in words.
func (c LineBundle) Meaning() string { return meaning(c, "1", "unbundled", "2", "bundled") }

// TerminalBundle is who provides the CPE (端末手配).
type TerminalBundle string

const (
	TerminalBundled   TerminalBundle = "1" // CPEバンドル: a product with its own CPE (専用CPE付き)
	TerminalUnbundled TerminalBundle = "2" // CPEアンバンドル: one with the partner's CPE (パートナーCPE)
	TerminalThird     TerminalBundle = "3" // in an example of GET /customerSites; not explained
)

// Meaning is the code in words.
func (c TerminalBundle) Meaning() string {
	return meaning(c, "1", "bundled", "2", "unbundled", "3", "undocumented 3")
}

// ProductType distinguishes main products from options (商品種別).
type ProductType string

const (
	ProductMain   ProductType = "1" // 主商品
	ProductOption ProductType = "2" // オプション: on-site maintenance
)

// Meaning is the code in words.
func (c ProductType) Meaning() string { return meaning(c, "1", "main", "2", "option") }

// Service is the service of a main product (サービス区分).
type Service string

const (
	ServiceIPoE    Service = "1" // IPoEインターネットサービス
	ServiceHousing Service = "2" // 共同住宅コース; not used today
)

// Meaning is the code in words.
func (c Service) Meaning() string {
	return meaning(c, "1", "IPoE internet", "2", "IPoE internet for housing")
}

// Course is the course of a main product (コース区分).
type Course string

const (
	CourseFixedIP   Course = "1" // 固定IPコース
	CourseDynamicIP Course = "2" // 動的IPコース
	CourseFixedIPMF Course = "3" // 固定IP(MF)コース
)

// Meaning is the code in words.
func (c Course) Meaning() string {
	return meaning(c, "1", "fixed IP", "2", "dynamic IP", "3", "fixed IP (MF)")
}

// Plan is the bandwidth of a main product (プラン区分).
type Plan string

const (
	PlanEntry    Plan = "1" // Eプラン
	PlanStandard Plan = "2" // Sプラン; of dynamic IP the only one, 標準プラン
	PlanPremium  Plan = "3" // Pプラン
)

// Meaning is the code in words.
func (c Plan) Meaning() string { return meaning(c, "1", "E", "2", "S", "3", "P") }

// AddressType is which addresses come with a main product (IPアドレス区分).
type AddressType string

const (
	AddressDynamic AddressType = "0" // of dynamic IP
	AddressIP1D    AddressType = "1" // IP1(D)タイプ
	AddressIP4     AddressType = "2" // IP4タイプ
	AddressIP1     AddressType = "5" // IP1タイプ
)

// Meaning is the code in words.
func (c AddressType) Meaning() string {
	return meaning(c, "0", "dynamic", "1", "IP1(D)", "2", "IP4", "5", "IP1")
}

// CPE is whose CPE a main product works with (CPE区分).
type CPE string

const (
	CPEDedicated CPE = "1" // 専用CPE付き: NTTPC sends one
	CPEPartner   CPE = "2" // パートナーCPE
	CPEPartner2  CPE = "3" // パートナーCPE(II型); not used today
)

// Meaning is the code in words.
func (c CPE) Meaning() string { return meaning(c, "1", "dedicated", "2", "partner", "3", "partner II") }

// DHCPUse is whether the CPE serves addresses (使用方法).
type DHCPUse string

const (
	DHCPNone   DHCPUse = "0" // なし
	DHCPServer DHCPUse = "1" // Server
)

// Meaning is the code in words.
func (c DHCPUse) Meaning() string { return meaning(c, "0", "none", "1", "server") }

// MarshalJSON writes a number: so do all examples of the document, though its table says string.
func (c DHCPUse) MarshalJSON() ([]byte, error) {
	if c.Meaning() == "" { // refused by every check; no JSON otherwise
		return json.Marshal(string(c))
	}
	return []byte(c), nil
}

// Overwrite is overwriteCheckFlag (上書きフラグ).
type Overwrite string

const (
	OverwriteNo  Overwrite = "0" // なし
	OverwriteYes Overwrite = "1" // あり
)

// Meaning is the code in words.
func (c Overwrite) Meaning() string { return meaning(c, "0", "no", "1", "yes") }

// meaning finds a code in pairs of codes and words.
func meaning[C ~string](code C, pairs ...string) string {
	for pair := range slices.Chunk(pairs, 2) {
		if string(code) == pair[0] {
			return pair[1]
		}
	}
	return ""
}
