package ipoe

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/collectortest"
	"kaisen/collector/ipoe/api"
	"kaisen/schema"
)

// TestAPartOfAListIsStored, and proves nothing gone; the failure is seen.
func TestAPartOfAListIsStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeIPoE{
			products: []api.Product{{ProductCode: "p1"}, {ProductCode: "p2"}},
			sites:    []api.Site{{CustomerSiteCode: "a", Status: api.SiteInUse}, {CustomerSiteCode: "b", Status: api.SiteInUse}},
			orders:   []api.Order{{OrderCode: "1", Status: api.OrderDone}, {OrderCode: "2", Status: api.OrderDone}},
		}
		sink := new(collectortest.Sink)
		i := newIPoE(f, sink, JobProducts, JobSites, JobOrders)
		once(t, i)
		time.Sleep(time.Hour)
		f.products, f.sites, f.orders = f.products[:1], append(f.sites[:1:1], api.Site{CustomerSiteCode: "c"}), f.orders[1:]
		f.fails = &api.PartialError{Err: &carrier.Error{Operation: "list", Kind: carrier.KindTooLarge, Message: "there is more"}}
		before := time.Now()
		if _, err := i.Once(t.Context()); !errors.Is(err, f.fails) {
			t.Errorf("error %v", err)
		}
		if c := siteOf(sink, "c"); !c.Listed {
			t.Errorf("a site of the part that was read: %+v", c)
		}
		if b := siteOf(sink, "b"); !b.Listed {
			t.Errorf("a site of the part that was not: %+v", b)
		}
		for _, row := range sink.All().IPoEOrders {
			if !row.Listed {
				t.Errorf("order %s counts as gone", row.OrderCode)
			}
		}
		for _, row := range sink.All().IPoEProducts {
			if !row.Listed {
				t.Errorf("product %s counts as gone", row.ProductCode)
			}
		}
		if a := siteOf(sink, "a"); a.ObservedAt.Before(before) {
			t.Errorf("a is of %s", a.ObservedAt)
		}
	})
}

// Of a list whose rows move nothing is missing where every row that is known was met; where one was not, it is not gone.
func TestAListWhoseRowsMove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeIPoE{}
		for _, code := range []string{"a", "b", "c"} {
			f.products = append(f.products, api.Product{ProductCode: code})
			f.sites = append(f.sites, api.Site{CustomerSiteCode: code, Status: api.SiteInUse})
			f.orders = append(f.orders, api.Order{OrderCode: code, Status: api.OrderDone})
		}
		sink := new(collectortest.Sink)
		for _, job := range []string{JobProducts, JobSites, JobOrders} {
			i := newIPoE(f, sink, job)
			f.fails = nil
			once(t, i)
			f.fails = &api.PartialError{Err: &carrier.Error{Operation: "list", Kind: carrier.KindMalformed, Err: api.ErrMoved}}
			once(t, i) // nothing is missing
			products, sites, orders := f.products, f.sites, f.orders
			f.products, f.sites, f.orders = f.products[1:], f.sites[1:], f.orders[1:]
			if _, err := i.Once(t.Context()); !errors.Is(err, api.ErrMoved) || !strings.Contains(err.Error(), "of those known 1 were not met") {
				t.Errorf("%s: error %v", job, err)
			}
			f.products, f.sites, f.orders = products, sites, orders
			once(t, i)
		}
		all := sink.All()
		gone := slices.ContainsFunc(all.IPoEProducts, func(r schema.IPoEProduct) bool { return !r.Listed }) ||
			slices.ContainsFunc(all.IPoESites, func(r schema.IPoESite) bool { return !r.Listed }) ||
			slices.ContainsFunc(all.IPoEOrders, func(r schema.IPoEOrder) bool { return !r.Listed })
		if gone {
			t.Error("a row that was not met counts as gone")
		}
	})
}

// TestASiteOfTheFuture is dated by the next answer, and asked about again.
func TestASiteOfTheFuture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeIPoE{sites: []api.Site{{CustomerSiteCode: "a", Status: api.SiteInUse}},
			details: map[string]api.SiteDetail{"a": {Site: api.Site{CustomerSiteCode: "a"}}}}
		ahead := time.Now().AddDate(100, 0, 0)
		sink := new(collectortest.Sink)
		i := newIPoE(f, sink, JobSites, JobSiteDetails)
		i.Restore(schema.State{IPoESites: []schema.IPoESite{{IPoESiteBrief: schema.IPoESiteBrief{CustomerSiteCode: "a", Status: schema.SiteInUse}, Listed: true,
			FirstSeen: ahead, DetailObservedAt: schema.Some(ahead), DetailReceivedAt: schema.Some(ahead), ObservedAt: ahead}}})
		once(t, i)
		if a := siteOf(sink, "a"); a.ObservedAt.After(time.Now()) || a.DetailObservedAt.V.After(time.Now()) || len(f.calls("site ")) != 1 {
			t.Errorf("%+v", a)
		}
	})
}
