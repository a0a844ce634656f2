package page

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"kaisen/exporter/fleet"
	"kaisen/schema"
)

// hostile is a text as nobody should send one.
const hostile = `"><script>alert('x')</script>&{{.}}` + "\x00`"

func drawn(t *testing.T, view View, languages string) *httptest.ResponseRecorder {
	t.Helper()
	pages, err := New()
	if err != nil {
		t.Fatal(err)
	}
	response, request := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)
	request.Header.Set("Accept-Language", languages)
	if err := pages.Draw(response, request, http.StatusOK, view); err != nil {
		t.Fatal(err)
	}
	return response
}

// everyView is one of each, with something in every corner, and one of each with nothing.
func everyView(text string) []View {
	d := aDetail()
	d.Source, d.ContractID, d.Label, d.Plan, d.Device, d.SIM, d.Access, d.DataShare = text, text, text, text, text, text, text, text
	d.Text = text
	d.Connected, d.Roaming = schema.Some(true), schema.Some(true)
	d.Pool = &fleet.Pool{Source: text, ContractID: text, Members: 2,
		Usage: fleet.Usage{Month: schema.Some[uint64](9), Remaining: schema.Some[uint64](1), Restriction: "none"}, Outlook: d.Forecast}
	d.Episodes = []fleet.Episode{{Restriction: "monthly", From: d.Now, AtLeast: true}, {Restriction: "recent", From: d.Now, Until: d.Now}}
	d.Ages = []fleet.Age{{Job: "traffic", ObservedAt: d.Now, ReceivedAt: d.Now, Stale: true}}
	throttled := d.Summary
	throttled.Restriction, throttled.Since, throttled.SinceAtLeast = "monthly_and_recent", fleet.Moment{At: d.Now, In: -1}, true
	gone := d
	gone.State, gone.Fresh, gone.Forecast, gone.Outlook, gone.Remaining = "removed", false, fleet.Forecast{}, fleet.Forecast{}, schema.Opt[uint64]{}
	lines := []fleet.Summary{d.Summary, throttled, gone.Summary, {Name: d.Name}}
	head := Head{Now: d.Now, Version: text, Labels: "hashed", Text: text, Path: "/lines", Values: url.Values{"sort": {text}, "page": {"2"}}}
	return []View{
		Fleet{
			Head: head, NotReady: text, Notes: []string{text},
			Overview: fleet.Overview{
				Lines: fleet.Census{Active: 4, NotFound: 1, Removed: 2, Silent: 1, NotExported: 3}, Volume: fleet.Volume{Month: 9, Today: 1},
				Restrictions: []fleet.Count{{Name: "recent", Lines: 0}, {Name: "monthly_and_recent", Lines: 1}, {Name: "unknown", Lines: 2}},
				Restricted:   lines, NearCap: 1, Nearest: lines, RunningOut: 1, FirstOut: d.Forecast.Out, Pools: []fleet.Pool{*d.Pool, {Source: text}},
				Dark: []fleet.Count{{Name: text, Lines: 4}}, Roaming: 1, Refused: 2, Months: []fleet.Month{{Month: schema.DateOf(d.Now), Bytes: 5, Lines: 1}},
				Orders: fleet.OrderCounts{All: 5, Open: 4, Failed: 1, Late: 2}, Sites: 3,
			},
			Health: Health{
				Jobs:    []Job{{Source: text, Name: text, Behind: schema.Some(lateAfter), Failed: 1, Left: 2}, {Source: text, Name: "idle"}},
				Budgets: []Budget{{Source: text, Rate: 5, Throttled: []fleet.Count{{Name: text, Lines: 3}}}},
				Store:   Store{Waiting: 5, Oldest: d.Now.Add(-lateAfter), Full: true, Thinned: 1, Errors: 2, DeadLetters: 3},
			},
		},
		Fleet{Head: Head{Now: d.Now, Labels: "plain"}}, d, gone, Detail{Head: head},
		Found{Head: head, Lines: lines, Part: NewPart(100, 4, 307, 100), Choices: fleet.Choices{Sources: []string{text, "a"}, Contracts: []string{text, "b"}, Plans: []string{text, "c"}}}, Found{Head: head}, Found{Head: head, Query: fleet.Query{List: fleet.ListNear}}, Found{Head: Head{Now: d.Now, Labels: "masked", Path: "/lines"}},
		Orders{Head: Head{Now: d.Now, Labels: "plain", Path: "/orders", Values: url.Values{"q": {text}, "refresh": {"60"}}}, Part: NewPart(0, 3, 500, 3), Rows: []fleet.Order{
			{Source: text, ContractID: text, API: "unom", ID: text, Item: 2, What: text, Status: "rejected", Failed: true, Error: text, Since: d.Now},
			{ID: text, API: "ipoe", Status: "in_progress", Open: true, Since: d.Now, Planned: schema.Some(schema.DateOf(d.Now).AddDays(-1))}, {ID: "1", Status: "completed"}}},
		Orders{Head: Head{Now: d.Now, Labels: "plain", Path: "/orders"}, List: fleet.OrdersLate}, Sites{Head: Head{Now: d.Now, Labels: "plain", Path: "/sites"}},
		Sites{Head: Head{Now: d.Now, Labels: "plain", Path: "/sites"}, Part: NewPart(0, 2, 2, 100), Rows: []fleet.Site{
			{Source: text, Code: text, Name: text, Status: "in_use", Line: text, Address: text, Start: schema.Some(schema.DateOf(d.Now))}, {Status: "ended"}}},
		Missing{Head: head, Name: d.Name, Elsewhere: []fleet.Called{{Name: d.Name}}},
	}
}

// TestEveryViewIsSound: in each language, whatever the texts: well-formed, with no script, no handler and nothing from
// elsewhere; one h1; every table with a caption and scopes, every drawing with a name; every link to a place that exists.
func TestEveryViewIsSound(t *testing.T) {
	for _, view := range append(everyView(hostile), everyView("N123")...) {
		for _, language := range []string{"en", "ja"} {
			body := drawn(t, view, language).Body.String()
			root, err := html.Parse(strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			for _, problem := range unsound(root) {
				t.Errorf("%T in %s: %s", view, language, problem)
			}
			for _, unfilled := range []string{"%!", "<no value>", "NaN", "ZgotmplZ", "{{"} {
				if strings.Contains(strings.ReplaceAll(body, "&amp;{{.}}", ""), unfilled) {
					t.Errorf("%T in %s has %s", view, language, unfilled)
				}
			}
			if strings.Contains(body, "<script>alert") {
				t.Errorf("%T in %s is not escaped", view, language)
			}
		}
	}
}

// unsound lists what should not be in a page, or is missing from it.
func unsound(root *html.Node) (problems []string) {
	counts := map[string]int{}
	for node := range root.Descendants() {
		if node.Type != html.ElementNode {
			continue
		}
		counts[node.Data]++
		if node.Data == "script" || node.Data == "iframe" || node.Data == "img" {
			problems = append(problems, "has a "+node.Data)
		}
		for _, attribute := range node.Attr {
			link := attribute.Key == "href" || attribute.Key == "src" || attribute.Key == "action"
			local := strings.HasPrefix(attribute.Val, "/") || strings.HasPrefix(attribute.Val, "#") || strings.HasPrefix(attribute.Val, "data:image/svg+xml,")
			if strings.HasPrefix(attribute.Key, "on") || attribute.Key == "style" || link && (!local || strings.HasPrefix(attribute.Val, "//")) {
				problems = append(problems, attribute.Key+"="+attribute.Val)
			}
		}
		problems = append(problems, unnamed(node)...)
	}
	if counts["h1"] != 1 || counts["main"] != 1 || counts["title"] < 1 {
		problems = append(problems, "has not one h1, main and title")
	}
	return problems
}

// unnamed lists what of an element a screen reader would miss.
func unnamed(node *html.Node) (problems []string) {
	has := func(name string) bool {
		for inner := range node.Descendants() {
			if inner.Type == html.ElementNode && inner.Data == name {
				return true
			}
		}
		return false
	}
	of := func(key string) string {
		at := slices.IndexFunc(node.Attr, func(a html.Attribute) bool { return a.Key == key })
		if at < 0 {
			return ""
		}
		return node.Attr[at].Val
	}
	switch {
	case node.Data == "table" && !has("caption"):
		problems = append(problems, "a table has no caption")
	case node.Data == "th" && of("scope") == "":
		problems = append(problems, "a th has no scope")
	case node.Data == "svg" && of("aria-hidden") == "" && (of("role") != "img" || !has("title")):
		problems = append(problems, "a drawing has no name")
	}
	return problems
}

// TestPolicy: nothing may be loaded, and the one style that may be used is the page's own, by its hash.
func TestPolicy(t *testing.T) {
	response := drawn(t, aDetail(), "en")
	style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(response.Body.String())
	if style == nil {
		t.Fatal("no style")
	}
	sum := sha256.Sum256([]byte(style[1]))
	want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	for name, value := range map[string]string{
		"Content-Security-Policy": want, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		"Cache-Control": "no-store", "Content-Type": "text/html; charset=utf-8", "Vary": "Accept-Language, Cookie",
	} {
		if got := response.Header().Get(name); got != value {
			t.Errorf("%s: %s, want %s", name, got, value)
		}
	}
}

func TestLanguages(t *testing.T) {
	for asked, want := range map[string]string{
		"": "en", "ja": "ja", "ja-JP,ja;q=0.9,en;q=0.8": "ja", "en-GB,ja;q=0.9": "en", "de": "en", "de,ja;q=0.5": "ja", "fr,en;q=0.3,ja;q=0.2": "en",
		"*": "en", "not a language;;;q=x": "en", strings.Repeat("ja,", 2000): "ja",
	} {
		response := drawn(t, Fleet{Head: Head{Labels: "plain"}}, asked)
		if got := response.Header().Get("Content-Language"); got != want || !strings.Contains(response.Body.String(), `<html lang="`+want+`">`) {
			t.Errorf("%.40q gets %s, want %s", asked, got, want)
		}
	}
}

// TestVerdict: what is wrong comes first, and nothing wrong is said so.
func TestVerdict(t *testing.T) {
	w := english(t)
	texts := func(f Fleet) (all []string) {
		for _, finding := range w.verdict(f) {
			all = append(all, finding.Level+": "+finding.Text)
		}
		return all
	}
	now := aDetail().Now
	fine := Fleet{Head: Head{Now: now}, Overview: fleet.Overview{Lines: fleet.Census{Active: 5}}}
	bad := Fleet{
		Head: Head{Now: now}, NotReady: "the store does not answer", Notes: []string{"the carrier is down"},
		Overview: fleet.Overview{Lines: fleet.Census{Active: 5, Silent: 2, NotExported: 1},
			Restrictions: []fleet.Count{{Name: "monthly", Lines: 1}, {Name: "unknown", Lines: 2}}, NearCap: 3, RunningOut: 1},
		Health: Health{Jobs: []Job{{Source: "hq", Name: "traffic", Behind: schema.Some(2 * lateAfter)}, {Source: "hq", Name: "session", Behind: schema.Some(lateAfter)}},
			Store: Store{Oldest: now.Add(-3 * lateAfter)}},
	}
	for _, test := range []struct {
		view Fleet
		want []string
	}{
		{Fleet{}, []string{"watch: No line is known yet: the first inventory tells them."}},
		{fine, []string{"fine: No line is restricted or near its cap, and kaisen keeps up."}},
		{bad, []string{
			"critical: kaisen is not ready: the store does not answer", "critical: 1 line is restricted.",
			"watch: 3 lines have less than 20 % of their volume left.", "watch: 1 line will run out before the month ends.",
			"watch: Of 2 lines nobody can say whether they are restricted.", "watch: 2 lines have no recent traffic answer.", "watch: The sweep is behind: job traffic of source hq by 4 min.",
			"watch: Rows have waited for ClickHouse for 6 min.", "watch: 1 line is left out of /metrics by its cap, exporter.max_lines.", "watch: the carrier is down",
		}},
	} {
		if got := texts(test.view); !slices.Equal(got, test.want) {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}
