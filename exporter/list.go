package exporter

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"kaisen/exporter/fleet"
	"kaisen/exporter/page"
)

// pageLines is how many rows a page of a list has.
const pageLines = 100

// refuseList answers a request for a list that there is not: all lines instead would be taken for those of the list.
func refuseList(w http.ResponseWriter, values url.Values) (refused bool) {
	list := values.Get("list")
	if slices.Contains(fleet.Lists(), list) {
		return false
	}
	http.Error(w, fmt.Sprintf("There is no list %.40q of lines. The lists are: %s.", list, strings.Join(fleet.Lists()[1:], ", ")), http.StatusBadRequest)
	return true
}

// queryOf reads which lines a request asks for. What it does not know of counts as not there.
func queryOf(values url.Values) fleet.Query {
	text, digits := searchText(values.Get("q"))
	known := func(name string, all []string) string {
		if value := values.Get(name); slices.Contains(all, value) {
			return value
		}
		return ""
	}
	return fleet.Query{
		Text: text, Digits: digits,
		List: known("list", fleet.Lists()), Sort: known("sort", fleet.Sorts()), Descending: values.Get("desc") != "",
		Source: values.Get("source"), ContractID: values.Get("contract"), Plan: values.Get("plan"),
		Skip: pageOf(values) * pageLines, Most: pageLines,
	}
}

// pageOf is which page of a list is asked for, from 0.
func pageOf(values url.Values) int {
	const most = 1 << 20
	n, err := strconv.Atoi(values.Get("page"))
	if err != nil || n < 1 || n > most {
		return 0
	}
	return n - 1
}

// serveLines is the lines that a search finds, /lines?q=…, or that are on a list, /lines?list=restricted. The only one that a
// search finds needs no list.
func (p *pages) serveLines(w http.ResponseWriter, r *http.Request) {
	if refuseList(w, r.URL.Query()) {
		return
	}
	query, now := queryOf(r.URL.Query()), time.Now()
	found, total := p.fleet.Search(query, now)
	if total == 1 && query.Text != "" && query.List == fleet.ListAll {
		http.Redirect(w, r, page.Path(found[0].Name), http.StatusSeeOther)
		return
	}
	p.answer(w, r, http.StatusOK, page.Found{Head: p.head(r, now), Query: query, Lines: found, Part: page.NewPart(query.Skip, len(found), total, pageLines), Choices: p.fleet.Choices()})
}

// serveOrders is the orders of all APIs, /orders?q=…&list=failed.
func (p *pages) serveOrders(w http.ResponseWriter, r *http.Request) {
	now := time.Now()
	orders, list := p.ordersOf(r.URL.Query(), now)
	shown, part := part(orders, r.URL.Query())
	p.answer(w, r, http.StatusOK, page.Orders{Head: p.head(r, now), List: list, Rows: shown, Part: part})
}

func (p *pages) ordersOf(values url.Values, now time.Time) (orders []fleet.Order, list string) {
	text, _ := searchText(values.Get("q"))
	if list = values.Get("list"); !slices.Contains(fleet.OrderLists(), list) {
		list = fleet.OrdersOpen
	}
	return p.fleet.Orders(text, list, now), list
}

// serveSites is the sites of IPoE, /sites?q=….
func (p *pages) serveSites(w http.ResponseWriter, r *http.Request) {
	sites, list := p.sitesOf(r.URL.Query())
	shown, part := part(sites, r.URL.Query())
	p.answer(w, r, http.StatusOK, page.Sites{Head: p.head(r, time.Now()), List: list, Rows: shown, Part: part})
}

func (p *pages) sitesOf(values url.Values) (sites []fleet.Site, list string) {
	text, _ := searchText(values.Get("q"))
	if list = values.Get("list"); !slices.Contains(fleet.SiteLists(), list) {
		list = fleet.SitesNow
	}
	return p.fleet.Sites(text, list), list
}

// part is the rows of the page that is asked for.
func part[R any](rows []R, values url.Values) ([]R, page.Part) {
	from := min(pageOf(values)*pageLines, len(rows))
	shown := rows[from:min(from+pageLines, len(rows))]
	return shown, page.NewPart(from, len(shown), len(rows), pageLines)
}

// maxQuery is more characters than any label or contract has.
const maxQuery = 64

// searchText is a text as somebody wrote it, without its case and width, and the number that it is, if it is one.
func searchText(query string) (text, number string) {
	text = strings.ToLower(strings.TrimSpace(norm.NFKC.String(strings.ToValidUTF8(query, ""))))
	if runes := []rune(text); len(runes) > maxQuery {
		text = string(runes[:maxQuery])
	}
	if number = fleet.SearchText(query); number == text {
		number = ""
	}
	return text, number
}
