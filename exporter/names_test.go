package exporter

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/exporter/fleet"
	"kaisen/exporter/fleet/fleettest"
	"kaisen/schema"
)

// namedPages are the pages of a fleet with a named line, one that has a note alone, and one with neither.
func namedPages(t *testing.T, edit func(*fleet.Config)) (*fleet.Fleet, pageFixture) {
	t.Helper()
	config := fleet.DefaultConfig()
	edit(&config)
	f := fleet.New(config)
	b := schema.Batch{Names: []schema.LineName{{LineKey: fleettest.LineKey("09012345678"), Name: `Shibuya "3" <カメラ>`, Present: true, ObservedAt: time.Now(),
		Columns: []string{"department", "near_cap_percent"}, Values: []string{"設備 3-12", "30"}}}}
	for _, number := range []string{"09012345678", "09012345679", "09012345680"} {
		line, answer := fleettest.Inventory(number, schema.LineActive), fleettest.Answer(number, schema.ScopeLine)
		answer.Restriction = schema.RestrictionNone
		if number == "09012345679" {
			line.Note, line.IMEI, line.ACTIPAddress, line.PlanCode = "倉庫", "356938035643809", "10.1.2.3", "T9999999"
		}
		b.Lines, b.Traffic = append(b.Lines, line), append(b.Traffic, answer)
	}
	f.Write(b)
	return f, pagesOf(t, f, prometheus.NewRegistry(), Health{})
}

// TestNamesOnPages: lists, the line's own page and the search have the names, as text and nothing else, and the line's own
// threshold counts.
func TestNamesOnPages(t *testing.T) {
	f, pages := namedPages(t, func(*fleet.Config) {})
	const name = `Shibuya &#34;3&#34; &lt;カメラ&gt;`
	pages.expect("/lines", 200, []string{"3 lines", `><bdi>` + name + `</bdi></a><small>09012345678 · N123456789`, ">09012345679</a>"}, []string{"<カメラ>", "倉庫"})
	pages.expect("/", 200, []string{`<bdi>` + name + `</bdi>`, `<a href="/lines?list=near">1</a>`}, nil)
	at := "/line?source=hq&contract=N123456789&line=09012345678"
	pages.expect(at, 200, []string{"<title>" + name + " · 09012345678", "<h1><bdi>" + name + "</bdi> 09012345678<small>", "<dt><bdi>department</bdi></dt><dd><bdi>設備 3-12</bdi></dd>"}, nil)
	for text, number := range map[string]string{
		"shibuya": "09012345678", "ｶﾒﾗ": "09012345678", "設備": "09012345678", "3-12": "09012345678", "SHIBUYA \"3\"": "09012345678",
		"倉庫": "09012345679", "35693803": "09012345679", "10.1.2": "09012345679", "t9999999": "09012345679", "345680": "09012345680", "090.1234.5680": "09012345680",
	} {
		got := pages.get("/lines?q=" + url.QueryEscape(text))
		if want := "/line?contract=N123456789&line=" + number + "&source=hq"; got.status != http.StatusSeeOther || got.header.Get("Location") != want {
			t.Errorf("%q: %d to %s", text, got.status, got.header.Get("Location"))
		}
	}
	f.Write(schema.Batch{Names: []schema.LineName{{LineKey: fleettest.LineKey("09012345678"), ObservedAt: time.Now()}}})
	pages.expect("/lines", 200, []string{">09012345678</a>"}, []string{"Shibuya"})
	pages.expect("/lines?q=shibuya", 200, []string{"0 lines"}, nil)
	pages.expect("/", 200, nil, []string{"list=near"})
}

// TestPagesWithoutNames: exporter.names says whose words people may read, and none hides them all.
func TestPagesWithoutNames(t *testing.T) {
	at := "/line?source=hq&contract=N123456789&line=09012345678"
	_, pages := namedPages(t, func(c *fleet.Config) { c.Names = fleet.NamesNone })
	for _, path := range []string{"/", "/lines", at} {
		pages.expect(path, 200, []string{"09012345678"}, []string{"Shibuya", "設備", "倉庫", "department"})
	}
	for _, text := range []string{"shibuya", "設備", "倉庫"} {
		pages.expect("/lines?q="+url.QueryEscape(text), 200, []string{"0 lines"}, nil)
	}
	_, pages = namedPages(t, func(c *fleet.Config) { c.Names = fleet.NamesNote })
	pages.expect("/lines", 200, []string{"<bdi>倉庫</bdi></a><small>09012345679", "Shibuya"}, nil)
}

// TestNamesOfPoolMembers: who takes most of a share group, and the same line under another contract, are called as everywhere else.
func TestNamesOfPoolMembers(t *testing.T) {
	f, pages := namedPages(t, func(*fleet.Config) {})
	f.Write(schema.Batch{
		Members: []schema.DataShareMember{{LineKey: fleettest.LineKey("09012345678"), Status: schema.ShareRegistered, Member: true, ObservedAt: time.Now()}},
		Traffic: []schema.TrafficSample{fleettest.Answer("09012345678", schema.ScopeDataShare)},
	})
	const name = `<bdi>Shibuya &#34;3&#34; &lt;カメラ&gt;</bdi></a> `
	pages.expect("/", 200, []string{name + "2.79 GB"}, nil)
	pages.expect("/line?source=hq&contract=N2&line=09012345678", 404, []string{name + `<span class="dim">09012345678 · N123456789`}, nil)
}
