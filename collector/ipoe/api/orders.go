package api

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
)

// OrdersRequest is GET /orders (オーダー検索). Nothing in it is required; what is given narrows the list.
type OrdersRequest struct {
	CaseName          string       `json:"caseName,omitzero" doc:"案件名: the case's name, the whole of it, up to 64 characters"`
	CustomerSiteCode  string       `json:"customerSiteCode,omitzero" doc:"保守番号: the site's number, the whole of it, 1 to 256 signs"`
	CustomerSiteName  string       `json:"customerSiteName,omitzero" doc:"拠点名: the site's name, the whole of it, up to 64 characters"`
	HopeToEndAtFrom   lenient.Date `json:"hopeToEndAtFrom,omitzero" doc:"廃止希望日(From): sites to end on this day or later, YYYYMMDD"`
	HopeToEndAtTo     lenient.Date `json:"hopeToEndAtTo,omitzero" doc:"廃止希望日(To): sites to end on this day or earlier, YYYYMMDD"`
	HopeToStartAtFrom lenient.Date `json:"hopeToStartAtFrom,omitzero" doc:"開通希望日(From): sites to start on this day or later, YYYYMMDD"`
	HopeToStartAtTo   lenient.Date `json:"hopeToStartAtTo,omitzero" doc:"開通希望日(To): sites to start on this day or earlier, YYYYMMDD"`
	Limit             int          `json:"limit,omitzero" doc:"取得件数: how many orders to return, up to 4 digits; 0: as many as the carrier likes"`
	LineID            string       `json:"lineId,omitzero" doc:"回線ID: the access line's ID, the whole of it, e.g. CAF1234567890"`
	Offset            int          `json:"offset,omitzero" doc:"取得開始番号: the number of the first order, up to 4 digits; 11 is the 11th; 0: from the first"`
	OrderCode         string       `json:"orderCode,omitzero" doc:"オーダー番号: the order's number, the whole of it, up to 256 letters and digits"`
	OrderType         OrderType    `json:"orderType,omitzero" doc:"オーダー種別: 1 new, 2 change, 3 cancel"`
	ProductName       string       `json:"productName,omitzero" doc:"商品名: part of a product's name"`
	Status            OrderStatus  `json:"status,omitzero" doc:"ステータス: 1 in progress, 2 done, 3 error, 4 cancelled, 5 error in part"`
}

// UnmarshalJSON takes numbers as texts too.
func (r *OrdersRequest) UnmarshalJSON(body []byte) error { return lenient.DecodeStrict(body, r) }

// Validate is carrier.Request's.
func (r *OrdersRequest) Validate(time.Time) error {
	var c lenient.Check
	c.Text("caseName", r.CaseName, 0, 64, lenient.AnyCharacter())
	c.Text("customerSiteCode", r.CustomerSiteCode, 1, 256, lenient.HalfWidth())
	c.Text("customerSiteName", r.CustomerSiteName, 0, 64, lenient.AnyCharacter())
	c.Period("hopeToEndAtFrom", r.HopeToEndAtFrom, "hopeToEndAtTo", r.HopeToEndAtTo)
	c.Period("hopeToStartAtFrom", r.HopeToStartAtFrom, "hopeToStartAtTo", r.HopeToStartAtTo)
	c.FourDigits("limit", r.Limit)
	c.FourDigits("offset", r.Offset)
	c.Text("orderCode", r.OrderCode, 0, 256, lenient.Alphanumeric())
	c.OneOf("orderType", string(r.OrderType), "1", "2", "3")
	c.OneOf("status", string(r.Status), "1", "2", "3", "4", "5")
	return c.Err()
}

// Spec is carrier.Request's.
func (r *OrdersRequest) Spec() carrier.RequestSpec { return pageOf(base+"/orders", r) }

// Order is an order in the list (IPoE API 3.4.0, Order). Texts that were not given are "".
type Order struct {
	OrderCode        string       `json:"orderCode,omitzero"`        // オーダー番号, which identifies the order: A1000010100000001; optional in details
	OrderType        OrderType    `json:"orderType,omitzero"`        // オーダー種別
	ChangeType       ChangeType   `json:"changeType,omitzero"`       // 変更種別
	CustomerSiteCode string       `json:"customerSiteCode,omitzero"` // 保守番号: int-12345678
	CustomerSiteName string       `json:"customerSiteName,omitzero"` // 拠点名: up to 64 characters
	Status           OrderStatus  `json:"status,omitzero"`           // ステータス
	ApplicationDate  lenient.Date `json:"applicationDate,omitzero"`  // 申込日
	HopeToStartAt    lenient.Date `json:"hopeToStartAt,omitzero"`    // 開通希望日
	HopeToEndAt      lenient.Date `json:"hopeToEndAt,omitzero"`      // 廃止希望日

	Nulls lenient.Nulls `json:"-"`
}

// readOrders takes a bare list, which is documented, and one under a key like those of the other lists.
func readOrders(d *lenient.Decoder, body []byte) ([]Order, []carrier.Warning, error) {
	listed, warnings, err := listOf[listedOrder](d, body, "orders", "order", "")
	rows := make([]Order, len(listed))
	for i := range listed {
		rows[i] = listed[i].Order
	}
	return rows, warnings, err
}

// listedOrder is an Order of the list, which must say which one it is.
type listedOrder struct{ Order }

// Complete checks that the row has a code.
func (o *listedOrder) Complete(*lenient.Reader) error {
	if o.OrderCode == "" {
		return errors.New("orderCode is missing")
	}
	return nil
}

// OrderRequest is GET /orders/{orderCode} (オーダー詳細取得).
type OrderRequest struct {
	OrderCode string `json:"orderCode" arg:"1" doc:"オーダー番号: the order's number, up to 256 letters and digits, e.g. A1000010100000001"`
}

// UnmarshalJSON takes numbers as texts too.
func (r *OrderRequest) UnmarshalJSON(body []byte) error { return lenient.DecodeStrict(body, r) }

// Validate is carrier.Request's.
func (r *OrderRequest) Validate(time.Time) error {
	var c lenient.Check
	c.Required("orderCode", r.OrderCode)
	c.Text("orderCode", r.OrderCode, 1, 256, lenient.Alphanumeric())
	return c.Err()
}

// Spec is carrier.Request's.
func (r *OrderRequest) Spec() carrier.RequestSpec {
	return carrier.RequestSpec{Method: http.MethodGet, Path: base + "/orders/" + url.PathEscape(r.OrderCode)}
}

// OrderDetail is one order with everything about it (IPoE API 3.4.0, OrderDetail).
type OrderDetail struct {
	Order
	CustomerCode         string          `json:"customerCode,omitzero"`         // システムID: A10000105
	OverwriteCheckFlag   Overwrite       `json:"overwriteCheckFlag,omitzero"`   // 上書きフラグ
	CaseName             string          `json:"caseName,omitzero"`             // 案件名
	LineBundleType       LineBundle      `json:"lineBundleType,omitzero"`       // 回線手配
	LineType             string          `json:"lineType,omitzero"`             // 回線種別
	LineID               string          `json:"lineId,omitzero"`               // 回線ID of the access line: CAF1234567890
	LineAccessKey        Secret          `json:"lineAccessKey,omitzero"`        // 回線アクセスキー
	TerminalBundleType   TerminalBundle  `json:"terminalBundleType,omitzero"`   // 端末手配
	GlobalIP             string          `json:"globalIp,omitzero"`             // グローバルIP: 1.1.1.0/27
	Contracts            []OrderContract `json:"contracts,omitzero"`            // 契約情報: the products, each with its own status
	InstallationLocation *Location       `json:"installationLocation,omitzero"` // where the CPE stands
	TerminalDestination  *Destination    `json:"terminalDestination,omitzero"`  // where the CPE is sent to
	LANAddress           *LANPrefix      `json:"lanAddress,omitzero"`
	DHCPServerFunction   *DHCPRange      `json:"dhcpServerFunction,omitzero"`
	IPIPParam            *IPIPParam      `json:"ipipParam,omitzero"`
}

// OrderContract is one product of an order (IPoE API 3.4.0, OrderContract).
type OrderContract struct {
	ProductCode  string      `json:"productCode,omitzero"`  // 商品コード: 1-2-2-1-1
	ProductName  string      `json:"productName,omitzero"`  // 商品名
	ProductType  ProductType `json:"productType,omitzero"`  // 商品種別
	Status       OrderStatus `json:"status,omitzero"`       // ステータス, 1 to 4
	ErrorMessage string      `json:"errorMessage,omitzero"` // エラーメッセージ
}

// Destination is where a CPE is sent to (IPoE API 3.4.0, TerminalDestinationElement).
type Destination struct {
	Location
	HopeToAt lenient.Date `json:"hopeToAt,omitzero"` // 到着希望日: when it should arrive
}

func readOrder(d *lenient.Decoder, body []byte) (OrderDetail, []carrier.Warning, error) {
	var order OrderDetail
	warnings, err := lenient.Decode(d, body, &order)
	if err == nil && order.OrderCode == "" && order.OrderType == "" && order.Status == "" {
		err = errors.New("the answer: orderCode is missing, and orderType and status too")
	}
	return order, warnings, err
}
