package api

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
	"kaisen/internal/racetest"
	"kaisen/schema"
)

// registry is a carrier's list of any length, which heeds status, type and days, and refuses offsets of five digits.
type registry[T, R any] struct {
	rows  []T
	keep  func(R, *T) bool
	page  func(R) (limit, offset int)
	large func(rows []T) bool // an answer with these would be too large
	fails int                 // the request of this number fails
	asked int
}

func (g *registry[T, R]) ask(_ context.Context, r R) (carrier.Answer[[]T], error) {
	g.asked++
	if g.asked == g.fails {
		return carrier.Answer[[]T]{}, &carrier.Error{Kind: carrier.KindServer, Status: 500}
	}
	limit, offset := g.page(r)
	if offset > lastOffset {
		return carrier.Answer[[]T]{}, &carrier.Error{Kind: carrier.KindInvalidRequest, Status: 400}
	}
	answer := carrier.Answer[[]T]{Status: 200, ObservedAt: time.Unix(int64(g.asked), 0)}
	skip := max(offset-1, 0)
	for i := range g.rows {
		if !g.keep(r, &g.rows[i]) {
			continue
		}
		if skip--; skip < 0 && len(answer.Value) < limit {
			answer.Value = append(answer.Value, g.rows[i])
		}
	}
	if g.large != nil && g.large(answer.Value) {
		return carrier.Answer[[]T]{}, &carrier.Error{Kind: carrier.KindTooLarge, Status: 200}
	}
	return answer, nil
}

// within compares days as texts: here all are of one form, and there are millions of comparisons.
func within(day, from, to lenient.Date) bool {
	return (from == "" || day != "" && day >= from) && (to == "" || day != "" && day <= to)
}

func sitesOf(rows []Site) *registry[Site, SitesRequest] {
	return &registry[Site, SitesRequest]{rows: rows,
		page: func(r SitesRequest) (int, int) { return r.Limit, r.Offset },
		keep: func(r SitesRequest, s *Site) bool {
			return (r.Status == "" || r.Status == s.Status) && within(s.StartAt, r.StartAtFrom, r.StartAtTo)
		}}
}

func ordersOf(rows []Order) *registry[Order, OrdersRequest] {
	return &registry[Order, OrdersRequest]{rows: rows,
		page: func(r OrdersRequest) (int, int) { return r.Limit, r.Offset },
		keep: func(r OrdersRequest, o *Order) bool {
			return (r.Status == "" || r.Status == o.Status) && (r.OrderType == "" || r.OrderType == o.OrderType) &&
				within(o.HopeToStartAt, r.HopeToStartAtFrom, r.HopeToStartAtTo) && within(o.HopeToEndAt, r.HopeToEndAtFrom, r.HopeToEndAtTo)
		}}
}

func manySites(n, days int) []Site {
	rows := make([]Site, n)
	first := schema.DateOf(time.Date(2020, 4, 1, 0, 0, 0, 0, time.UTC))
	for i := range rows {
		rows[i] = Site{CustomerSiteCode: fmt.Sprintf("int-%06d", i), Status: SiteInUse, StartAt: lenient.DateOf(first.AddDays(i * days / n))}
		if i%9 == 0 {
			rows[i].Status = SiteEnded
		}
	}
	return rows
}

func siteKey(s *Site) string { return s.CustomerSiteCode }

func TestMoreThanOffsetsReach(t *testing.T) {
	racetest.Skip(t)
	for _, c := range []struct {
		n, days, most int
		edit          func([]Site)
		whole         bool
	}{
		{n: 9_990, days: 900, most: 22, whole: true},
		{n: 12_000, days: 900, most: 80, whole: true},
		{n: 30_000, days: 2000, most: 250, whole: true},
		{n: 30_000, days: 2000, most: 250, whole: true, edit: slices.Reverse[[]Site]},
		{n: 30_000, days: 1, most: 60},                                                // all on one day: nothing narrows that
		{n: 30_000, days: 900, most: 250, edit: func(s []Site) { s[7].StartAt = "" }}, // one without a day, and so perhaps others
		{n: 30_000, days: 900, most: 250, edit: func(s []Site) { s[7].Status = "3" }},
	} {
		rows := manySites(c.n, c.days)
		if c.edit != nil {
			c.edit(rows)
		}
		g := sitesOf(rows)
		got, err := all(t.Context(), opSites, SitesRequest{}, g.ask, siteKey, narrowSites)
		if c.whole != (err == nil) || !c.whole && !IsPartial(err) {
			t.Errorf("%d sites of %d days: error %v", c.n, c.days, err)
		}
		if c.whole && len(got.Value) != c.n || !c.whole && len(got.Value) < 10_000 {
			t.Errorf("%d sites of %d days: %d were read", c.n, c.days, len(got.Value))
		}
		if g.asked > c.most {
			t.Errorf("%d sites of %d days: %d requests", c.n, c.days, g.asked)
		}
	}
}

func TestMoreOrdersThanOffsetsReach(t *testing.T) {
	rows := make([]Order, 25_000)
	for i := range rows {
		day := lenient.DateOf(schema.DateOf(time.Date(2021, 1, 1+i/50, 0, 0, 0, 0, time.UTC)))
		rows[i] = Order{OrderCode: fmt.Sprintf("A%07d", i), Status: OrderDone, OrderType: OrderNew, HopeToStartAt: day}
		if i%3 == 0 {
			rows[i].OrderType, rows[i].HopeToStartAt, rows[i].HopeToEndAt = OrderCancel, "", day
		}
	}
	g := ordersOf(rows)
	got, err := all(t.Context(), opOrders, OrdersRequest{}, g.ask, func(o *Order) string { return o.OrderCode }, narrowOrders)
	if err != nil || len(got.Value) != len(rows) || g.asked > 300 {
		t.Errorf("%d orders after %d requests, error %v", len(got.Value), g.asked, err)
	}
}

// TestAPageThatIsTooLarge costs what is too large, and nothing else.
func TestAPageThatIsTooLarge(t *testing.T) {
	g := sitesOf(manySites(2_000, 100))
	g.large = func(rows []Site) bool { return len(rows) > 130 }
	got, err := all(t.Context(), opSites, SitesRequest{}, g.ask, siteKey, narrowSites)
	if err != nil || len(got.Value) != 2_000 {
		t.Errorf("pages of 130 rows: %d sites, %v", len(got.Value), err)
	}
	g = sitesOf(manySites(2_000, 100))
	g.large = func(rows []Site) bool {
		return slices.ContainsFunc(rows, func(s Site) bool { return s.CustomerSiteCode == "int-001234" })
	}
	got, err = all(t.Context(), opSites, SitesRequest{}, g.ask, siteKey, narrowSites)
	if kind, _ := carrier.KindOf(err); kind != carrier.KindTooLarge || !IsPartial(err) || !strings.Contains(err.Error(), "1 rows are larger") || len(got.Value) != 1_999 {
		t.Errorf("one row is too large: %d sites, %v", len(got.Value), err)
	}
	g = sitesOf(manySites(2_000, 100))
	g.large = func([]Site) bool { return true }
	if got, err = all(t.Context(), opSites, SitesRequest{}, g.ask, siteKey, narrowSites); err == nil || IsPartial(err) || g.asked > 40 {
		t.Errorf("everything is too large: %d sites, %v, %d requests", len(got.Value), err, g.asked)
	}
}

// TestWhatWasReadIsGiven where a page fails.
func TestWhatWasReadIsGiven(t *testing.T) {
	for _, n := range []int{2_000, 30_000} {
		g := sitesOf(manySites(n, 100))
		g.fails = 4
		got, err := all(t.Context(), opSites, SitesRequest{}, g.ask, siteKey, narrowSites)
		var failure *carrier.Error
		if !IsPartial(err) || !errors.As(err, &failure) || failure.Status != 500 || len(got.Value) != 1_498 {
			t.Errorf("%d sites, error %v", len(got.Value), err)
		}
	}
}
