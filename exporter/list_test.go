package exporter

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/exporter/fleet"
	"kaisen/exporter/fleet/fleettest"
	"kaisen/schema"
)

// sheetOf reads a CSV file with the one of Go, without the mark at its beginning.
func sheetOf(t *testing.T, pages http.Handler, path string) [][]string {
	t.Helper()
	response := httptest.NewRecorder()
	pages.ServeHTTP(response, httptest.NewRequest(http.MethodGet, path, nil))
	text, marked := strings.CutPrefix(response.Body.String(), "\ufeff")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if response.Code != http.StatusOK || err != nil || !marked || !strings.HasPrefix(response.Header().Get("Content-Disposition"), `attachment; filename="kaisen-`) {
		t.Fatalf("%s: status %d, error %v, marked %t, %s", path, response.Code, err, marked, response.Header())
	}
	return rows
}

// column is what a file has in a column.
func column(rows [][]string, name string) (cells []string) {
	at := slices.Index(rows[0], name)
	for _, row := range rows[1:] {
		cells = append(cells, row[at])
	}
	return cells
}

// TestListParts: every line is on one page, whatever the list is sorted by; and the file has them all, in the same order.
func TestListParts(t *testing.T) {
	f := fleet.New(fleet.DefaultConfig())
	for i := range 250 {
		sample := fleettest.Answer(fmt.Sprintf("090%08d", i), schema.ScopeLine)
		sample.MonthBytes = schema.Some(uint64(i*7919%250) * 1e6)
		f.Write(schema.Batch{Lines: []schema.Line{fleettest.Inventory(sample.LineNo, schema.LineActive)}, Traffic: []schema.TrafficSample{sample}})
	}
	pages := pagesOf(t, f, prometheus.NewRegistry(), Health{})
	for _, order := range []string{"", "&sort=used", "&sort=used&desc=1", "&sort=line&desc=1", "&sort=nonsense"} {
		var shown []string
		for part := 1; part <= 3; part++ {
			body := pages.get(fmt.Sprintf("/lines?page=%d%s", part, order)).body
			for _, piece := range strings.Split(body, `source=hq">`)[1:] {
				number, _, _ := strings.Cut(piece, "<")
				shown = append(shown, number)
			}
		}
		file := column(sheetOf(t, pages, "/lines.csv?page=2"+order), "line")
		if len(shown) != 250 || !slices.Equal(shown, file) {
			t.Errorf("order %q: %d lines on the pages, %d in the file", order, len(shown), len(file))
		}
	}
	pages.expect("/lines?sort=used&desc=1&page=2", 200, []string{"101 to 200 of 250", `href="/lines?desc=1&amp;page=3&amp;sort=used"`, `href="/lines?desc=1&amp;page=1&amp;sort=used"`, `aria-sort="descending"`, `href="/lines.csv?desc=1&amp;sort=used"`}, nil)
	pages.expect("/lines?page=9", 200, []string{"250 lines"}, []string{"<tbody>"})
	pages.expect("/lines?plan=none+such", 200, []string{"0 lines"}, nil)
	pages.expect("/lines?contract=N123456789&source=hq&plan=T3001328", 200, []string{"250 lines"}, nil)
	pages.expect("/lines?source=branch", 200, []string{"0 lines"}, nil)
}

// TestFileIsNoFormula: no cell begins a formula in a spreadsheet, and each says what it said.
func TestFileIsNoFormula(t *testing.T) {
	f := fleet.New(fleet.DefaultConfig())
	texts := []string{"=1+1", "+81", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", `quote " and, comma`, "two\nlines", "長"}
	for i, text := range texts {
		f.Write(schema.Batch{IPoESites: []schema.IPoESite{{Source: "=x", IPoESiteBrief: schema.IPoESiteBrief{CustomerSiteCode: fmt.Sprintf("%02d", i), CustomerSiteName: text}, Listed: true}}})
	}
	rows := sheetOf(t, pagesOf(t, f, prometheus.NewRegistry(), Health{}), "/sites.csv")
	names := column(rows, "site_name")
	for i, text := range texts {
		want := text
		if i < 7 {
			want = "'" + text
		}
		if want = strings.ReplaceAll(want, "\r\n", "\n"); names[i] != want {
			t.Errorf("%q is %q, want %q", text, names[i], want)
		}
	}
	if rows[1][0] != "'=x" {
		t.Errorf("source %q", rows[1][0])
	}
}

// TestFileOfLines: what the page says of a line, unrounded.
func TestFileOfLines(t *testing.T) {
	pages := pagesOf(t, aFleet(t), prometheus.NewRegistry(), Health{})
	rows := sheetOf(t, pages, "/lines.csv?list=restricted")
	for name, want := range map[string][]string{
		"line": {"09000007777", "09000000000", "09000000001"}, "restriction": {"recent", "monthly", "monthly"}, "of_pool": {"yes", "no", "no"}, "since_at_least": {"yes", "no", "no"},
		"month_bytes": {"3000000000", "1000000000", "990000000"}, "remaining_bytes": {"1000000000", "0", "10000000"}, "stale": {"no", "no", "no"},
	} {
		if got := column(rows, name); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if until := column(rows, "restricted_until"); until[0] != "" || !strings.Contains(until[1], "-01T00:00:00") {
		t.Errorf("until %q", until)
	}
	pools := sheetOf(t, pages, "/pools.csv")
	if len(pools) != 2 || column(pools, "restriction")[0] != "recent" || column(pools, "quota_bytes")[0] != "4000000000" || column(pools, "members")[0] != "1" {
		t.Errorf("share groups %q", pools)
	}
	if got := len(sheetOf(t, pages, "/lines.csv?q=000001")); got != 1+11 {
		t.Errorf("%d rows", got)
	}
}

// TestOrdersAlone: a fleet with orders and sites and no line is a fleet.
func TestOrdersAlone(t *testing.T) {
	f := fleet.New(fleet.DefaultConfig())
	yesterday := schema.Some(schema.DateOf(time.Now().In(f.Config().Zone)).AddDays(-1))
	pages := pagesOf(t, f, prometheus.NewRegistry(), Health{})
	f.Write(schema.Batch{
		IPoEOrders: []schema.IPoEOrder{{Source: "ipoe", IPoEOrderBrief: schema.IPoEOrderBrief{OrderCode: "A1", CustomerSiteName: "Shibuya", Status: schema.IPoEOrderInProgress}, Listed: true, StatusSince: time.Now()}},
		IPoESites:  []schema.IPoESite{{Source: "ipoe", IPoESiteBrief: schema.IPoESiteBrief{CustomerSiteCode: "int-1", CustomerSiteName: "Shibuya", Status: schema.SiteInUse}, Listed: true}},
	})
	pages.expect("/", 200, []string{"FINE", "No order is in error or late", `<dt>Open orders</dt><dd><a href="/orders">1</a></dd>`, `<dt>Sites in use</dt><dd><a href="/sites">1</a></dd>`},
		[]string{"No line is known yet", "Active lines", "Restricted now"})
	f.Write(schema.Batch{
		ServiceOrders: []schema.ServiceOrder{{Source: "so", OrderRequestNum: "S9", ServiceName: "UNO", Status: schema.ServiceOrderReceived, Listed: true, StatusSince: time.Now(), OfferPlanDate: yesterday}},
		Orders:        []schema.Order{{Source: "hq", ContractID: "N1", OrderID: "AGU1", Status: schema.OrderRejected, ErrorID: "E42", StatusSince: time.Now()}},
	})
	pages.expect("/", 200, []string{"CRITICAL</b><span>1 order is in error.", "WATCH</b><span>1 order is late against its planned date."}, nil)
	pages.expect("/orders?list=failed", 200, []string{">1 order <", ">AGU1<small>N1 · hq · unom</small>", "<td class=\"w\">E42</td>"}, []string{"S9"})
	pages.expect("/orders?list=late", 200, []string{">1 order <", ">S9<"}, []string{"AGU1"})
	pages.expect("/orders", 200, []string{"2 orders", ">S9<", ">A1<"}, []string{"AGU1"})
	pages.expect("/orders?list=all&q=shibuya", 200, []string{">1 order <", ">A1<"}, nil)
	pages.expect("/sites?q=INT-1", 200, []string{">1 site <", "Shibuya"}, nil)
	if got := column(sheetOf(t, pages, "/orders.csv?list=all"), "order_id"); !slices.Equal(got, []string{"AGU1", "S9", "A1"}) {
		t.Errorf("orders %q", got)
	}
}

// TestNothingFresh: what is not known is said so, in grey, with its age, and is as bad as it may be.
func TestNothingFresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := aFleet(t)
		pages := pagesOf(t, f, prometheus.NewRegistry(), Health{})
		time.Sleep(2 * time.Hour)
		pages.expect("/", 200, []string{
			"CRITICAL</b><span>Source hq: of none of its 27 lines is there a recent answer.", `<dt>Restricted now</dt><dd><span class="dim">—</span></dd>`, `<dt>Near their cap</dt><dd><span class="dim">—</span></dd>`,
			"No line is known to be restricted; of some nobody can say.", `<span class="badge dim">recent</span><small>last told 2 h ago</small>`,
		}, []string{"FINE", "No line is restricted."})
		pages.expect("/lines?list=unknown", 200, []string{"27 lines", `<span class="badge dim">monthly</span><small>last told 2 h ago</small>`}, []string{"badge critical"})
		pages.expect("/line?source=hq&contract=N123456789&line=09000000000", 200, []string{`<dd class="dim">monthly</dd><dd>last told 2 h ago`}, []string{`<dd class="critical">monthly`})
	})
}

// TestChoicesOfTheReader: a language is kept, a page is had anew as often as asked, and what was asked for stays.
func TestChoicesOfTheReader(t *testing.T) {
	pages := pagesOf(t, aFleet(t), prometheus.NewRegistry(), Health{})
	got := pages.get("/lines?list=near&lang=ja&refresh=60")
	if !strings.Contains(got.body, `<html lang="ja">`) || !strings.HasPrefix(got.header.Get("Set-Cookie"), "kaisen_language=ja; Path=/;") || got.header.Get("Refresh") != "60" {
		t.Errorf("lang=ja and refresh=60: %s", got.header)
	}
	for _, link := range []string{`href="/lines?lang=en&amp;list=near&amp;refresh=60"`, `href="/lines?list=near"`} {
		if !strings.Contains(got.body, link) {
			t.Errorf("no %s", link)
		}
	}
	request := httptest.NewRequest(http.MethodGet, "/", nil)
	request.AddCookie(&http.Cookie{Name: "kaisen_language", Value: "ja"})
	request.Header.Set("Accept-Language", "en")
	response := httptest.NewRecorder()
	pages.ServeHTTP(response, request)
	if response.Header().Get("Content-Language") != "ja" {
		t.Errorf("the language that was chosen is forgotten")
	}
	for asked, want := range map[string]string{"": "", "0": "", "-5": "", "x": "", "1": "10", "99999999": "3600"} {
		if got := pages.get("/?refresh=" + asked).header.Get("Refresh"); got != want {
			t.Errorf("refresh=%s: %q, want %q", asked, got, want)
		}
	}
	if got := pages.get("/?lang=de"); got.header.Get("Set-Cookie") != "" {
		t.Error("a language that there is not is kept")
	}
}

// TestRowsThatLeftTheList are not in use, and not open: they are among all, and marked.
func TestRowsThatLeftTheList(t *testing.T) {
	f := fleet.New(fleet.DefaultConfig())
	pages := pagesOf(t, f, prometheus.NewRegistry(), Health{})
	site := func(code string, listed bool) schema.IPoESite {
		return schema.IPoESite{Source: "ipoe", IPoESiteBrief: schema.IPoESiteBrief{CustomerSiteCode: code, CustomerSiteName: code, Status: schema.SiteInUse}, Listed: listed}
	}
	f.Write(schema.Batch{IPoESites: []schema.IPoESite{site("int-1", true), site("int-2", false)}, ServiceOrders: []schema.ServiceOrder{
		{Source: "so", OrderRequestNum: "S1", Status: schema.ServiceOrderReceived, Listed: true}, {Source: "so", OrderRequestNum: "S2", Status: schema.ServiceOrderReceived}}})
	pages.expect("/", 200, []string{`<dt>Sites in use</dt><dd><a href="/sites">1</a></dd>`}, nil)
	pages.expect("/sites", 200, []string{">1 site <", "int-1"}, []string{"int-2", "not listed any more"})
	pages.expect("/sites?list=all", 200, []string{">2 sites <", `<span class="badge dim">in use</span><small>not listed any more</small>`}, nil)
	pages.expect("/orders", 200, []string{">1 order <"}, []string{"S2"})
	pages.expect("/orders?list=all", 200, []string{"2 orders", `received</span><small>not listed any more</small>`}, nil)
	for path, want := range map[string][]string{"/sites.csv": {"yes"}, "/sites.csv?list=all": {"yes", "no"}, "/orders.csv?list=all": {"yes", "no"}} {
		if got := column(sheetOf(t, pages, path), "listed"); !slices.Equal(got, want) {
			t.Errorf("%s: listed %q, want %q", path, got, want)
		}
	}
}
