package ipoe_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kaisen/internal/simulator"
	"kaisen/internal/simulator/simulatortest"
)

const location = `"zipCode":"1050003","prefectures":"東京都","address":"港区西新橋2-14-1","companyName":"株式会社NTTPCコミュニケーションズ",` +
	`"departmentName":"テクノロジー&オペレーション開発本部","clientName":"山田太郎","tel":"05033881648"`

// dedicatedBody is the document's third example: a product with a CPE, an option and a DHCP server.
func dedicatedBody(day string, products ...string) string {
	body := strings.TrimSuffix(simulatortest.StartBody(products...), "}}")
	return body + `,"hopeToOpenAt":"` + day + `","installationLocation":{` + location + `},"terminalDestination":{` + location + `,"hopeToAt":"20190703"},` +
		`"lanAddress":{"lanNetworkAddress":"123.123.123.123/32","lanInterfaceAddress":"123.123.123.123"},` +
		`"dhcpServerFunction":{"howToUse":1,"startAddress":"123.123.123.123","endAddress":"123.123.123.124","dns1":"123.123.123.125","dns2":"123.123.123.126"}}}`
}

// An order of a new site is under way until its day; then there is the site, with what was ordered.
func TestNewSite(t *testing.T) {
	simulatortest.InEveryStyle(t, func(t *testing.T, c *simulatortest.Client) {
		code := c.PlaceIPoE(dedicatedBody("20260410", "1-1-1-1-1", "0-1-1-3-1"))
		order := c.Backend("GET", "orders/"+code, "", 200)
		site := order["customerSiteCode"].(string)
		if order["status"] != "1" || order["orderType"] != "1" || order["applicationDate"] != "20260320" || order["hopeToStartAt"] != "20260410" ||
			order["lineAccessKey"] != "k3yk3yk3" || order["customerCode"] != "A10000105" || order["caseName"] != "鈴木商店" {
			t.Errorf("order %v", order)
		}
		if to := order["terminalDestination"].(map[string]any); len(to) != 8 || to["hopeToAt"] != "20190703" || to["departmentName"] != "テクノロジー&オペレーション開発本部" {
			t.Errorf("destination %v", to)
		}
		contracts := simulatortest.Rows(t, order, "contracts")
		if len(contracts) != 2 || contracts[0]["productCode"] != "1-1-1-1-1" || contracts[1]["status"] != "1" || contracts[1]["errorMessage"] != nil {
			t.Errorf("contracts %v", contracts)
		}
		opens := time.Date(2026, 4, 10, 0, 0, 0, 0, simulatortest.Tokyo)
		c.Clock(simulator.ClockChange{Now: opens.Add(-time.Second)})
		checkIPoE(t, c.Do("GET", simulatortest.IPoEBase+"customerSites/"+site, ""), 400, "4000137", "保守番号")
		c.Clock(simulator.ClockChange{Now: opens})
		row := simulatortest.Rows(t, c.Backend("GET", "customerSites?customerSiteCode="+site, "", 200), "customerSite")[0]
		if row["startAt"] != "20260410" || row["status"] != "1" || row["customerSiteName"] != "東京拠点" || row["lineAccessKey"] != "k3yk3yk3" || row["terminalBundleType"] != "1" {
			t.Errorf("site %v", row)
		}
		c.Backend("GET", "customerSites/"+site, "", 200)
		listed := simulatortest.Rows(t, c.Backend("GET", "orders?customerSiteCode="+site+"&status=2&orderType=1", "", 200), "list")
		if len(listed) != 1 || listed[0]["orderCode"] != code || listed[0]["customerSiteName"] != "東京拠点" {
			t.Errorf("listed %v", listed)
		}
		if sites := c.Carrier.Sites(time.Time{}); len(sites) != 41 || !slices.Equal(sites[40].Products, []string{"1-1-1-1-1", "0-1-1-3-1"}) {
			t.Errorf("%d sites, the last %+v", len(sites), sites[len(sites)-1])
		}
	})
}

// A site's products change, and it is given up at the end of a month.
func TestSiteChangesAndEnds(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	code := c.PlaceIPoE(dedicatedBody("20260321", "1-1-1-1-1"))
	site := c.Backend("GET", "orders/"+code, "", 200)["customerSiteCode"].(string)
	change := func(products string) string {
		return `{"orderType":"2","changeOrderPostData":{"customerSiteCode":"` + site + `","products":[` + products + `]}}`
	}
	product := func(change, code string) string {
		return fmt.Sprintf(`{"changeType":%q,"productCode":%q}`, change, code)
	}
	has := func() []string {
		for _, s := range c.Carrier.Sites(time.Time{}) {
			if s.SiteCode == site {
				return s.Products
			}
		}
		return nil
	}
	checkIPoE(t, c.Send("POST", simulatortest.IPoEBase+"orders", change(product("1", "0-1-1-3-1"))), 400, "4000137", "保守番号")
	c.Clock(simulator.ClockChange{Now: time.Date(2026, 3, 22, 12, 0, 0, 0, simulatortest.Tokyo)})
	for _, bad := range [][2]string{
		{product("3", "1-1-1-1-1"), "4000144"}, {product("1", "1-2-2-1-1"), "4000144"}, {product("3", "0-1-1-3-1"), "4000137"},
		{product("1", "9-9-9-9-9"), "4000137"}, {product("2", "0-1-1-3-1"), "4000118"}, {"", "4000102"},
	} {
		checkIPoE(t, c.Send("POST", simulatortest.IPoEBase+"orders", change(bad[0])), 400, bad[1], "")
	}
	added := c.PlaceIPoE(change(product("1", "0-1-1-3-1")))
	c.Clock(simulator.ClockChange{Advance: "2m"})
	if !slices.Equal(has(), []string{"1-1-1-1-1", "0-1-1-3-1"}) {
		t.Errorf("added: %v", has())
	}
	swapped := c.PlaceIPoE(change(product("3", "0-1-1-3-1") + "," + product("1", "0-1-1-3-2")))
	if order := c.Backend("GET", "orders/"+swapped, "", 200); order["changeType"] != "3" || order["status"] != "1" || len(simulatortest.Rows(t, order, "contracts")) != 2 {
		t.Errorf("change %v", order)
	}
	c.Clock(simulator.ClockChange{Advance: "2m"})
	if !slices.Equal(has(), []string{"1-1-1-1-1", "0-1-1-3-2"}) || c.Backend("GET", "orders/"+added, "", 200)["status"] != "2" {
		t.Errorf("swapped: %v", has())
	}
	end := c.PlaceIPoE(`{"orderType":"3","cancelOrderPostData":{"customerCode":"A10000105","customerSiteCode":"` + site + `","hopeToEndAt":"202604","overwriteCheckFlag":"0"}}`)
	if order := c.Backend("GET", "orders/"+end, "", 200); order["hopeToEndAt"] != "20260430" || order["overwriteCheckFlag"] != "0" || order["orderType"] != "3" {
		t.Errorf("end %v", order)
	}
	may := time.Date(2026, 5, 1, 0, 0, 0, 0, simulatortest.Tokyo)
	for at, want := range map[time.Time][2]string{may.Add(-time.Second): {"1", ""}, may: {"2", "20260430"}} {
		c.Clock(simulator.ClockChange{Now: at})
		row := simulatortest.Rows(t, c.Backend("GET", "customerSites?customerSiteCode="+site, "", 200), "customerSite")[0]
		if ended, _ := row["endAt"].(string); row["status"] != want[0] || ended != want[1] {
			t.Errorf("%s: %v", at, row)
		}
	}
	c.Clock(simulator.ClockChange{Now: may})
	detail := c.Backend("GET", "customerSites/"+site, "", 200)["customerSite"].(map[string]any)
	for _, key := range []string{"contract", "contracts"} {
		if detail[key] == nil {
			continue
		}
		if p := simulatortest.Rows(t, detail, key); len(p) != 3 || p[0]["endAt"] != "20260430" || p[1]["endAt"] != "20260322" {
			t.Errorf("contracts %v", p)
		}
	}
	checkIPoE(t, c.Send("POST", simulatortest.IPoEBase+"orders", change(product("1", "0-1-1-3-1"))), 400, "4000137", "保守番号")
}

// What the document refuses of an order, with its codes.
func TestIPoEOrderRefusals(t *testing.T) {
	replace := func(old, new string) string {
		return strings.Replace(simulatortest.StartBody("1-1-1-2-1"), old, new, 1)
	}
	dedicated := func(old, new string) string {
		return strings.Replace(dedicatedBody("20260410", "1-1-1-1-1"), old, new, 1)
	}
	tests := []struct{ name, body, code, message string }{
		{"no such product", simulatortest.StartBody("1-9-9-9-1"), "4000137", "指定された商品要素に該当する情報が存在しません。"},
		{"option without its product", simulatortest.StartBody("0-1-1-3-1"), "4000144", "商品の組み合わせに問題があるため購入できません。"},
		{"option of a dedicated CPE with one's own", simulatortest.StartBody("1-1-1-2-1", "0-1-1-3-1"), "4000144", ""},
		{"two main products", simulatortest.StartBody("1-1-1-2-1", "1-2-2-2-1"), "4000144", ""},
		{"line that cannot be used", replace("CAF1234567890", "CAF1234567999"), "4000139", "アクセス回線状態エラー。"},
		{"no line", replace(`"lineId":"CAF1234567890",`, ""), "4000102", "回線IDは11~16文字の間で入力してください。"},
		{"line of ten", replace("CAF1234567890", "CAF1234567"), "4000102", "回線ID"},
		{"line with a hyphen", replace("CAF1234567890", "CAF-123456789"), "4000110", "回線IDは半角英数で入力してください。"},
		{"key of seven", replace("k3yk3yk3", "ab2c3d4"), "4000102", "アクセスキーは8~8文字の間で入力してください。"},
		{"name of 65", replace("東京拠点", strings.Repeat("東", 65)), "4000102", "拠点名は0~64文字の間で入力してください。"},
		{"no products", replace(`{"productCode":"1-1-1-2-1"}`, ""), "4000102", "商品"},
		{"no type", replace(`"orderType":"1",`, ""), "4000102", "オーダー種別"},
		{"type 4", replace(`"orderType":"1"`, `"orderType":"4"`), "4000118", "オーダー種別"},
		{"another type's data", replace(`"orderType":"1"`, `"orderType":"3"`), "4000102", ""},
		{"field that there is not", replace(`"caseName"`, `"case"`), "4000118", "case"},
		{"no JSON", "{", "4000118", ""},
		{"day that there is not", dedicated("20260410", "20260431"), "4000118", "開通希望日は正しい形式で入力してください。"},
		{"no place", dedicated("installationLocation", "installationPlace"), "4000102", "端末設置場所情報"},
		{"postal number of six", dedicated("1050003", "105000"), "4000102", "郵便番号は7~7文字の間で入力してください。"},
		{"telephone with hyphens", dedicated("05033881648", "050-3388-16"), "4000110", "電話番号"},
		{"DHCP server without addresses", dedicated(`"startAddress":"123.123.123.123",`, ""), "4000102", "startAddress"},
		{"use 2", dedicated(`"howToUse":1`, `"howToUse":2`), "4000118", "使用方法"},
		{"end of no site", `{"orderType":"3","cancelOrderPostData":{"customerSiteCode":"int-12345678","hopeToEndAt":"201912"}}`, "4000137", "保守番号"},
		{"end on no day", `{"orderType":"3","cancelOrderPostData":{"customerSiteCode":"int-10000001","hopeToEndAt":"201913"}}`, "4000118", "廃止希望日"},
		{"end without a site", `{"orderType":"3","cancelOrderPostData":{"hopeToEndAt":"201912"}}`, "4000102", "保守番号は1~256文字の間で入力してください。"},
	}
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			checkIPoE(t, c.Send("POST", simulatortest.IPoEBase+"orders", test.body), 400, test.code, test.message)
		})
	}
	if n := len(c.Carrier.IPoEOrders(time.Time{})); n != 40 {
		t.Errorf("%d orders, want 40", n)
	}
}

// What a product with a CPE needs is asked for as the definitions have it in the modern style alone: the examples leave
// it out.
func TestEquipmentByStyle(t *testing.T) {
	withoutLAN := strings.Replace(dedicatedBody("20260410", "1-1-1-1-1"),
		`"lanAddress":{"lanNetworkAddress":"123.123.123.123/32","lanInterfaceAddress":"123.123.123.123"},`, "", 1)
	for _, style := range simulatortest.Styles() {
		cfg := simulatortest.Frozen(simulatortest.Noon())
		cfg.Style = style
		c := simulatortest.NewClient(t, cfg)
		for name, body := range map[string]string{"first example": simulatortest.StartBody("1-1-1-1-1"), "second example": withoutLAN} {
			want := 201
			if style == simulator.StyleModern {
				want = 400
			}
			if w := c.Send("POST", simulatortest.IPoEBase+"orders", body); w.Code != want {
				t.Errorf("%s, %s: %d %s", style, name, w.Code, w.Body)
			}
		}
		c.PlaceIPoE(simulatortest.StartBody("1-1-1-2-1"))                                                         // of one's own it needs nothing
		c.PlaceIPoE(strings.Replace(withoutLAN, `"1-1-1-1-1"`, `"1-2-2-1-1"`, 1))                                 // IP4 has no LAN
		c.PlaceIPoE(strings.Replace(simulatortest.StartBody("1-2-0-2-1"), `"orderType":"1"`, `"orderType":1`, 1)) // codes may be integers
	}
}

func TestIPoEOrderFaults(t *testing.T) {
	for fault, want := range map[string]string{"order-error:1": "3", "order-stuck:1": "1"} {
		c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
		if err := c.Carrier.SetFaults(fault); err != nil {
			t.Fatal(err)
		}
		code := c.PlaceIPoE(simulatortest.StartBody("1-1-1-2-1"))
		c.Clock(simulator.ClockChange{Advance: "1000h"})
		order := c.Backend("GET", "orders/"+code, "", 200)
		contracts := simulatortest.Rows(t, order, "contracts")
		if order["status"] != want || contracts[0]["status"] != want || (contracts[0]["errorMessage"] != nil) != (want == "3") {
			t.Errorf("%s: %v", fault, order)
		}
		if n := len(c.Carrier.Sites(time.Time{})); n != 40 {
			t.Errorf("%s: %d sites", fault, n)
		}
	}
}

// Orders are searched by each of their fields, and paged.
func TestIPoEOrderSearch(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	code := c.PlaceIPoE(dedicatedBody("20260410", "1-2-2-1-1"))
	for query, want := range map[string]int{
		"": 41, "limit=10": 10, "limit=10&offset=41": 1, "orderCode=" + code: 1, "status=1": 1, "orderType=1": 41, "orderType=3": 0,
		"hopeToStartAtFrom=20260401": 1, "hopeToStartAtFrom=20260411": 0, "hopeToEndAtFrom=20200101": 0,
		"lineId=CAF1234567890": 1, "caseName=%E9%88%B4%E6%9C%A8": 0, "customerSiteName=%E6%9D%B1%E4%BA%AC%E6%8B%A0%E7%82%B9": 1,
		"status=1&productName=%E3%82%B9%E3%82%BF%E3%83%B3": 1, "status=1&productName=%E5%8B%95%E7%9A%84": 0,
	} {
		if got := simulatortest.Rows(t, c.Backend("GET", "orders?"+query, "", 200), "list"); len(got) != want {
			t.Errorf("%q: %d orders, want %d", query, len(got), want)
		}
	}
	truth := c.Carrier.IPoEOrders(time.Time{})
	for i, row := range simulatortest.Rows(t, c.Backend("GET", "orders", "", 200), "list") {
		if row["orderCode"] != truth[i].OrderCode || row["status"] != truth[i].Status || row["customerSiteCode"] != truth[i].SiteCode {
			t.Errorf("row %v, want %+v", row, truth[i])
		}
	}
}
