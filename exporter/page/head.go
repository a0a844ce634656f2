package page

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"time"

	"kaisen/exporter/fleet"
	"kaisen/schema"
)

// Head is what every page begins and ends with.
type Head struct {
	Now      time.Time  // in the zone in which times are shown
	Version  string     // kaisen's own
	Shard    int        // the part of the lines that this kaisen watches
	Shards   int        // of so many; at most 1: all lines
	Labels   string     // what lines are called: plain, masked or hashed
	Nameless bool       // lines have no names that may be shown
	Text     string     // what was looked for
	Path     string     // of the page
	Values   url.Values // with which it was asked for
}

// With is the address of the same page with other values: name and value in turn, an empty one for none. It begins at the first
// part, unless another is asked for.
func (h Head) With(pairs ...string) string { return h.at(cmp.Or(h.Path, "/"), pairs...) }

// CSV is the address of the whole of a list as a file.
func (h Head) CSV() string { return h.at(h.Path+".csv", "refresh", "") }

func (h Head) at(path string, pairs ...string) string {
	values := url.Values{}
	for name, all := range h.Values {
		if !slices.Contains([]string{"page", "lang"}, name) && len(all) > 0 && all[0] != "" {
			values.Set(name, all[0])
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Del(pairs[i])
		if pairs[i+1] != "" {
			values.Set(pairs[i], pairs[i+1])
		}
	}
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// How often a page may be had anew by itself, seconds.
const (
	refreshLeast = 10
	refreshMost  = 3600
)

// refresh is after how many seconds the page is to be had anew; 0: never.
func (h Head) refresh() int {
	n, err := strconv.Atoi(h.Values.Get("refresh"))
	if err != nil || n <= 0 {
		return 0
	}
	return min(max(n, refreshLeast), refreshMost)
}

// Refreshing reports whether the page is had anew by itself.
func (h Head) Refreshing() bool { return h.refresh() > 0 }

// Part is which part of a list is on a page.
type Part struct{ From, Shown, Total, pageRows int }

// NewPart is the part of total rows that begins behind from and has shown, where a page has rows of them.
func NewPart(from, shown, total, rows int) Part { return Part{from, shown, total, rows} }

// First and Last are the numbers of the rows that are shown, from 1.
func (p Part) First() int { return min(p.From+1, p.Total) }

// Last is the number of the last row.
func (p Part) Last() int { return p.From + p.Shown }

// Whole reports whether everything is shown.
func (p Part) Whole() bool { return p.Shown == p.Total }

// Before is the page before, empty where there is none.
func (p Part) Before() string {
	if p.pageRows == 0 || p.From == 0 {
		return ""
	}
	return strconv.Itoa(p.From / p.pageRows)
}

// Next is the page behind.
func (p Part) Next() string {
	if p.pageRows == 0 || p.Last() >= p.Total {
		return ""
	}
	return strconv.Itoa(p.From/p.pageRows + 2)
}

// SortLink is the address of the list sorted by a column: the other way round where it is already.
func (f Found) SortLink(by string) string {
	largestFirst := slices.Contains([]string{fleet.SortRemaining, fleet.SortUsed, fleet.SortToday, fleet.SortReceived, fleet.SortSince}, by)
	if f.Query.Sort == by {
		largestFirst = !f.Query.Descending
	}
	if largestFirst {
		return f.With("sort", by, "desc", "1")
	}
	return f.With("sort", by, "desc", "")
}

// Sorted is which way the list is sorted by a column, as aria-sort has it.
func (f Found) Sorted(by string) string {
	switch {
	case f.Query.Sort != by:
		return "none"
	case f.Query.Descending:
		return "descending"
	}
	return "ascending"
}

// Lists are the lists that a page of lines may be cut down to.
func (f Found) Lists() []string { return fleet.Lists() }

// Late reports whether an order should have been carried out before today.
func (o Orders) Late(order fleet.Order) bool { return order.Late(schema.DateOf(o.Now)) }

// Lists are the lists that the page of orders may be cut down to.
func (o Orders) Lists() []string { return fleet.OrderLists() }

// Lists are the lists that the page of sites may be cut down to.
func (s Sites) Lists() []string { return fleet.SiteLists() }
