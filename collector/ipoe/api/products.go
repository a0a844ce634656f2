package api

import (
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
)

// ProductsRequest is GET /customerProducts (契約者別商品一覧取得): the products that the customer may buy, which are
// those of the application form. Nothing in it is required.
type ProductsRequest struct {
	Limit       int    `json:"limit,omitzero" doc:"取得件数: how many products to return, up to 4 digits; 0: as many as the carrier likes"`
	Offset      int    `json:"offset,omitzero" doc:"取得開始番号: the number of the first product, up to 4 digits; 11 is the 11th; 0: from the first"`
	ProductName string `json:"productName,omitzero" doc:"商品名: part of the product's name"`
}

// UnmarshalJSON takes numbers as texts too.
func (r *ProductsRequest) UnmarshalJSON(body []byte) error { return lenient.DecodeStrict(body, r) }

// Validate is carrier.Request's.
func (r *ProductsRequest) Validate(time.Time) error {
	var c lenient.Check
	c.FourDigits("limit", r.Limit)
	c.FourDigits("offset", r.Offset)
	return c.Err()
}

// Spec is carrier.Request's.
func (r *ProductsRequest) Spec() carrier.RequestSpec { return pageOf(base+"/customerProducts", r) }

// Product is what the customer may buy (IPoE API 3.4.0, CustomerProduct). Texts that were not given are "", numbers nil.
type Product struct {
	CustomerProductID   *int64              `json:"customerProductId"`                // 契約者別商品ID
	CustomerCode        string              `json:"customerCode,omitzero"`            // システムID: A10000105, up to 256 letters and digits
	ProductCode         string              `json:"productCode,omitzero" need:"true"` // 商品コード: 1-2-2-1-1, 1 to 256 signs
	ProductName         string              `json:"productName,omitzero"`             // 商品名
	ProductType         ProductType         `json:"productType,omitzero"`             // 商品種別
	Detail              *ProductDetail      `json:"detail"`                           // an option has none of it
	ShortestPeriod      *int64              `json:"shortestPeriod"`                   // 最低利用期間: 0 to 999, in the examples months; leaving earlier costs a penalty
	PurchasePrice       *int64              `json:"purchasePrice"`                    // 初期費用: yen, 0 to 999,999
	MonthlyPrice        *int64              `json:"monthlyPrice"`                     // 月額費用: yen a month, 0 to 999,999
	MeasuredPrice       *int64              `json:"measuredPrice"`                    // 従量費用: yen, 0 to 999,999; null today
	ProductDependencies []ProductDependency `json:"productDependencies"`              // 依存関係: of an option, one of these must be ordered with it
}

// ProductDetail says what a main product is made of (IPoE API 3.4.0, ProductDetail).
type ProductDetail struct {
	Service   Service     `json:"service,omitzero"`   // サービス区分
	Course    Course      `json:"course,omitzero"`    // コース区分
	Plan      Plan        `json:"plan,omitzero"`      // プラン区分
	IPAddress AddressType `json:"ipaddress,omitzero"` // IPアドレス区分
	CPE       CPE         `json:"cpe,omitzero"`       // CPE区分
	Line      LineBundle  `json:"line,omitzero"`      // 回線区分
}

// ProductDependency names a main product (IPoE API 3.4.0, ProductDependency).
type ProductDependency struct {
	ProductCode string `json:"productCode,omitzero" need:"true"` // 商品コード: 1 to 256 signs
}

func readProducts(d *lenient.Decoder, body []byte) ([]Product, []carrier.Warning, error) {
	return listOf[Product](d, body, "customerProduct", "customerProducts")
}
