package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
)

// CreateOrderRequest is POST /orders (オーダ登録; IPoE API 3.4.0, OrderRequest): exactly one of the three parts, that of the
// order's type.
type CreateOrderRequest struct {
	OrderType OrderType    `json:"orderType" doc:"オーダ種別: 1 new, 2 change, 3 cancel"`
	Start     *StartOrder  `json:"startOrderPostData,omitzero" doc:"the new site, with orderType 1"`
	Change    *ChangeOrder `json:"changeOrderPostData,omitzero" doc:"the products to add and end, with orderType 2"`
	Cancel    *CancelOrder `json:"cancelOrderPostData,omitzero" doc:"the site to end, with orderType 3"`
}

// StartOrder is a new site (IPoE API 3.4.0, StartOrder). The order of the fields is that of the document's examples, from
// which CustomerCode is known, too.
//
// InstallationLocation, TerminalDestination, DHCPServerFunction and HopeToOpenAt are required of a product with a
// dedicated CPE, which the request does not tell: CheckProducts does. Of a partner's CPE each is optional. LANAddress is said to be required of it as well, unless its
// addresses are of the type IP4; the document's own example has none, so that it is left to the carrier.
type StartOrder struct {
	CustomerSiteName     string           `json:"customerSiteName,omitzero"` // 拠点名: up to 64 characters
	CustomerCode         string           `json:"customerCode,omitzero"`     // システムID: up to 256 letters and digits
	CaseName             string           `json:"caseName,omitzero"`         // 案件名: up to 64 characters
	LineID               string           `json:"lineId"`                    // 回線ID, required: 11 to 16 letters and digits
	LineAccessKey        Secret           `json:"lineAccessKey"`             // アクセスキー, required: 8 letters and digits
	HopeToOpenAt         lenient.Date     `json:"hopeToOpenAt,omitzero"`     // 開通希望日: YYYYMMDD
	Products             []OrderedProduct `json:"products"`                  // required, at least one
	InstallationLocation *Location        `json:"installationLocation,omitzero"`
	TerminalDestination  *Destination     `json:"terminalDestination,omitzero"`
	LANAddress           *LANPrefix       `json:"lanAddress,omitzero"`
	DHCPServerFunction   *DHCPFunction    `json:"dhcpServerFunction,omitzero"`
}

// OrderedProduct is a product to buy (IPoE API 3.4.0, ProductElement).
type OrderedProduct struct {
	ProductCode string `json:"productCode"` // 商品コード, required: 1 to 256 signs
}

// DHCPFunction is what a new CPE is to serve to its LAN (IPoE API 3.4.0, DhcpServerFunctionElement).
type DHCPFunction struct {
	HowToUse DHCPUse `json:"howToUse,omitzero"` // 使用方法
	DHCPRange
}

// ChangeOrder adds products to a site and ends them (IPoE API 3.4.0, ChangeOrder, whose beginning is lost; CustomerCode is
// taken over from the other two).
type ChangeOrder struct {
	CustomerCode     string           `json:"customerCode,omitzero"` // システムID: up to 256 letters and digits
	CustomerSiteCode string           `json:"customerSiteCode"`      // 保守番号, required: 1 to 256 signs
	Products         []ChangedProduct `json:"products"`              // required, at least one
}

// ChangedProduct is a product to add or to end (IPoE API 3.4.0, ChangeProductElement).
type ChangedProduct struct {
	ChangeType  ChangeType `json:"changeType"`  // 変更種別, required
	ProductCode string     `json:"productCode"` // 商品コード, required: 1 to 256 signs
}

// CancelOrder ends a site (IPoE API 3.4.0, CancelOrder, which is lost but for its example).
type CancelOrder struct {
	CustomerCode       string       `json:"customerCode,omitzero"`       // システムID: up to 256 letters and digits
	CustomerSiteCode   string       `json:"customerSiteCode"`            // 保守番号, required: 1 to 256 signs
	HopeToEndAt        lenient.Date `json:"hopeToEndAt,omitzero"`        // 廃止希望日: YYYYMM in the example; YYYYMMDD in orders that are read
	OverwriteCheckFlag Overwrite    `json:"overwriteCheckFlag,omitzero"` // 上書きフラグ
}

// UnmarshalJSON takes numbers as texts too, as the document's own examples mix them.
func (r *CreateOrderRequest) UnmarshalJSON(body []byte) error { return lenient.DecodeStrict(body, r) }

// Spec is carrier.Request's. Its body holds the line's access key.
func (r *CreateOrderRequest) Spec() carrier.RequestSpec {
	return carrier.RequestSpec{Method: http.MethodPost, Path: base + "/orders", Body: lenient.Sent(r)}
}

// OrderCreated is the answer of an order that was accepted (IPoE API 3.4.0, OrderCreatedResponse). Its one field is
// optional: a code is issued for a new site and for a site's end, and nothing is said of a change.
type OrderCreated struct {
	OrderCode string `json:"orderCode"` // オーダー番号, which identifies the order: A1000010100000001; "" where none was issued
}

// readCreated takes an empty object too: that the carrier took the order it has said by its status.
func readCreated(d *lenient.Decoder, body []byte) (OrderCreated, []carrier.Warning, error) {
	var created OrderCreated
	if lenient.IsEmptyObject(body) {
		return created, nil, nil
	}
	warnings, err := lenient.Decode(d, body, &created)
	return created, warnings, err
}

// CheckProducts compares an order with the products that the customer may buy, as GET /customerProducts lists them,
// before the carrier does: a product that is not among them would be refused with CodeNotFound, and an option without
// one of the products it depends on with CodeProductCombination. A product with a dedicated CPE needs its four parts.
// It is nil or carrier.Violations.
func (r *CreateOrderRequest) CheckProducts(products []Product) error {
	var c lenient.Check
	if r.Start != nil {
		r.Start.checkProducts(&c, products)
	}
	if r.Change != nil {
		for i, changed := range r.Change.Products {
			if _, sold := find(products, changed.ProductCode); !sold && changed.ChangeType == ChangeAdd {
				c.Add(fmt.Sprintf("changeOrderPostData.products[%d].productCode", i), "is not among the products that can be bought")
			}
		}
	}
	return c.Err()
}

func (s *StartOrder) checkProducts(c *lenient.Check, products []Product) {
	for i, ordered := range s.Products {
		field := fmt.Sprintf("startOrderPostData.products[%d].productCode", i)
		product, sold := find(products, ordered.ProductCode)
		if !sold {
			c.Add(field, "is not among the products that can be bought")
			continue
		}
		if missing := s.missing(); product.dedicated() && len(missing) > 0 {
			c.Add(field, "has a dedicated CPE, so that %s are required", strings.Join(missing, ", "))
		}
		if len(product.ProductDependencies) > 0 && !slices.ContainsFunc(product.ProductDependencies, s.orders) {
			c.Add(field, "needs one of the products it depends on in the same order")
		}
	}
}

// dedicated reports whether a product has a dedicated CPE. The document's own example has one of a partner's CPE, by its
// name, that says 1 for its cpe: then nothing is demanded, and the carrier decides.
func (p *Product) dedicated() bool {
	return p.Detail != nil && p.Detail.CPE == CPEDedicated && !strings.Contains(p.ProductName, "パートナーCPE")
}

func (s *StartOrder) orders(needed ProductDependency) bool {
	return slices.Contains(s.Products, OrderedProduct(needed))
}

func find(products []Product, code string) (Product, bool) {
	i := slices.IndexFunc(products, func(p Product) bool { return p.ProductCode == code })
	if i < 0 {
		return Product{}, false
	}
	return products[i], true
}

// Validate is carrier.Request's.
func (r *CreateOrderRequest) Validate(time.Time) error {
	var c lenient.Check
	c.Required("orderType", string(r.OrderType))
	c.OneOf("orderType", string(r.OrderType), "1", "2", "3")
	part := func(name string, of OrderType, given bool, check func() carrier.Violations) {
		switch {
		case given && r.OrderType != of:
			c.Add(name, "belongs to orderType %s", of)
		case given:
			c.Within(name, check())
		case r.OrderType == of:
			c.Add(name, "is missing, and required with orderType %s", of)
		}
	}
	part("startOrderPostData", OrderNew, r.Start != nil, func() carrier.Violations { return r.Start.check() })
	part("changeOrderPostData", OrderChange, r.Change != nil, func() carrier.Violations { return r.Change.check() })
	part("cancelOrderPostData", OrderCancel, r.Cancel != nil, func() carrier.Violations { return r.Cancel.check() })
	return c.Err()
}
