package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient/lenienttest"
)

// answering is a client of a carrier that gives one answer, and what it was asked last.
func answering(t *testing.T, status int, body string) (*Client, *http.Request) {
	t.Helper()
	var last http.Request
	c := lenienttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		last = *r
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
	return New(c), &last
}

func TestCallsAnswer(t *testing.T) {
	for _, c := range []struct {
		example, asked string
		status         int
		call           func(*Client) (any, error)
	}{
		{"token", "POST /oauth/v1/accesstokens", 201, func(c *Client) (any, error) {
			a, err := c.Token(t.Context(), TokenRequest{ClientID: "abc00001", ClientSecret: "ec58dNX%d8"})
			return a.Value, err
		}},
		{"products", "GET /infoIpoE/v2/customerProducts", 200, func(c *Client) (any, error) {
			a, err := c.Products(t.Context(), ProductsRequest{})
			return a.Value, err
		}},
		{"sites", "GET /infoIpoE/v2/customerSites?status=1", 200, func(c *Client) (any, error) {
			a, err := c.Sites(t.Context(), SitesRequest{Status: SiteInUse})
			return a.Value, err
		}},
		{"site_partner", "GET /infoIpoE/v2/customerSites/int-10000002", 200, func(c *Client) (any, error) {
			a, err := c.Site(t.Context(), SiteRequest{CustomerSiteCode: "int-10000002"})
			return a.Value, err
		}},
		{"created", "POST /infoIpoE/v2/orders", 201, func(c *Client) (any, error) {
			var r CreateOrderRequest
			if err := json.Unmarshal(example(t, "order_onsite"), &r); err != nil {
				return nil, err
			}
			a, err := c.CreateOrder(t.Context(), r)
			return a.Value, err
		}},
		{"orders", "GET /infoIpoE/v2/orders?orderType=1", 200, func(c *Client) (any, error) {
			a, err := c.Orders(t.Context(), OrdersRequest{OrderType: OrderNew})
			return a.Value, err
		}},
		{"order", "GET /infoIpoE/v2/orders/A1000010100000001", 200, func(c *Client) (any, error) {
			a, err := c.Order(t.Context(), OrderRequest{OrderCode: "A1000010100000001"})
			return a.Value, err
		}},
	} {
		client, last := answering(t, c.status, string(example(t, c.example)))
		got, err := c.call(client)
		if err != nil {
			t.Errorf("%s: %v", c.example, err)
			continue
		}
		if diff := cmp.Diff(documented(t, c.example), lenienttest.Values(t, lenienttest.Encode(t, got))); diff != "" {
			t.Errorf("%s (-document +got):\n%s", c.example, diff)
		}
		if asked := last.Method + " " + last.URL.RequestURI(); asked != c.asked {
			t.Errorf("%s asked %s, want %s", c.example, asked, c.asked)
		}
	}
}

func TestOrderIsSentAsWritten(t *testing.T) {
	var sent, kind string
	client := New(lenienttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sent, kind = string(body), r.Header.Get("Content-Type")
		_, _ = io.WriteString(w, `{"orderCode":"A1"}`)
	}))
	request := filled(t, "orders create", string(example(t, "order_partner"))).(*CreateOrderRequest)
	if _, err := client.CreateOrder(t.Context(), *request); err != nil {
		t.Fatal(err)
	}
	if want := string(compacted(t, example(t, "order_partner"))); sent != want || kind != "application/json" {
		t.Errorf("sent as %s\n%s\nwant\n%s", kind, sent, want)
	}
}

func TestBrokenRulesAreNotSent(t *testing.T) {
	client, last := answering(t, 200, `{}`)
	_, err := client.Sites(t.Context(), SitesRequest{Limit: 10000, Status: "9"})
	var broken carrier.Violations
	if kind, _ := carrier.KindOf(err); kind != carrier.KindInvalidRequest || !errors.As(err, &broken) || len(broken) != 2 {
		t.Errorf("error %v", err)
	}
	if last.URL != nil {
		t.Errorf("asked %s", last.URL)
	}
}

func TestDocumentedErrors(t *testing.T) {
	for _, c := range []struct {
		example string
		status  int
		kind    carrier.Kind
		code    ErrorCode
		text    string
	}{
		{"error_limit", 400, carrier.KindInvalidRequest, CodeLength, "取得件数は0~4文字の間で入力してください。"},
		{"error_start_at", 400, carrier.KindInvalidRequest, CodeLength, "設置日は8~8文字の間で入力してください。"},
		{"error_site", 400, carrier.KindInvalidRequest, CodeNotFound, "指定された保守番号に該当する情報が存在しません。"},
		{"error_product", 400, carrier.KindInvalidRequest, CodeNotFound, "指定された商品要素に該当する情報が存在しません。"},
		{"error_combination", 400, carrier.KindInvalidRequest, CodeProductCombination, "商品の組み合わせに問題があるため購入できません。"},
		{"error_access_line", 400, carrier.KindInvalidRequest, CodeAccessLine, "アクセス回線状態エラー。"},
		{"error_system", 500, carrier.KindServer, CodeSystem, "システムエラー発生。NTTPCへお問い合わせしてください。"},
		{"error_hope", 400, carrier.KindInvalidRequest, CodeFormat, "開通希望日 (From)は正しい形式で入力してください。"},
		{"error_order_code", 400, carrier.KindInvalidRequest, CodeNotAlphanumeric, "オーダー番号は半角英数で入力してください。"},
		{"error_gateway", 401, carrier.KindUnauthorised, CodeInvalidClient, "ClientId is Invalid"},
	} {
		client, _ := answering(t, c.status, string(example(t, c.example)))
		_, err := client.Order(t.Context(), OrderRequest{OrderCode: "A1"})
		var refused *Errors
		var failure *carrier.Error
		if !errors.As(err, &refused) || !errors.As(err, &failure) || failure.Kind != c.kind || failure.Status != c.status || !HasCode(err, c.code) {
			t.Errorf("%s: %v", c.example, err)
			continue
		}
		if failure.Code != string(c.code) || !strings.Contains(err.Error(), "order A1: ipoe_order_details: ") || !strings.Contains(err.Error(), string(c.code)+" "+c.text) {
			t.Errorf("%s: code %s, text %s", c.example, failure.Code, err)
		}
		if c.code.Meaning() == "" || refused.List[0].RequestID == "" || refused.List[0].DeveloperMessage == "" {
			t.Errorf("%s: %+v", c.example, refused.List)
		}
	}
}

func TestOtherErrors(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		codes  []ErrorCode
		want   string
	}{
		{400, `{"errors":[{"errorCode":4000102,"errorMessage":"a"},{"errorCode":"4000118","errorMessage":"b"}]}`,
			[]ErrorCode{CodeLength, CodeFormat}, "ipoe_orders: invalid request (HTTP 400): 4000102 a; 4000118 b"},
		{400, `{"errors":[]}`, nil, "ipoe_orders: invalid request (HTTP 400)"},
		{200, `{"errors":[{"errorCode":"5000102"}]}`, []ErrorCode{CodeSystem}, "ipoe_orders: malformed answer (HTTP 200): 5000102"},
		{404, `<html>not here</html>`, nil, "ipoe_orders: not found (HTTP 404)"},
		{400, `{"errors":[{"errorCode":"4000139","errorMessage":"CAF1234567890"}]}`, []ErrorCode{CodeAccessLine},
			"ipoe_orders: invalid request (HTTP 400): 4000139 CAF123***7890"},
	} {
		client, _ := answering(t, c.status, c.body)
		_, err := client.Orders(t.Context(), OrdersRequest{})
		var refused *Errors
		var codes []ErrorCode
		if errors.As(err, &refused) {
			for _, one := range refused.List {
				codes = append(codes, one.Code)
			}
		}
		if !cmp.Equal(codes, c.codes) || errorText(err) != c.want && c.body[0] != '<' {
			t.Errorf("%s: %v with codes %v, want %s", c.body, err, codes, c.want)
		}
	}
	other := errors.New("another")
	if Explain(other) != other || HasCode(other, CodeLength) {
		t.Errorf("an error that is not a call's is changed")
	}
}

func TestAnswersAboutOtherThings(t *testing.T) {
	client, _ := answering(t, 200, string(example(t, "site_partner")))
	_, err := client.Site(t.Context(), SiteRequest{CustomerSiteCode: "int-1"})
	if kind, _ := carrier.KindOf(err); kind != carrier.KindMalformed {
		t.Errorf("error %v", err)
	}
	var failure *carrier.Error
	if !errors.As(err, &failure) || len(failure.Payload) == 0 || strings.Contains(string(failure.Payload), "2mCj3aAVsw0yy0uTCgg3ApiUhVP84d") {
		t.Errorf("payload %s", failure.Payload)
	}
}

// The carrier's list has 2,500 sites; all of them arrive, in few requests.
func TestAllSites(t *testing.T) {
	var mu sync.Mutex
	requests := 0
	client := New(lenienttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		requests++
		limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
		offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
		var rows []string
		for n := max(offset, 1); n <= 2500 && len(rows) < limit; n++ {
			rows = append(rows, fmt.Sprintf(`{"customerSiteCode":"int-%d","lineAccessKey":"s3cret%02d"}`, n, n))
		}
		_, _ = fmt.Fprintf(w, `{"customerSite":[%s]}`, strings.Join(rows, ","))
	}))
	got, err := client.AllSites(t.Context(), SitesRequest{Status: SiteInUse})
	if err != nil || len(got.Value) != 2500 || requests != 7 {
		t.Errorf("%d sites in %d requests, error %v", len(got.Value), requests, err)
	}
	if products, err := client.AllProducts(t.Context(), ProductsRequest{}); err == nil {
		t.Errorf("sites are read as products: %v", products.Value[0])
	}
}

func TestOperations(t *testing.T) {
	operations := Operations()
	if len(operations) != 7 {
		t.Errorf("%d operations, the document has 7", len(operations))
	}
	seen := map[string]bool{}
	for _, o := range operations {
		w := o.New().Spec()
		path := strings.NewReplacer("{customerSiteCode}", "", "{orderCode}", "").Replace(o.Path)
		if o.API != "ipoe" || o.Summary == "" || !strings.HasPrefix(o.Document, "IPoE API 3.4.0, ") || w.Method != o.Method || w.Path != path {
			t.Errorf("%+v sends %s %s", o, w.Method, w.Path)
		}
		if o.Changes != (o.Name == opCreateOrder) {
			t.Errorf("%s changes something: %v", o.Name, o.Changes)
		}
		name := strings.Join(o.Command, " ")
		if seen[name] || seen[o.Name] {
			t.Errorf("%s or %s comes twice", name, o.Name)
		}
		seen[name], seen[o.Name] = true, true
		if _, err := o.Decode(carrier.Reply{Body: []byte(`{"hello":1}`)}, nil); err == nil {
			t.Errorf("%s accepts an answer of something else", name)
		}
		// Issue 12, D.15: nothing at all is an empty list, and an order that was taken without a code.
		_, err := o.Decode(carrier.Reply{Body: []byte(` { } `)}, nil)
		if empty := strings.HasSuffix(name, " list") || name == "orders create"; empty != (err == nil) {
			t.Errorf("%s of {}: %v", name, err)
		}
	}
	list, err := operations[2].Decode(carrier.Reply{Body: []byte(`{"customerSite":[]}`)}, nil)
	if sites, ok := list.([]Site); err != nil || !ok || sites == nil {
		t.Errorf("no sites are %#v, error %v", list, err)
	}
	one, err := operations[3].Decode(carrier.Reply{Body: example(t, "site_dedicated")}, nil)
	if site, ok := one.(*SiteDetail); err != nil || !ok || site.CustomerSiteCode != "int-10000001" {
		t.Errorf("a site is %#v, error %v", one, err)
	}
}
