package ipoe_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"kaisen/internal/simulator"
	"kaisen/internal/simulator/simulatortest"
)

// errorCodes are the codes of an IPoE error, whose messages must be there, for people and developers alike.
func errorCodes(t *testing.T, w *httptest.ResponseRecorder) (codes, messages []string) {
	t.Helper()
	var body struct {
		Errors []struct {
			ErrorCode, ErrorMessage, DeveloperMessage string
			MoreInfo, RequestID                       any
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || len(body.Errors) == 0 {
		t.Fatalf("%d %s: %v", w.Code, w.Body, err)
	}
	for _, e := range body.Errors {
		if e.ErrorMessage == "" || e.DeveloperMessage != e.ErrorMessage || e.MoreInfo != nil {
			t.Errorf("%+v", e)
		}
		codes, messages = append(codes, e.ErrorCode), append(messages, e.ErrorMessage)
	}
	return codes, messages
}

// checkIPoE compares a refusal's status and first code.
func checkIPoE(t *testing.T, w *httptest.ResponseRecorder, status int, code, message string) {
	t.Helper()
	if w.Code != status {
		t.Fatalf("%d %s, want %d", w.Code, w.Body, status)
	}
	codes, messages := errorCodes(t, w)
	if codes[0] != code || !strings.Contains(messages[0], message) {
		t.Errorf("%v %v, want %s %s", codes, messages, code, message)
	}
}

func TestIPoEProducts(t *testing.T) {
	for _, style := range simulatortest.Styles() {
		cfg := simulatortest.Frozen(simulatortest.Noon())
		cfg.Style = style
		c := simulatortest.NewClient(t, cfg)
		_, truth := c.Carrier.Products()
		list := simulatortest.Rows(t, c.Backend("GET", "customerProducts", "", 200), "customerProduct")
		if len(list) != len(truth) {
			t.Fatalf("%d products, want %d", len(list), len(truth))
		}
		for i, p := range list {
			detail := p["detail"].(map[string]any)
			var needs []string
			for _, d := range simulatortest.Rows(t, p, "productDependencies") {
				needs = append(needs, d["productCode"].(string))
			}
			if p["productCode"] != truth[i].Code || p["productName"] != truth[i].Name || !slices.Equal(needs, truth[i].Needs) {
				t.Errorf("%v, want %+v", p, truth[i])
			}
			switch { // a main product's code is made of its details, an option has none
			case p["productType"] == "1":
				if want := fmt.Sprint(detail["service"], "-", detail["plan"], "-", detail["ipaddress"], "-", detail["cpe"], "-", detail["line"]); want != truth[i].Code {
					t.Errorf("details %v of %s", detail, truth[i].Code)
				}
			case len(detail) > 0 || len(needs) == 0:
				t.Errorf("option %v", p)
			}
		}
		if got := simulatortest.Rows(t, c.Backend("GET", "customerProducts?productName=%E3%82%AA%E3%83%B3%E3%82%B5%E3%82%A4%E3%83%88&limit=1&offset=2", "", 200), "customerProduct"); len(got) != 1 || got[0]["productCode"] != "0-1-1-3-2" {
			t.Errorf("searched: %v", got)
		}
	}
}

// 2,500 sites come page by page, each once; the first is number 1.
func TestSitesInPages(t *testing.T) {
	cfg := simulatortest.Frozen(simulatortest.Noon())
	cfg.IPoESites = 2500
	c := simulatortest.NewClient(t, cfg)
	truth := c.Carrier.Sites(time.Time{})
	seen := map[any]int{}
	pages := 0
	for offset := 1; ; offset += 500 {
		list := simulatortest.Rows(t, c.Backend("GET", fmt.Sprintf("customerSites?limit=500&offset=%d", offset), "", 200), "customerSite")
		if len(list) == 0 {
			break
		}
		pages++
		for i, s := range list {
			want := truth[offset-1+i]
			if seen[s["customerSiteCode"]]++; s["customerSiteCode"] != want.SiteCode || s["status"] != want.Status || s["lineId"] != want.LineID ||
				s["lineAccessKey"] != want.Secrets[0] || s["startAt"] != strings.ReplaceAll(want.Started, "-", "") {
				t.Fatalf("site %v, want %+v", s, want)
			}
		}
	}
	if len(seen) != 2500 || len(truth) != 2500 || pages != 5 {
		t.Errorf("%d sites of %d in %d pages", len(seen), len(truth), pages)
	}
	for query, want := range map[string]int{
		"": 100, "?limit=9999": 2500, "?offset=2500": 1, "?offset=2501": 0, "?offset=0&limit=3": 3, "?limit=0": 0, "?limit=&offset=": 100,
	} {
		if got := simulatortest.Rows(t, c.Backend("GET", "customerSites"+query, "", 200), "customerSite"); len(got) != want {
			t.Errorf("%q: %d sites, want %d", query, len(got), want)
		}
	}
}

func TestSiteSearch(t *testing.T) {
	cfg := simulatortest.Frozen(simulatortest.Noon())
	cfg.IPoESites = 300
	c := simulatortest.NewClient(t, cfg)
	truth := c.Carrier.Sites(time.Time{})
	count := func(is func(simulator.SiteTruth) bool) (n int) {
		for _, s := range truth {
			if is(s) {
				n++
			}
		}
		return n
	}
	ended := count(func(s simulator.SiteTruth) bool { return s.Ended != "" })
	if ended == 0 || ended == 300 {
		t.Fatalf("%d sites have been given up", ended)
	}
	one := truth[7]
	day := strings.ReplaceAll(one.Started, "-", "")
	for query, want := range map[string]int{
		"status=2": ended, "status=1": 300 - ended, "customerSiteCode=" + one.SiteCode: 1, "lineId=" + one.LineID: 1, "customerSiteCode=int-1": 0,
		"customerSiteName=" + "8": count(func(s simulator.SiteTruth) bool { return strings.Contains(s.Name, "8") }),
		"customerType=1":          0, "customerType=2": 300, "customerName=%E6%A8%A1%E6%93%AC": 300, "customerName=nobody": 0, "globalIp=203.0.0.8/32": 1,
		"startAtFrom=" + day + "&startAtTo=" + day: count(func(s simulator.SiteTruth) bool { return s.Started == one.Started }),
		"startAtFrom=" + day:                       count(func(s simulator.SiteTruth) bool { return s.Started >= one.Started }),
		"endAtFrom=20200101":                       ended, "endAtTo=20190101": 0, "cpeModelName=RTX830&status=1": -1,
	} {
		got := simulatortest.Rows(t, c.Backend("GET", "customerSites?limit=9999&"+query, "", 200), "customerSite")
		if want >= 0 && len(got) != want || want < 0 && (len(got) == 0 || len(got) == 300) {
			t.Errorf("%s: %d sites, want %d", query, len(got), want)
		}
	}
}

// A site's details have what its product has: the CPE's place and addresses, or gateways and keys, or an account.
func TestSiteDetails(t *testing.T) {
	for _, style := range simulatortest.Styles() {
		cfg := simulatortest.Frozen(simulatortest.Noon())
		cfg.Style, cfg.IPoESites = style, 60
		c := simulatortest.NewClient(t, cfg)
		kinds := map[string]int{}
		for _, want := range c.Carrier.Sites(time.Time{}) {
			answer := c.Backend("GET", "customerSites/"+want.SiteCode, "", 200)
			site := answer["customerSite"].(map[string]any)
			key, objects := "contracts", site
			if site["contract"] != nil {
				kinds["beside"]++
				key, objects = "contract", answer
			}
			var codes []string
			for _, p := range simulatortest.Rows(t, site, key) {
				if p["endAt"] == nil {
					codes = append(codes, p["productCode"].(string))
				}
			}
			if site["customerSiteCode"] != want.SiteCode || !slices.Equal(codes, slices.Clip(want.Products)) && len(codes)+len(want.Products) > 0 {
				t.Errorf("%v has %v, want %+v", site["customerSiteCode"], codes, want)
			}
			keys := fmt.Sprint(site["lineAccessKey"], site["pponeGwPreSharedKey"], site["pptwoGwPreSharedKey"])
			switch {
			case site["terminalBundleType"] == "1":
				kinds["dedicated"]++
				if objects["customerSiteInstallationLocation"] == nil || objects["customerSiteLanAddress"] == nil || site["cpeModelName"] != "RTX830" ||
					site["terminalHostname"] != nil || keys != fmt.Sprint(want.Secrets[0], nil, nil) {
					t.Errorf("with a CPE: %v", answer)
				}
			case objects["customerSiteIpipParam"] != nil:
				kinds["MF"]++
				if ipip := objects["customerSiteIpipParam"].(map[string]any); len(ipip) != 5 || ipip["password"] != want.Secrets[3] {
					t.Errorf("account %v", ipip)
				}
			default:
				kinds["partner"]++
				if objects["customerSiteInstallationLocation"] != nil || keys != fmt.Sprint(want.Secrets[0], want.Secrets[1], want.Secrets[2]) {
					t.Errorf("with a CPE of one's own: %v", answer)
				}
			}
		}
		if kinds["dedicated"] == 0 || kinds["MF"] == 0 || kinds["partner"] == 0 || (kinds["beside"] > 0) != (style != simulator.StyleModern) {
			t.Errorf("%s: %v", style, kinds)
		}
		checkIPoE(t, c.Do("GET", simulatortest.IPoEBase+"customerSites/int-99999999", ""), 400, "4000137", "指定された保守番号に該当する情報が存在しません。")
	}
}

// Queries that the document refuses, with its codes and messages.
func TestIPoERefusals(t *testing.T) {
	for _, style := range simulatortest.Styles() {
		cfg := simulatortest.Frozen(simulatortest.Noon())
		cfg.Style = style
		c := simulatortest.NewClient(t, cfg)
		for path, want := range map[string][2]string{
			"customerProducts?limit=10000":               {"4000102", "取得件数は0~4文字の間で入力してください。"},
			"customerProducts?offset=-1":                 {"4000118", "取得開始番号は正しい形式で入力してください。"},
			"customerProducts?limit=ten":                 {"4000118", "取得件数"},
			"customerSites?limit=1&limit=2":              {"4000118", "リクエスト"},
			"customerSites?page=2":                       {"4000118", "リクエスト"},
			"customerSites?startAtFrom=2026032":          {"4000102", "設置日は8~8文字の間で入力してください。"},
			"customerSites?endAtTo=20260230":             {"4000118", "廃止日は正しい形式で入力してください。"},
			"customerSites?status=3":                     {"4000118", "ステータス"},
			"customerSites?customerType=9":               {"4000118", "契約者種別"},
			"orders?hopeToStartAtFrom=20261332":          {"4000118", "開通希望日 (From)は正しい形式で入力してください。"},
			"orders?hopeToEndAtTo=2026-01-01":            {"4000102", "廃止希望日 (To)"},
			"orders?orderType=4":                         {"4000118", "オーダー種別"},
			"orders?orderCode=" + strings.Repeat("A", 3): {"", ""},
			"orders?orderCode=A-1":                       {"4000110", "オーダー番号は半角英数で入力してください。"},
			"orders/A-1":                                 {"4000110", "オーダー番号は半角英数で入力してください。"},
			"orders/A1000010199999999":                   {"4000137", "指定されたオーダー番号に該当する情報が存在しません。"},
		} {
			w := c.Do("GET", simulatortest.IPoEBase+path, "")
			if want[0] == "" {
				if w.Code != 200 || w.Body.String() != "[]" {
					t.Errorf("%s: %d %s", path, w.Code, w.Body)
				}
				continue
			}
			checkIPoE(t, w, 400, want[0], want[1])
		}
		codes, _ := errorCodes(t, c.Do("GET", simulatortest.IPoEBase+"customerSites?startAtFrom=1&startAtTo=20260230&status=5", ""))
		if !slices.Equal(codes, []string{"4000102", "4000118", "4000118"}) {
			t.Errorf("several mistakes: %v", codes)
		}
		for path, method := range map[string]string{"customerSites": "POST", "customerProducts/1-1-1-1-1": "GET", "accesstokens": "POST"} {
			simulatortest.CheckRefusal(t, c.Send(method, simulatortest.IPoEBase+path, ""), 404, true, "Raising fault. Fault name : Unknown-Re")
		}
		for _, fault := range []string{"500:1", "503:1"} {
			if err := c.Carrier.SetFaults(fault); err != nil {
				t.Fatal(err)
			}
			w := c.Do("GET", simulatortest.IPoEBase+"customerSites", "")
			checkIPoE(t, w, map[string]int{"500:1": 500, "503:1": 503}[fault], "5000102", "システムエラー発生。NTTPCへお問い合わせしてください。")
		}
	}
}
