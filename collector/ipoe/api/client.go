package api

import (
	"context"
	"fmt"
	"strings"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
)

// The names of the operations in metrics and errors.
const (
	opToken       = "access_token"
	opProducts    = "customer_products"
	opSites       = "customer_sites"
	opSite        = "customer_site_details"
	opCreateOrder = "ipoe_order_create"
	opOrders      = "ipoe_orders"
	opOrder       = "ipoe_order_details"
)

// Client asks one account for the operations of the IPoE backend API. It is safe for use by many goroutines. Every
// method fails with a wrapped *carrier.Error, and where the carrier said what was wrong, with *Errors around it.
// Payloads of answers and errors hold no secrets.
type Client struct{ account lenient.Account }

// Now is the carrier's clock.
func (c *Client) Now() time.Time { return c.account.Client.Now() }

// New makes a client.
func New(c *carrier.Client) *Client {
	return &Client{lenient.Account{Client: c, Decoder: new(lenient.Decoder)}}
}

// Token issues one more access token (認証API).
func (c *Client) Token(ctx context.Context, r TokenRequest) (carrier.Answer[Token], error) {
	return call(ctx, c, opToken, &r, readToken)
}

// Products lists the products that the customer may buy (契約者別商品一覧取得), one page.
func (c *Client) Products(ctx context.Context, r ProductsRequest) (carrier.Answer[[]Product], error) {
	return call(ctx, c, opProducts, &r, readProducts)
}

// AllProducts lists them to the end. The request's Limit is the size of a page, 500 where it is 0; its Offset does
// not count. It fails with a *PartialError beside the rows that were read where there are more.
func (c *Client) AllProducts(ctx context.Context, r ProductsRequest) (carrier.Answer[[]Product], error) {
	return all(ctx, opProducts, r, c.Products, func(p *Product) string {
		if p.CustomerProductID == nil {
			return p.ProductCode
		}
		return fmt.Sprintf("%s %d", p.ProductCode, *p.CustomerProductID)
	}, nil)
}

// Sites lists the customer's sites (拠点一覧取得), one page.
func (c *Client) Sites(ctx context.Context, r SitesRequest) (carrier.Answer[[]Site], error) {
	return call(ctx, c, opSites, &r, readSites)
}

// AllSites lists them to the end, as AllProducts does; those beyond the greatest offset by status and date.
func (c *Client) AllSites(ctx context.Context, r SitesRequest) (carrier.Answer[[]Site], error) {
	return all(ctx, opSites, r, c.Sites, func(s *Site) string { return s.CustomerSiteCode }, narrowSites)
}

// Site is everything about one site (拠点詳細取得). It fails with CodeNotFound where there is none that the client may
// see.
func (c *Client) Site(ctx context.Context, r SiteRequest) (carrier.Answer[SiteDetail], error) {
	answer, err := call(ctx, c, opSite, &r, func(d *lenient.Decoder, body []byte) (SiteDetail, []carrier.Warning, error) {
		site, warnings, err := readSite(d, body)
		return site, warnings, about("customerSiteCode", r.CustomerSiteCode, site.CustomerSiteCode, err)
	})
	return answer, named("site", r.CustomerSiteCode, err)
}

// CreateOrder places an order (オーダ登録). It is not sent a second time where the carrier may have accepted it: then
// the *carrier.Error has Indeterminate, and Orders reports whether it did.
func (c *Client) CreateOrder(ctx context.Context, r CreateOrderRequest) (carrier.Answer[OrderCreated], error) {
	return call(ctx, c, opCreateOrder, &r, readCreated)
}

// Orders lists the customer's orders (オーダー検索), one page.
func (c *Client) Orders(ctx context.Context, r OrdersRequest) (carrier.Answer[[]Order], error) {
	return call(ctx, c, opOrders, &r, readOrders)
}

// AllOrders lists them to the end, as AllSites does.
func (c *Client) AllOrders(ctx context.Context, r OrdersRequest) (carrier.Answer[[]Order], error) {
	return all(ctx, opOrders, r, c.Orders, func(o *Order) string { return o.OrderCode }, narrowOrders)
}

// Order is everything about one order (オーダー詳細取得).
func (c *Client) Order(ctx context.Context, r OrderRequest) (carrier.Answer[OrderDetail], error) {
	answer, err := call(ctx, c, opOrder, &r, func(d *lenient.Decoder, body []byte) (OrderDetail, []carrier.Warning, error) {
		order, warnings, err := readOrder(d, body)
		if err == nil && order.OrderCode == "" { // optional in this answer
			order.OrderCode = r.OrderCode
		}
		return order, warnings, about("orderCode", r.OrderCode, order.OrderCode, err)
	})
	return answer, named("order", r.OrderCode, err)
}

// call is lenient.Call with typed errors and without the secrets of payloads.
func call[T any](
	ctx context.Context, c *Client, operation string, r carrier.Request, read lenient.Read[T],
) (carrier.Answer[T], error) {
	answer, err := lenient.Call(ctx, c.account, operation, r, read)
	if err != nil {
		return answer, Explain(err)
	}
	answer.Payload = redact(answer.Payload)
	for i, w := range answer.Warnings {
		answer.Warnings[i].Row = string(redact([]byte(w.Row)))
	}
	return answer, nil
}

// about checks that an answer is about what was asked for.
func about(field, asked, given string, err error) error {
	if err == nil && !strings.EqualFold(given, asked) {
		return fmt.Errorf("%s is not %s, which was asked for", field, asked)
	}
	return err
}

// named says in an error what was asked for.
func named(what, code string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w", what, code, err)
}
