package api

import (
	"context"
	"net/http"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
)

// base is the path that all operations but the token call have in common; that one's is /oauth/v1 (IPoE API 3.4.0, 認証API).
const base = "/infoIpoE/v2"

// Operations are all operations of the document, in its order. Secrets in what Decode returns print as "***".
func Operations() []carrier.Operation {
	all := []carrier.Operation{{
		API: "ipoe", Name: opToken, Command: []string{"token", "create"},
		Summary: "issue one more access token", Document: "IPoE API 3.4.0, 認証API",
		Method: http.MethodPost, Path: "/oauth/v1/accesstokens",
		New: request[TokenRequest], Decode: lenient.Printable(readToken), Explain: Explain,
	}, {
		API: "ipoe", Name: opProducts, Command: []string{"products", "list"},
		Summary: "the products that the customer may buy", Document: "IPoE API 3.4.0, 契約者別商品一覧取得",
		Method: http.MethodGet, Path: base + "/customerProducts",
		New: request[ProductsRequest], Decode: lenient.Printable(readProducts), Explain: Explain,
	}, {
		API: "ipoe", Name: opSites, Command: []string{"sites", "list"},
		Summary: "the customer's sites", Document: "IPoE API 3.4.0, 拠点一覧取得",
		Method: http.MethodGet, Path: base + "/customerSites",
		New: request[SitesRequest], Decode: lenient.Printable(readSites), Explain: Explain,
	}, {
		API: "ipoe", Name: opSite, Command: []string{"sites", "get"},
		Summary: "everything about one site", Document: "IPoE API 3.4.0, 拠点詳細取得",
		Method: http.MethodGet, Path: base + "/customerSites/{customerSiteCode}",
		New: request[SiteRequest], Decode: lenient.Printable(readSite), Explain: Explain,
	}, {
		API: "ipoe", Name: opCreateOrder, Command: []string{"orders", "create"}, Changes: true,
		Summary: "order a new site, a change of its products, or its end", Document: "IPoE API 3.4.0, オーダ登録",
		Method: http.MethodPost, Path: base + "/orders",
		New: request[CreateOrderRequest], Decode: lenient.Printable(readCreated), Explain: Explain,
		Compare: compareWithProducts,
	}, {
		API: "ipoe", Name: opOrders, Command: []string{"orders", "list"},
		Summary: "the customer's orders", Document: "IPoE API 3.4.0, オーダー検索",
		Method: http.MethodGet, Path: base + "/orders",
		New: request[OrdersRequest], Decode: lenient.Printable(readOrders), Explain: Explain,
	}, {
		API: "ipoe", Name: opOrder, Command: []string{"orders", "get"},
		Summary: "everything about one order", Document: "IPoE API 3.4.0, オーダー詳細取得",
		Method: http.MethodGet, Path: base + "/orders/{orderCode}",
		New: request[OrderRequest], Decode: lenient.Printable(readOrder), Explain: Explain,
	}}
	for i := range all {
		all[i].Hide = redact
	}
	return all
}

// compareWithProducts reads the list of products and checks an order against it. The end of a site names none.
func compareWithProducts(ctx context.Context, c *carrier.Client, r carrier.Request) error {
	order, isOrder := r.(*CreateOrderRequest)
	if !isOrder || order.Start == nil && order.Change == nil {
		return nil
	}
	products, err := New(c).AllProducts(ctx, ProductsRequest{})
	if err != nil {
		return err
	}
	return order.CheckProducts(products.Value)
}

// request makes an empty request of type T.
func request[T any, P interface {
	*T
	carrier.Request
}]() carrier.Request {
	return P(new(T))
}
