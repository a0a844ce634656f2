package ipoe

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/collectortest"
	"kaisen/collector/ipoe/api"
)

// Lists that lost most of their rows keep them for a day, unless the carrier knows nothing of them one by one.
func TestListsThatLostMostOfTheirRows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeIPoE{details: map[string]api.SiteDetail{}, order: map[string]api.OrderDetail{}}
		for _, code := range []string{"a", "b", "c", "d"} {
			f.sites = append(f.sites, api.Site{CustomerSiteCode: code, Status: api.SiteInUse})
			f.details[code] = api.SiteDetail{Site: f.sites[len(f.sites)-1]}
			f.orders = append(f.orders, api.Order{OrderCode: code, Status: api.OrderInProgress})
			f.order[code] = api.OrderDetail{Order: f.orders[len(f.orders)-1]}
			f.products = append(f.products, api.Product{ProductCode: code})
		}
		i := newIPoE(f, new(collectortest.Sink), JobSites, JobSiteDetails, JobOrders, JobProducts)
		once(t, i)
		listed := func() (sites, orders, products int) {
			for _, s := range i.allSites() {
				if s.row.Listed {
					sites++
				}
			}
			for _, o := range i.orders {
				if o.row.Listed {
					orders++
				}
			}
			for _, row := range i.products.All() {
				if row.Listed {
					products++
				}
			}
			return sites, orders, products
		}
		f.sites, f.orders, f.products = f.sites[:1], nil, f.products[:1]
		for hour := range 24 {
			once(t, i)
			if sites, orders, products := listed(); sites != 4 || orders != 4 || products != 4 {
				t.Fatalf("hour %d: %d sites, %d orders, %d products of 4", hour, sites, orders, products)
			}
			if time.Sleep(time.Hour); hour == 12 {
				delete(f.details, "a") // which the list has
			}
		}
		once(t, i)
		if sites, orders, products := listed(); sites != 1 || orders != 0 || products != 1 {
			t.Errorf("%d sites, %d orders, %d products after a day; want what the lists say", sites, orders, products)
		}
	})
}

// A row that could not be read may be any of those that a list lacks.
func TestAListWithoutARowProvesNothingGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeIPoE{details: map[string]api.SiteDetail{}, order: map[string]api.OrderDetail{}}
		for _, code := range []string{"a", "b", "c", "d"} {
			f.sites = append(f.sites, api.Site{CustomerSiteCode: code, Status: api.SiteEnded})
			f.orders = append(f.orders, api.Order{OrderCode: code, Status: api.OrderDone})
			f.products = append(f.products, api.Product{ProductCode: code})
		}
		sink := new(collectortest.Sink)
		i := newIPoE(f, sink, JobSites, JobOrders, JobProducts)
		once(t, i)
		gone := func() (n int) {
			for _, row := range sink.All().IPoESites {
				n += count(!row.Listed)
			}
			for _, row := range sink.All().IPoEOrders {
				n += count(!row.Listed)
			}
			for _, row := range sink.All().IPoEProducts {
				n += count(!row.Listed)
			}
			return n
		}
		f.sites, f.orders, f.products = f.sites[:3], f.orders[:3], f.products[:3]
		f.odd = []carrier.Warning{{Field: "rows", Reason: carrier.ReasonRow, Odd: 1, Row: "7"}}
		for range 30 {
			time.Sleep(time.Hour)
			if once(t, i); gone() != 0 {
				t.Fatalf("%d rows are gone", gone())
			}
		}
		if n := len(sink.All().DeadLetters); n < 3 || n > 6 {
			t.Errorf("%d dead letters of a row of each list in two days", n)
		}
		f.odd = nil
		if once(t, i); gone() != 3 {
			t.Errorf("%d rows are gone, want one of each list", gone())
		}
	})
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

// A site that its list lacks and that the carrier does not know by itself has left, however short the list is.
func TestASiteThatBothAnswersLack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeIPoE{sites: []api.Site{{CustomerSiteCode: "a", Status: api.SiteInUse}}, details: map[string]api.SiteDetail{}}
		i := newIPoE(f, new(collectortest.Sink), JobSites, JobSiteDetails)
		once(t, i)
		f.sites = nil
		if once(t, i); i.site("a").row.Listed {
			t.Error("still listed")
		}
	})
}

// A 404 says that there is no such site or order only in the API's own words.
func TestOtherNotFounds(t *testing.T) {
	html := &carrier.Error{Kind: carrier.KindNotFound, Status: 404, Payload: []byte("<html>404 Not Found</html>")}
	gateway := &carrier.Error{Kind: carrier.KindNotFound, Status: 404, Payload: []byte(`{"errorCode":"404","errorMessage":"Not Found"}`)}
	redirect := &carrier.Error{Kind: carrier.KindNotFound, Status: 302}
	for _, failure := range []error{html, gateway, redirect, errors.New("anything")} {
		if isUnknown(failure) {
			t.Errorf("%v says that there is no such site", failure)
		}
	}
	for _, said := range []error{noSuch(), api.Explain(noSuch())} {
		if !isUnknown(said) {
			t.Errorf("%v does not say that there is no such site", said)
		}
	}
}
