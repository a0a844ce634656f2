package api

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient/lenienttest"
	"kaisen/internal/simulator"
)

// account is a client of a simulated carrier with so many sites.
func account(t *testing.T, sites int, style simulator.Style) (*Client, *simulator.Carrier) {
	t.Helper()
	settings := simulator.DefaultConfig()
	settings.IPoESites, settings.Style = sites, style
	peer, err := simulator.New(settings)
	if err != nil {
		t.Fatal(err)
	}
	id, secret := peer.Credentials()
	return New(lenienttest.Dial(t, peer.Handler(), "/oauth/v1/accesstokens", id, secret)), peer
}

// Everything that the account has is read, in each style of writing, without a warning, and no secret comes along.
func TestAccountIsRead(t *testing.T) {
	for _, style := range []simulator.Style{simulator.StyleDocument, simulator.StyleModern, simulator.StyleMixed} {
		client, peer := account(t, 120, style)
		var given strings.Builder
		ctx := t.Context()
		sites, err := client.AllSites(ctx, SitesRequest{Limit: 50})
		note(t, &given, sites, err)
		if len(sites.Value) != 120 {
			t.Errorf("%s: %d sites", style, len(sites.Value))
		}
		for _, site := range sites.Value[:20] {
			detail, err := client.Site(ctx, SiteRequest{CustomerSiteCode: site.CustomerSiteCode})
			note(t, &given, detail, err)
			if detail.Value.LineAccessKey != site.LineAccessKey || site.LineAccessKey == "" || len(detail.Value.Contracts) == 0 {
				t.Errorf("%s: site %+v in the list, %+v by itself", style, site, detail.Value)
			}
		}
		products, err := client.AllProducts(ctx, ProductsRequest{Limit: 2})
		note(t, &given, products, err)
		orders, err := client.AllOrders(ctx, OrdersRequest{OrderType: OrderNew})
		note(t, &given, orders, err)
		if len(products.Value) < 3 || len(orders.Value) < 120 {
			t.Errorf("%s: %d products, %d orders", style, len(products.Value), len(orders.Value))
		}
		for _, order := range orders.Value[:20] {
			detail, err := client.Order(ctx, OrderRequest{OrderCode: order.OrderCode})
			note(t, &given, detail, err)
		}
		for _, secret := range peer.Secrets() {
			if strings.Contains(given.String(), secret) {
				t.Fatalf("%s: the secret %s is told", style, secret)
			}
		}
	}
}

// note writes down all that a caller may log or store of an answer.
func note[T any](t *testing.T, given *strings.Builder, answer carrier.Answer[T], err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if len(answer.Warnings) > 0 {
		t.Errorf("warnings %v", answer.Warnings)
	}
	fmt.Fprintf(given, "%+v %s %s", answer.Value, answer.Payload, lenienttest.Encode(t, answer.Value))
}

func TestOrdersArePlaced(t *testing.T) {
	client, _ := account(t, 3, simulator.StyleMixed)
	ctx := t.Context()
	products, err := client.AllProducts(ctx, ProductsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var option, partner Product
	for _, p := range products.Value {
		switch {
		case p.ProductType == ProductOption:
			option = p
		case p.Detail != nil && p.Detail.CPE == CPEPartner:
			partner = p
		}
	}
	order := func(codes ...string) CreateOrderRequest {
		start := &StartOrder{CustomerSiteName: "大阪拠点", CaseName: "鈴木商店", LineID: "CAF1234567890", LineAccessKey: "k3yk3yk3"}
		for _, code := range codes {
			start.Products = append(start.Products, OrderedProduct{code})
		}
		return CreateOrderRequest{OrderType: OrderNew, Start: start}
	}
	accepted := order(partner.ProductCode)
	if err := accepted.CheckProducts(products.Value); err != nil {
		t.Errorf("before it is sent: %v", err)
	}
	created, err := client.CreateOrder(ctx, accepted)
	if err != nil {
		t.Fatal(err)
	}
	detail, err := client.Order(ctx, OrderRequest{OrderCode: created.Value.OrderCode})
	if err != nil || detail.Value.Status != OrderInProgress || detail.Value.LineAccessKey != "k3yk3yk3" || detail.Value.CaseName != "鈴木商店" {
		t.Errorf("order %+v, error %v", detail.Value, err)
	}
	for _, c := range []struct {
		what  string
		order CreateOrderRequest
		code  ErrorCode
	}{
		{"an option without the product it needs", order(partner.ProductCode, option.ProductCode), CodeProductCombination},
		{"an unknown product", order("9-9-9-9-9"), CodeNotFound},
	} {
		if c.order.CheckProducts(products.Value) == nil {
			t.Errorf("%s passes the check against the products", c.what)
		}
		_, err := client.CreateOrder(ctx, c.order)
		var refused *Errors
		if !errors.As(err, &refused) || !HasCode(err, c.code) || strings.Contains(err.Error(), "k3yk3yk3") {
			t.Errorf("%s: %v, want %s", c.what, err, c.code)
		}
	}
	if _, err := client.Site(ctx, SiteRequest{CustomerSiteCode: "int-99999999"}); !HasCode(err, CodeNotFound) {
		t.Errorf("no such site: %v", err)
	}
}

func TestTokenIsIssued(t *testing.T) {
	client, peer := account(t, 1, simulator.StyleMixed)
	id, secret := peer.Credentials()
	token, err := client.Token(t.Context(), TokenRequest{ClientID: id, ClientSecret: Secret(secret)})
	if err != nil || token.Value.AccessToken == "" || token.Value.ExpiresIn == nil || token.Value.IssuedAt == nil {
		t.Errorf("token %+v, error %v", token.Value, err)
	}
	_, err = client.Token(context.WithoutCancel(t.Context()), TokenRequest{ClientID: id, ClientSecret: "an0ther-one"})
	if kind, _ := carrier.KindOf(err); kind != carrier.KindUnauthorised || !HasCode(err, CodeInvalidClient) {
		t.Errorf("error %v", err)
	}
}
