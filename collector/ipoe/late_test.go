package ipoe

import (
	"testing"
	"testing/synctest"
	"time"

	"kaisen/collector/collectortest"
	"kaisen/collector/ipoe/api"
	"kaisen/schema"
)

// What an earlier process knew may come after the lists were read: what they say counts, and what they do not say again
// is known.
func TestMemoryThatComesLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeIPoE{
			sites:    []api.Site{{CustomerSiteCode: "a", Status: api.SiteInUse, CaseName: "new"}, {CustomerSiteCode: "b", Status: api.SiteInUse}},
			details:  map[string]api.SiteDetail{"b": {Site: api.Site{CustomerSiteCode: "b"}, CPEModelName: "RTX840"}},
			orders:   []api.Order{{OrderCode: "1", Status: api.OrderDone}},
			products: []api.Product{{ProductCode: "p"}, {ProductCode: "q"}},
		}
		sink := new(collectortest.Sink)
		i := forgetful(f, sink, JobSites, JobSiteDetails, JobOrders, JobProducts)
		_, _ = i.Once(t.Context())
		long := time.Now().Add(-30 * 24 * time.Hour)
		site := schema.IPoESite{Source: "ip", IPoESiteBrief: schema.IPoESiteBrief{CustomerSiteCode: "a", CaseName: "old"}, CPEModelName: "RTX830",
			Listed: true, FirstSeen: long, ObservedAt: long, DetailObservedAt: schema.Some(long), DetailReceivedAt: schema.Some(long)}
		replaced := site
		replaced.CustomerSiteCode = "b"
		order := schema.IPoEOrder{Source: "ip", IPoEOrderBrief: schema.IPoEOrderBrief{OrderCode: "1", StatusCode: string(api.OrderDone)},
			Listed: true, FirstSeen: long, StatusSince: long, ObservedAt: long, DetailObservedAt: schema.Some(long), CaseName: "case"}
		gone := order
		gone.OrderCode = "2"
		i.Restore(schema.State{IPoESites: []schema.IPoESite{site, replaced}, IPoEOrders: []schema.IPoEOrder{order, gone},
			IPoEProducts: []schema.IPoEProduct{{Source: "ip", ProductCode: "old", Listed: true}, {Source: "ip", ProductCode: "p", ProductName: "old", Listed: true}}})
		time.Sleep(time.Hour)
		if _, err := i.SweepOnce(t.Context(), JobSites, false); err != nil {
			t.Fatal(err)
		}
		if got := siteOf(sink, "b"); got.CPEModelName != "RTX840" || !got.FirstSeen.Equal(long) {
			t.Errorf("what was read meanwhile is overwritten: %+v", got)
		}
		_, _ = i.Once(t.Context())
		if got := siteOf(sink, "a"); !got.FirstSeen.Equal(long) || got.CaseName != "new" || got.CPEModelName != "RTX830" {
			t.Errorf("%+v", got)
		}
		if got := orderOf(sink, "1"); !got.FirstSeen.Equal(long) || !got.StatusSince.Equal(long) || got.CaseName != "case" {
			t.Errorf("%+v", got)
		}
		if got := orderOf(sink, "2"); got.Listed || !got.FirstSeen.Equal(long) {
			t.Errorf("an order that left while nobody looked: %+v", got)
		}
		left := 0
		for _, row := range sink.All().IPoEProducts {
			if row.ProductCode == "old" && !row.Listed {
				left++
			}
		}
		if left != 1 {
			t.Errorf("%d rows of a product that left while nobody looked, want one", left)
		}
	})
}
