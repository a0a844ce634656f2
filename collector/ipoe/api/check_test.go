package api

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
)

func now() time.Time { return time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC) }

// filled is a request made as kaisen api makes it, from JSON.
func filled(t *testing.T, command, body string) carrier.Request {
	t.Helper()
	for _, operation := range Operations() {
		if strings.Join(operation.Command, " ") == command {
			request := operation.New()
			if err := json.Unmarshal([]byte(body), request); err != nil {
				t.Fatalf("%s %s: %v", command, body, err)
			}
			return request
		}
	}
	t.Fatalf("no operation %s", command)
	return nil
}

func TestRequestsAreChecked(t *testing.T) {
	long := strings.Repeat("あ", 65)
	for _, c := range []struct{ command, body, want string }{
		{"token create", `{}`, "clientId: is missing\nclientSecret: is missing"},
		{"token create", `{"clientId":"abc00001","clientSecret":"ec58dNX%d8"}`, ""},
		{"token create", `{"clientId":"a b","clientSecret":"short"}`,
			"clientId: may have nothing but half-width letters, digits and signs\n" +
				"clientSecret: is 5 characters long, must be 8 to 40"},
		{"products list", `{}`, ""},
		{"products list", `{"limit":"9999","offset":11,"productName":"専用CPE"}`, ""},
		{"products list", `{"limit":10000,"offset":"-1"}`, "limit: must be 0 to 9999\noffset: must be 0 to 9999"},
		{"sites list", `{}`, ""},
		{"sites list", `{"startAtFrom":"20190624","startAtTo":"2019-06-24","status":1,"customerType":"2"}`, ""},
		{"sites list", `{"caseName":"` + long + `","customerSiteCode":"東京","customerSiteName":"` + long + `","customerType":"3",
			"endAtFrom":"20190230","endAtTo":"2019","startAtFrom":"20190102","startAtTo":"20190101","status":"3","limit":-1}`,
			"caseName: is 65 characters long, may be 64 at most\n" +
				"customerSiteCode: may have nothing but half-width letters, digits and signs\n" +
				"customerSiteName: is 65 characters long, may be 64 at most\ncustomerType: must be one of 1, 2\n" +
				"endAtFrom: is no day that exists, as YYYYMMDD\nendAtTo: is no day that exists, as YYYYMMDD\n" +
				"limit: must be 0 to 9999\nstartAtFrom: is after startAtTo\nstatus: must be one of 1, 2"},
		{"sites get", `{}`, "customerSiteCode: is missing"},
		{"sites get", `{"customerSiteCode":"int-12345678"}`, ""},
		{"orders get", `{}`, "orderCode: is missing"},
		{"orders get", `{"orderCode":"A-1"}`, "orderCode: may have nothing but half-width letters and digits"},
		{"orders list", `{"status":"5","orderType":"3","hopeToStartAtFrom":"20190101","hopeToStartAtTo":"20190102"}`, ""},
		{"orders list", `{"status":"6","orderType":"4","orderCode":"Ａ1","hopeToEndAtFrom":"20190102","hopeToEndAtTo":"20190101"}`,
			"hopeToEndAtFrom: is after hopeToEndAtTo\norderCode: may have nothing but half-width letters and digits\n" +
				"orderType: must be one of 1, 2, 3\nstatus: must be one of 1, 2, 3, 4, 5"},
		{"orders create", `{}`, "orderType: is missing"},
		{"orders create", `{"orderType":"1"}`, "startOrderPostData: is missing, and required with orderType 1"},
		{"orders create", `{"orderType":"4"}`, "orderType: must be one of 1, 2, 3"},
		{"orders create", `{"orderType":2,"cancelOrderPostData":{"customerSiteCode":"int-1"}}`,
			"changeOrderPostData: is missing, and required with orderType 2\ncancelOrderPostData: belongs to orderType 3"},
		{"orders create", `{"orderType":"1","startOrderPostData":{"customerSiteName":"` + long + `"}}`,
			"startOrderPostData.customerSiteName: is 65 characters long, may be 64 at most\nstartOrderPostData.lineId: is missing\n" +
				"startOrderPostData.lineAccessKey: is missing\nstartOrderPostData.products: must name one product at least"},
		{"orders create", `{"orderType":"2","changeOrderPostData":{"products":[{"changeType":"2"}]}}`,
			"changeOrderPostData.customerSiteCode: is missing\n" +
				"changeOrderPostData.products[0].changeType: must be one of 1, 3\nchangeOrderPostData.products[0].productCode: is missing"},
		{"orders create", `{"orderType":"2","changeOrderPostData":{"customerSiteCode":"int-1","products":[{"changeType":3,"productCode":"0-1-1-3-1"}]}}`, ""},
		{"orders create", `{"orderType":"3","cancelOrderPostData":{"customerCode":"Ａ","hopeToEndAt":"201913","overwriteCheckFlag":2}}`,
			"cancelOrderPostData.customerCode: may have nothing but half-width letters and digits\ncancelOrderPostData.customerSiteCode: is missing\n" +
				"cancelOrderPostData.hopeToEndAt: is neither a month nor a day that exists, as YYYYMM or YYYYMMDD\n" +
				"cancelOrderPostData.overwriteCheckFlag: must be one of 0, 1"},
		{"orders create", `{"orderType":"3","cancelOrderPostData":{"customerSiteCode":"int-1","hopeToEndAt":"20191231"}}`, ""},
	} {
		err := filled(t, c.command, c.body).Validate(now())
		if got := errorText(err); got != c.want {
			t.Errorf("%s %s:\n%s\nwant\n%s", c.command, c.body, got, c.want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// The example of an order for a dedicated CPE, changed in one place each.
func TestNewSitesAreChecked(t *testing.T) {
	for name, c := range map[string]struct{ old, changed, want string }{
		"as documented":       {``, ``, ``},
		"line ID":             {`CAF1234567890`, `CAF123456`, "lineId: is 9 characters long, must be 11 to 16"},
		"full-width line ID":  {`CAF1234567890`, `ＣAF1234567890`, "lineId: may have nothing but half-width letters and digits"},
		"access key":          {`"a1b2c3d4"`, `"a1b2c3d"`, "lineAccessKey: is 7 characters long, must be 8"},
		"opening day":         {`"20190704"`, `"20190231"`, "hopeToOpenAt: is no day that exists, as YYYYMMDD"},
		"arrival":             {`"20190703"`, `"tomorrow"`, "terminalDestination.hopeToAt: is no day that exists, as YYYYMMDD"},
		"product code":        {`"0-1-1-3-1"`, `"0 1"`, "products[1].productCode: may have nothing but half-width letters, digits and signs"},
		"network":             {`"123.123.123.123/32"`, `"999.1.1.1/32"`, "lanAddress.lanNetworkAddress: is no IPv4 network, as 192.0.2.0/24"},
		"interface":           {`"lanInterfaceAddress": "123.123.123.123"`, `"lanInterfaceAddress": "::1"`, "lanAddress.lanInterfaceAddress: is no IPv4 address, as 192.0.2.1"},
		"DHCP use":            {`"howToUse": 1`, `"howToUse": "2"`, "dhcpServerFunction.howToUse: must be one of 0, 1"},
		"DHCP range":          {`"endAddress": "123.123.123.123"`, `"endAddress": "123.123.123.122"`, "dhcpServerFunction.startAddress: is after endAddress"},
		"half a DHCP range":   {`"endAddress": "123.123.123.123"`, `"endAddress": ""`, "dhcpServerFunction.endAddress: is missing, with a startAddress"},
		"the other half":      {`"startAddress": "123.123.123.123"`, `"startAddress": null`, "dhcpServerFunction.startAddress: is missing, with an endAddress"},
		"name server":         {`"dns1": "123.123.123.123"`, `"dns1": "example.com"`, "dhcpServerFunction.dns1: is no IPv4 address, as 192.0.2.1"},
		"parts for the CPE":   {`"hopeToOpenAt": "20190704",`, ``, ""}, // which CheckProducts finds: a partner's CPE needs none of them
		"an IPv6 network":     {`"123.123.123.123/32"`, `"2001:db8::/32"`, "lanAddress.lanNetworkAddress: is no IPv4 network, as 192.0.2.0/24"},
		"IPv4 in IPv6":        {`"123.123.123.123/32"`, `"::ffff:1.2.3.4/128"`, "lanAddress.lanNetworkAddress: is no IPv4 network, as 192.0.2.0/24"},
		"postal code of both": {`"1050003"`, `"105-003"`, "installationLocation.zipCode: may have nothing but half-width digits\nterminalDestination.zipCode: may have nothing but half-width digits"},
		"telephone of both":   {`"05033881648"`, `"5.033881648E9"`, "installationLocation.tel: is 13 characters long, must be 10 to 11\ninstallationLocation.tel: may have nothing but half-width digits\nterminalDestination.tel: is 13 characters long, must be 10 to 11\nterminalDestination.tel: may have nothing but half-width digits"},
	} {
		body := strings.ReplaceAll(string(example(t, "order_onsite")), c.old, c.changed)
		if c.old == "" {
			body = string(example(t, "order_onsite"))
		}
		err := filled(t, "orders create", body).Validate(now())
		got := strings.ReplaceAll("\n"+errorText(err), "\nstartOrderPostData.", "\n")[1:]
		if got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
		if strings.Contains(got, "a1b2c3d") {
			t.Errorf("%s: the error tells the access key: %s", name, got)
		}
	}
}

func TestOrdersAreComparedWithTheProducts(t *testing.T) {
	products, _, err := readProducts(new(lenient.Decoder), example(t, "products"))
	if err != nil {
		t.Fatal(err)
	}
	dedicated := products[0]
	dedicated.ProductCode, dedicated.ProductName = "1-1-1-1-2", "専用CPE付き"
	products = append(products, dedicated)
	for name, c := range map[string]struct{ body, want string }{
		"as documented": {string(example(t, "order_onsite")), ""},
		"without the dedicated CPE's parts": {strings.Replace(string(example(t, "order_partner")), "1-1-1-1-1", "1-1-1-1-2", 1),
			"startOrderPostData.products[0].productCode: has a dedicated CPE, so that hopeToOpenAt, installationLocation, terminalDestination, dhcpServerFunction are required"},
		"a partner's CPE with what it needs": {string(example(t, "order_partner")), ""}, // its cpe is 1 in the example, its name says partner
		"with one of them missing": {strings.NewReplacer(`"hopeToOpenAt": "20190704",`, ``, "1-1-1-1-1", "1-1-1-1-2").Replace(string(example(t, "order_onsite"))),
			"startOrderPostData.products[0].productCode: has a dedicated CPE, so that hopeToOpenAt are required\n" +
				"startOrderPostData.products[1].productCode: needs one of the products it depends on in the same order"},
		"an option alone": {strings.Replace(string(example(t, "order_partner")), "1-1-1-1-1", "0-1-1-3-1", 1),
			"startOrderPostData.products[0].productCode: needs one of the products it depends on in the same order"},
		"a product not sold": {strings.Replace(string(example(t, "order_partner")), "1-1-1-1-1", "9-9-9-9-9", 1),
			"startOrderPostData.products[0].productCode: is not among the products that can be bought"},
		"a change": {`{"orderType":"2","changeOrderPostData":{"customerSiteCode":"int-1","products":[
			{"changeType":"1","productCode":"9"},{"changeType":"3","productCode":"9"},{"changeType":"1","productCode":"0-1-1-3-1"}]}}`,
			"changeOrderPostData.products[0].productCode: is not among the products that can be bought"},
		"a cancellation": {string(example(t, "order_cancel")), ""},
	} {
		request := filled(t, "orders create", c.body).(*CreateOrderRequest)
		if got := errorText(request.CheckProducts(products)); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

// Issue 12, D.14: an order's code is optional in the answer, in that of a change above all.
func TestAnOrderWithoutACodeIsTaken(t *testing.T) {
	for _, body := range []string{`{}`, ` { } `, `{"orderCode":null}`, `{"orderCode":""}`} {
		if created, warnings, err := readCreated(new(lenient.Decoder), []byte(body)); err != nil || created.OrderCode != "" || len(warnings) > 0 {
			t.Errorf("%s: %+v, %v, %v", body, created, warnings, err)
		}
	}
	if order, _, err := readOrder(new(lenient.Decoder), []byte(`{"orderType":"2","status":"1"}`)); err != nil || order.Status != "1" {
		t.Errorf("details without a code: %+v, %v", order, err)
	}
	for _, body := range []string{``, `[]`, `null`, `<html>`, `{"result":"ok"}`} {
		if created, _, err := readCreated(new(lenient.Decoder), []byte(body)); err == nil {
			t.Errorf("%s: %+v, want an error", body, created)
		}
	}
}

func TestQueries(t *testing.T) {
	for _, c := range []struct{ command, body, want string }{
		{"products list", `{}`, "/infoIpoE/v2/customerProducts"},
		{"products list", `{"productName":"専用","offset":11,"limit":500}`, "/infoIpoE/v2/customerProducts?limit=500&offset=11&productName=%E5%B0%82%E7%94%A8"},
		{"sites list", `{"status":"1","startAtTo":"2019-06-24","startAtFrom":"2019/06/24","globalIp":"1.1.1.0/27","limit":"500","caseName":"a&b"}`,
			"/infoIpoE/v2/customerSites?caseName=a%26b&globalIp=1.1.1.0%2F27&limit=500&startAtFrom=20190624&startAtTo=20190624&status=1"},
		{"sites list", `{"cpeModelName":"RTX830","customerName":"c","customerSiteCode":"int-1","customerSiteName":"n","customerType":2,"endAtFrom":"20190101","endAtTo":"20190102","lineId":"CAF1","offset":9}`,
			"/infoIpoE/v2/customerSites?cpeModelName=RTX830&customerName=c&customerSiteCode=int-1&customerSiteName=n&customerType=2&endAtFrom=20190101&endAtTo=20190102&lineId=CAF1&offset=9"},
		{"sites get", `{"customerSiteCode":"int/1?"}`, "/infoIpoE/v2/customerSites/int%2F1%3F"},
		{"orders get", `{"orderCode":"A1"}`, "/infoIpoE/v2/orders/A1"},
		{"orders list", `{"caseName":"c","customerSiteCode":"i","customerSiteName":"n","hopeToEndAtFrom":"20190101","hopeToEndAtTo":"20190102","hopeToStartAtFrom":"20190103","hopeToStartAtTo":"20190104","limit":1,"lineId":"l","offset":2,"orderCode":"o","orderType":1,"productName":"p","status":2}`,
			"/infoIpoE/v2/orders?caseName=c&customerSiteCode=i&customerSiteName=n&hopeToEndAtFrom=20190101&hopeToEndAtTo=20190102&hopeToStartAtFrom=20190103&hopeToStartAtTo=20190104&limit=1&lineId=l&offset=2&orderCode=o&orderType=1&productName=p&status=2"},
	} {
		w := filled(t, c.command, c.body).Spec()
		if got := w.Target(); w.Method != "GET" || got != c.want || w.Body != nil {
			t.Errorf("%s %s: %s %s, want GET %s", c.command, c.body, w.Method, got, c.want)
		}
	}
}
