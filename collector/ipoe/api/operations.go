package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
		New: request[TokenRequest], Decode: lenient.Printable(readToken), Explain: explainToken,
		Reveal: reveal[Token],
	}, {
		API: "ipoe", Name: opProducts, Command: []string{"products", "list"},
		Summary: "the products that the customer may buy", Document: "IPoE API 3.4.0, 契約者別商品一覧取得",
		Method: http.MethodGet, Path: base + "/customerProducts",
		New: request[ProductsRequest], Decode: lenient.Printable(readProducts), Explain: Explain,
	}, {
		API: "ipoe", Name: opSites, Command: []string{"sites", "list"},
		Summary: "the customer's sites", Document: "IPoE API 3.4.0, 拠点一覧取得",
		Method: http.MethodGet, Path: base + "/customerSites",
		New: request[SitesRequest], Decode: lenient.Printable(readSites), Explain: Explain, Reveal: reveal[Site],
	}, {
		API: "ipoe", Name: opSite, Command: []string{"sites", "get"},
		Summary: "everything about one site", Document: "IPoE API 3.4.0, 拠点詳細取得",
		Method: http.MethodGet, Path: base + "/customerSites/{customerSiteCode}",
		New: request[SiteRequest], Decode: lenient.Printable(readSite), Explain: Explain, Reveal: reveal[SiteDetail],
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
		New: request[OrderRequest], Decode: lenient.Printable(readOrder), Explain: Explain, Reveal: reveal[OrderDetail],
	}}
	for i := range all {
		all[i].Hide = redact
	}
	all[0].Hide = func([]byte) []byte { return nil } // it may repeat what it was sent, in whatever encoding
	return all
}

// reveal is an answer as the document writes it, secrets and all.
func reveal[T any](answer any) any {
	switch answer := answer.(type) {
	case *T:
		return json.RawMessage(lenient.Sent(answer))
	case []T:
		rows := make([]json.RawMessage, len(answer))
		for i := range answer {
			rows[i] = lenient.Sent(&answer[i])
		}
		return rows
	}
	return answer
}

// explainToken is Explain for the call that sends the client's secret.
func explainToken(err error) error {
	var failure *carrier.Error
	if err = Explain(err); !errors.As(err, &failure) {
		return err
	}
	return carrier.WithoutEcho(failure, "")
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
	if n := carrier.LeftOut(products.Warnings); n > 0 { // the product may be among them
		return &carrier.Error{Operation: opProducts, Kind: carrier.KindMalformed, ObservedAt: products.ObservedAt,
			Message: fmt.Sprintf("%d products of the list could not be read", n)}
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
