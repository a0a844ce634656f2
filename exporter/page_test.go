package exporter

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/net/html"

	"kaisen/exporter/fleet"
	"kaisen/exporter/fleet/fleettest"
	"kaisen/schema"
)

// pageFixture is the pages of a fleet, ready to be asked.
type pageFixture struct {
	t testing.TB
	http.Handler
}

type pageAnswer struct {
	status int
	header http.Header
	body   string // its blanks and line breaks made one
}

func pagesOf(t testing.TB, f *fleet.Fleet, registry *prometheus.Registry, health Health) pageFixture {
	t.Helper()
	pages, err := newPages(f, registry, health, func() bool { return false }, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	pages.register(mux)
	return pageFixture{t, mux}
}

func (r pageFixture) get(path string) pageAnswer {
	r.t.Helper()
	response := httptest.NewRecorder()
	r.ServeHTTP(response, httptest.NewRequest(http.MethodGet, path, nil))
	return pageAnswer{response.Code, response.Header(), strings.Join(strings.Fields(response.Body.String()), " ")}
}

// expect checks that a page has some texts, and not some others.
func (r pageFixture) expect(path string, status int, has, hasNot []string) {
	r.t.Helper()
	got := r.get(path)
	if got.status != status {
		r.t.Errorf("%s: status %d, want %d", path, got.status, status)
	}
	for _, text := range has {
		if !strings.Contains(got.body, text) {
			r.t.Errorf("%s does not have %s", path, text)
		}
	}
	for _, text := range hasNot {
		if strings.Contains(got.body, text) {
			r.t.Errorf("%s has %s", path, text)
		}
	}
}

// aFleet has 25 lines with less and less left, the first two restricted; one that draws from a share group, a silent one,
// one that is gone and one that was never there. The line 03 is expected to run out in three hours.
func aFleet(t testing.TB) *fleet.Fleet {
	t.Helper()
	f := fleet.New(fleet.DefaultConfig())
	var b schema.Batch
	for i := range 25 {
		number := fmt.Sprintf("0900000%04d", i)
		sample := fleettest.Answer(number, schema.ScopeLine)
		sample.MonthBytes, sample.RemainingBytes, sample.Restriction = schema.Some(uint64(100-i)*1e7), schema.Some(uint64(i)*1e7), schema.RestrictionNone
		if i < 2 {
			sample.Restriction = schema.RestrictionMonthly
			sample.MonthlyLimitStart = schema.Some(sample.ObservedAt.Add(-time.Duration(3+i) * time.Hour))
		}
		b.Traffic = append(b.Traffic, sample)
		b.Lines = append(b.Lines, fleettest.Inventory(number, schema.LineActive))
		b.Daily = append(b.Daily, schema.TrafficDaily{LineKey: fleettest.LineKey(number), Scope: schema.ScopeLine, Day: schema.DateOf(sample.ObservedAt.In(f.Config().Zone)), Bytes: 70e6})
	}
	pooled := fleettest.Answer("09000007777", schema.ScopeLine)
	pooled.RemainingBytes, pooled.Restriction = schema.Some[uint64](0), schema.RestrictionNone
	b.Traffic = append(b.Traffic, pooled, fleettest.Answer("09000007777", schema.ScopeDataShare))
	b.Members = []schema.DataShareMember{{LineKey: fleettest.LineKey("09000007777"), Status: schema.ShareRegistered, Member: true, ObservedAt: time.Now()}}
	b.Lines = append(b.Lines, fleettest.Inventory("09000008888", schema.LineRemoved), fleettest.Inventory("09000009999", schema.LineActive), fleettest.Inventory("09000006666", schema.LineNotFound))
	f.Write(b)
	f.Forecast("hq", []schema.LineForecast{
		{LineKey: fleettest.LineKey("09000000003"), MonthEndBytes: 2e9, MonthEndLow: 1e9, MonthEndHigh: 3e9, ExhaustionAt: schema.Some(time.Now().Add(3*time.Hour + time.Minute))},
		{LineKey: fleettest.LineKey("09000000001"), ExhaustionAt: schema.Some(time.Now())}, // restricted by now
	})
	return f
}

// ownMetrics are kaisen's own metrics as the service has them.
func ownMetrics() *prometheus.Registry {
	registry := prometheus.NewRegistry()
	gauge := func(name string, value float64, pairs ...string) {
		labels := prometheus.Labels{}
		for i := 0; i < len(pairs); i += 2 {
			labels[pairs[i]] = pairs[i+1]
		}
		registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: ".", ConstLabels: labels}, func() float64 { return value }))
	}
	gauge("kaisen_job_last_success_timestamp_seconds", float64(time.Now().Add(-10*time.Minute).Unix()), "source", "hq", "job", "traffic")
	gauge("kaisen_job_last_success_timestamp_seconds", float64(time.Now().Add(-time.Minute).Unix()), "source", "hq", "job", "session")
	gauge("kaisen_job_behind_seconds", 0, "source", "hq", "job", "lines") // has not done its work yet
	gauge("kaisen_job_behind_seconds", 180, "source", "hq", "job", "traffic")
	gauge("kaisen_job_behind_seconds", 0, "source", "hq", "job", "session")
	gauge("kaisen_job_items", 4, "source", "hq", "job", "traffic", "outcome", "failed")
	gauge("kaisen_rate_limit_requests_per_second", 2.5, "source", "hq")
	gauge("kaisen_api_throttled_total", 7, "source", "hq", "reason", "http_429")
	gauge("kaisen_api_throttled_total", 0, "source", "hq", "reason", "http_503")
	gauge("kaisen_spool_bytes", 3e6)
	gauge("kaisen_spool_oldest_timestamp_seconds", float64(time.Now().Add(-5*time.Minute).Unix()))
	gauge("kaisen_store_errors_total", 2, "table", "traffic_samples")
	gauge("kaisen_store_errors_total", 3, "table", "lines")
	gauge("kaisen_build_info", 1, "version", "1.2.3")
	return registry
}

// TestFleetPage: each figure is in its place.
func TestFleetPage(t *testing.T) {
	pages := pagesOf(t, aFleet(t), ownMetrics(), Health{Notes: func() []string { return []string{"carrier <down>"} }})
	pages.expect("/", 200, []string{
		`<dt>Active lines</dt><dd><a href="/lines">27</a></dd><dd>1 silent · 1 not found · 1 removed</dd>`,
		`<dt>Restricted now</dt><dd class="critical"><a href="/lines?list=restricted">3</a></dd><dd><span class="nowrap">recent 1</span> <span class="nowrap">monthly 2</span> <span class="nowrap"><a href="/lines?list=unknown">unknown 1</a></span> </dd>`,
		`<dt>Near their cap</dt><dd class="watch"><a href="/lines?list=near">18</a></dd>`, // 02 to 19
		`<dt>Will run out</dt><dd class="watch"><a href="/lines?list=out">1</a></dd>`, `the first <time`, `>in 3 h</time>`,
		`<dt>Used this month</dt><dd>23.3 GB</dd>`, `3 lines are restricted.`, `>09000007777</a>`, `recent</span><small>of its pool</small>`, `carrier &lt;down&gt;`,
		`<a href="/line?contract=N123456789&amp;line=09000000000&amp;source=hq">09000000000</a>`, `>3 h ago</time>`,
		`<span>19.1 MB</span><small>of 954 MB</small>`, `<b>2.0 %</b>`, `<title>Last 31 days: 66.8 MB in all`,
		`<a href="/lines?contract=N123456789&amp;sort=used&amp;desc=1">N123456789</a><small>hq</small></th><td><span class="badge critical">recent</span></td><td><span class="left"><b>25 %</b>`,
		`<a href="/line?contract=N123456789&amp;line=09000007777&amp;source=hq">09000007777</a> 2.79 GB</span>`,
		`<th scope="row"><code>traffic</code><small>hq</small></th>`, `10 min ago`, `<span class="watch">3 min</span>`, `<span class="fine">in time</span>`, `<span class="dim">not done yet</span>`,
		`4 given up`, `2.5 a second`, `<code>http_429</code> × 7`, `2.86 MB, the first <time`, `<dd class="watch">5</dd>`, `<p>kaisen 1.2.3</p>`,
	}, []string{"09000000012", "http_503", "left out of /metrics", "not ready", "<script"})
	body := pages.get("/").body
	if strings.Index(body, ">09000000000</a>") > strings.Index(body, ">09000000001</a>") || strings.Index(body, ">09000000002</a>") > strings.Index(body, ">09000000003</a>") {
		t.Error("the latest restricted or the nearest to its cap is not the first")
	}
}

// TestEmptyPage explains itself.
func TestEmptyPage(t *testing.T) {
	pages := pagesOf(t, fleet.New(fleet.DefaultConfig()), prometheus.NewRegistry(), Health{Ready: func() error { return io.ErrUnexpectedEOF }})
	pages.expect("/", 200, []string{`<dt>Active lines</dt><dd><span class="dim">—</span></dd>`, `<dt>Restricted now</dt><dd><span class="dim">—</span></dd>`, "remaining volume is known yet", "No job has run yet.",
		"kaisen is not ready: unexpected EOF", "No line is known yet."}, []string{"No line is restricted", ">0 B<"})
	pages.expect("/lines", 200, []string{"0 lines"}, nil)
}

// TestLinePage: a line's own page, with what is known of it, and the help where there is no such line.
func TestLinePage(t *testing.T) {
	f := aFleet(t)
	pages := pagesOf(t, f, prometheus.NewRegistry(), Health{})
	at := func(line string) string { return "/line?source=hq&contract=N123456789&line=" + line }
	pages.expect(at("09000000003"), 200, []string{
		"<h1>09000000003<small>N123456789 · hq · T3001328 · lte · UNO SIM LTE SIM", `<dd class="critical">3.0 %`, "28.6 MB of 954 MB", `<dd class="watch"><time`, ">in 3 h</time>",
		"volume 954 MB", "runs out ", "1.86 GB expected at its end, between 954 MB and 2.79 GB", "None this month", "<code>traffic</code>", "<dd>標準SIM</dd>",
	}, []string{"gauges have stopped", "used up"})
	pages.expect(at("09000000000"), 200, []string{"used up", `<dd class="critical">monthly</dd>`, `<span class="critical">holds</span>`, `class="strip"`}, nil)
	pages.expect(at("09000007777"), 200, []string{"Left of the share group&#39;s volume</dt><dd>25 %", `954 MB of 3.73 GB · <a href="/lines?contract=N123456789&amp;sort=used&amp;desc=1">1 member<`}, nil)
	pages.expect(at("09000008888"), 200, []string{"has left the carrier&#39;s inventory", "has not told of this month yet"}, nil)
	pages.expect(at("09000009999"), 200, []string{"gauges have stopped"}, nil)
	pages.expect(at("09000001111"), 404, []string{"There is no such line", "Line 09000001111 of contract N123456789 in source hq", `action="/lines"`}, []string{"It is known here"})
	pages.expect("/line?source=branch&contract=N1&line=09000000003", 404, []string{"It is known here", `href="/line?contract=N123456789&amp;line=09000000003&amp;source=hq"`}, nil)
	pages.expect("/line", 404, []string{"There is no such line"}, nil)
}

// TestLists: each list has its lines, in its order.
func TestLists(t *testing.T) {
	pages := pagesOf(t, aFleet(t), prometheus.NewRegistry(), Health{})
	pages.expect("/lines?list=restricted", 200, []string{"3 lines", ">09000000000</a>", ">09000000001</a>", ">09000007777</a>"}, []string{">09000000002</a>"})
	pages.expect("/lines?list=near", 200, []string{"18 lines", ">09000000002</a>", ">09000000019</a>"}, []string{">09000000020</a>", ">09000000001</a>", ">09000007777</a>"})
	pages.expect("/lines?list=out", 200, []string{"1 line", ">09000000003</a>"}, []string{">09000000001</a>"})
	pages.expect("/lines?list=silent", 200, []string{"1 line", ">09000009999</a>"}, nil)
	pages.expect("/lines?list=nothing+of+the+kind", 400, []string{"The lists are: restricted"}, []string{"29 lines"})
	pages.expect("/lines", 200, []string{"29 lines", ">removed</span></td>", ">not found</span></td>"}, nil)
}

// TestSearch: however a number is written, in digits of any width; and a single hit needs no list.
func TestSearch(t *testing.T) {
	pages := pagesOf(t, aFleet(t), prometheus.NewRegistry(), Health{})
	for _, written := range []string{"09000000003", "090-0000-0003", " 090 0000 0003 ", "０９０－００００－０００３", "+81 90-0000-0003", "00003"} {
		got := pages.get("/lines?q=" + url.QueryEscape(written))
		if want := "/line?contract=N123456789&line=09000000003&source=hq"; got.status != http.StatusSeeOther || got.header.Get("Location") != want {
			t.Errorf("%q: %d to %s", written, got.status, got.header.Get("Location"))
		}
	}
	pages.expect("/lines?q=n12345", 200, []string{"29 lines", "Lines like “n12345”"}, nil)
	pages.expect("/lines?q=000001", 200, []string{"11 lines"}, nil)
	pages.expect("/lines?q=%3Cb%3E", 200, []string{"0 lines", "&lt;b&gt;", "No line has this in its number"}, []string{"<b>x"})
	if got, _ := searchText(strings.Repeat("長", 500)); len([]rune(got)) != maxQuery {
		t.Errorf("%d characters are looked for", len([]rune(got)))
	}
}

// FuzzPages: whatever is asked, the answer is a page, a line's or a refusal; well-formed, and with nothing of the question
// in it but text.
func FuzzPages(f *testing.F) {
	for _, query := range []string{
		"", "q=090", "q=%F0%28%8C%28", "source=hq&contract=N123456789&line=09000000003", "line=%00", "list=near&q=1", "q=<script>", "a;b", "line=" + strings.Repeat("%22", 5000), "%zz",
	} {
		f.Add(query)
	}
	pages := pagesOf(f, aFleet(f), prometheus.NewRegistry(), Health{})
	f.Fuzz(func(t *testing.T, query string) {
		for _, path := range []string{"/", "/line", "/lines"} {
			request := httptest.NewRequest(http.MethodGet, path, nil)
			request.URL.RawQuery = query
			response := httptest.NewRecorder()
			pages.ServeHTTP(response, request)
			switch response.Code {
			case http.StatusOK, http.StatusSeeOther, http.StatusNotFound:
			default:
				t.Fatalf("%s?%s: %d", path, query, response.Code)
			}
			root, err := html.Parse(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			for node := range root.Descendants() {
				if node.Type == html.ElementNode && (node.Data == "script" || node.Data == "b" && node.Parent.Data == "h1") {
					t.Fatalf("%s?%s: a %s", path, query, node.Data)
				}
			}
		}
	})
}
