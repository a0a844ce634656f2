package ipoe

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/collectortest"
	"kaisen/collector/ipoe/api"
	"kaisen/schema"
)

// fakeIPoE answers from what a test put in.
type fakeIPoE struct {
	mu       sync.Mutex
	products []api.Product
	sites    []api.Site
	details  map[string]api.SiteDetail
	orders   []api.Order
	order    map[string]api.OrderDetail
	fails    error             // what the lists answer
	odd      []carrier.Warning // what is odd in them
	takes    time.Duration
	holds    string // the order whose details wait for as long as the caller does
	asked    []string
}

func (f *fakeIPoE) Now() time.Time { return time.Now() }

func (f *fakeIPoE) note(call string) {
	f.mu.Lock()
	f.asked = append(f.asked, call)
	f.mu.Unlock()
	time.Sleep(f.takes)
}

// calls are the questions that begin so, and forgets them.
func (f *fakeIPoE) calls(prefix string) (calls []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = slices.DeleteFunc(f.asked, func(call string) bool {
		is := strings.HasPrefix(call, prefix)
		if is {
			calls = append(calls, strings.TrimPrefix(call, prefix))
		}
		return is
	})
	return calls
}

func toldNow[T any](value T) carrier.Answer[T] {
	return carrier.Answer[T]{Value: value, ObservedAt: time.Now().Truncate(time.Second), ReceivedAt: time.Now(), Status: 200}
}

func listed[T any](f *fakeIPoE, rows []T) carrier.Answer[[]T] {
	answer := toldNow(rows)
	answer.Warnings = f.odd
	return answer
}

func (f *fakeIPoE) AllProducts(context.Context, api.ProductsRequest) (carrier.Answer[[]api.Product], error) {
	f.note("products")
	return listed(f, f.products), f.fails
}

func (f *fakeIPoE) AllSites(context.Context, api.SitesRequest) (carrier.Answer[[]api.Site], error) {
	f.note("sites")
	return listed(f, f.sites), f.fails
}

func (f *fakeIPoE) AllOrders(context.Context, api.OrdersRequest) (carrier.Answer[[]api.Order], error) {
	f.note("orders")
	return listed(f, f.orders), f.fails
}

func (f *fakeIPoE) Site(_ context.Context, r api.SiteRequest) (carrier.Answer[api.SiteDetail], error) {
	f.note("site " + r.CustomerSiteCode)
	detail, known := f.details[r.CustomerSiteCode]
	if !known {
		return carrier.Answer[api.SiteDetail]{}, noSuch()
	}
	return toldNow(detail), nil
}

func (f *fakeIPoE) Order(ctx context.Context, r api.OrderRequest) (carrier.Answer[api.OrderDetail], error) {
	late := ctx.Err() != nil
	if !late {
		f.note("order " + r.OrderCode)
	}
	if late || f.holds == r.OrderCode {
		<-ctx.Done()
		return carrier.Answer[api.OrderDetail]{}, &carrier.Error{Operation: "ipoe_order_details", ObservedAt: time.Now(), Err: ctx.Err()}
	}
	detail, known := f.order[r.OrderCode]
	if !known {
		return carrier.Answer[api.OrderDetail]{}, noSuch()
	}
	return toldNow(detail), nil
}

// noSuch is a 404 in the API's own words.
func noSuch() error {
	return &carrier.Error{Kind: carrier.KindNotFound, Status: 404, Payload: []byte(`{"errors":[{"errorCode":"4000137","errorMessage":"no such"}]}`)}
}

// newIPoE remembers that there is nothing to remember.
func newIPoE(f *fakeIPoE, sink collector.Sink, jobs ...string) *Collector {
	i := forgetful(f, sink, jobs...)
	i.Restore(schema.State{})
	return i
}

// forgetful does not know what an earlier process knew.
func forgetful(f *fakeIPoE, sink collector.Sink, jobs ...string) *Collector {
	cfg := collector.Account{Source: "ip", Zone: time.FixedZone("JST", 9*3600), Workers: 1, Jobs: map[string]collector.JobConfig{}}
	for _, job := range jobs {
		cfg.Jobs[job] = collector.JobConfig{Interval: time.Hour}
	}
	return New(cfg, f, collectortest.Deps(sink, prometheus.NewRegistry()))
}

func once(t *testing.T, i *Collector) []schema.Sweep {
	t.Helper()
	sweeps, err := i.Once(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return sweeps
}

// siteOf is the newest row of a site.
func siteOf(sink *collectortest.Sink, code string) (newest schema.IPoESite) {
	for _, row := range sink.All().IPoESites {
		if row.CustomerSiteCode == code && !row.ObservedAt.Before(newest.ObservedAt) {
			newest = row
		}
	}
	return newest
}

// Whichever is answered last, a site's row has what the list and what the details say; a value that both drop goes.
func TestListAndDetailsOfASite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeIPoE{
			sites: []api.Site{{CustomerSiteCode: "a", CustomerSiteName: "A", VRF: "v", CaseName: "case", Status: api.SiteInUse}},
			details: map[string]api.SiteDetail{"a": {Site: api.Site{CustomerSiteCode: "a", CaseName: "case", GlobalIP: "1.1.1.0/27"}, CPEModelName: "RTX830",
				Contracts: []api.SiteContract{{ProductCode: "1-1-1-1-1", StartAt: "20260101"}}, IPIPParam: &api.IPIPParam{Username: "u", Password: "s3cret"}}},
		}
		sink := new(collectortest.Sink)
		i := newIPoE(f, sink, JobSites, JobSiteDetails)
		first := time.Now()
		once(t, i)
		want := schema.IPoESite{Source: "ip", IPoESiteBrief: schema.IPoESiteBrief{CustomerSiteCode: "a", CustomerSiteName: "A", VRF: "v", CaseName: "case",
			StatusCode: "1", Status: schema.SiteInUse, GlobalIP: "1.1.1.0/27"}, CPEModelName: "RTX830",
			ContractCodes: []string{"1-1-1-1-1"}, ContractNames: []string{""}, ContractTypes: []string{""},
			ContractStarts: []schema.Opt[schema.Date]{schema.Some(schema.DateOf(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)))}, ContractEnds: []schema.Opt[schema.Date]{{}},
			IPIP: schema.IPoEIPIP{Username: "u"}, Listed: true, FirstSeen: first, DetailObservedAt: schema.Some(first), DetailReceivedAt: schema.Some(first), ObservedAt: first}
		if diff := cmp.Diff(want, siteOf(sink, "a")); diff != "" {
			t.Error(diff)
		}

		time.Sleep(time.Hour) // a restart between the two
		f.sites[0].CaseName, f.sites[0].CustomerSiteName = "", "B"
		again := newIPoE(f, sink, JobSites)
		again.Restore(schema.State{IPoESites: []schema.IPoESite{siteOf(sink, "a")}})
		once(t, again)
		want.CustomerSiteName, want.ObservedAt = "B", time.Now()
		if diff := cmp.Diff(want, siteOf(sink, "a")); diff != "" {
			t.Errorf("after the list: %s", diff)
		}

		time.Sleep(time.Hour)
		delete(f.details, "a")
		f.details["a"] = api.SiteDetail{Site: api.Site{CustomerSiteCode: "a"}, CPEModelName: "RTX840"}
		i = newIPoE(f, sink, JobSites, JobSiteDetails)
		i.Restore(schema.State{IPoESites: []schema.IPoESite{siteOf(sink, "a")}})
		once(t, i)
		if got := siteOf(sink, "a"); got.CaseName != "" || got.GlobalIP != "" || got.VRF != "v" || got.CPEModelName != "RTX840" || got.ContractCodes != nil || !got.FirstSeen.Equal(first) {
			t.Errorf("after both: %+v", got)
		}
	})
}

// Sites in use are asked about by themselves, and once more one that has ended; those first that were asked about
// longest ago.
func TestDetailsOfSitesInUseOldestFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeIPoE{takes: time.Minute, details: map[string]api.SiteDetail{}}
		var state schema.State
		for n, code := range []string{"a", "b", "c", "d"} {
			f.sites = append(f.sites, api.Site{CustomerSiteCode: code, Status: api.SiteInUse})
			f.details[code] = api.SiteDetail{Site: f.sites[n]}
			asked := schema.Some(time.Now().Add(-time.Duration(n+1) * 24 * time.Hour))
			state.IPoESites = append(state.IPoESites, schema.IPoESite{IPoESiteBrief: schema.IPoESiteBrief{CustomerSiteCode: code, Status: schema.SiteInUse},
				Listed: true, FirstSeen: asked.V, DetailObservedAt: asked, DetailReceivedAt: asked})
		}
		f.sites[1].Status = api.SiteEnded
		f.sites = append(f.sites, api.Site{CustomerSiteCode: "new", Status: api.SiteInUse})
		f.details["new"] = api.SiteDetail{Site: api.Site{CustomerSiteCode: "new"}}
		sink := new(collectortest.Sink)
		i := newIPoE(f, sink, JobSites, JobSiteDetails)
		i.Restore(state)
		sweeps := once(t, i)
		if got := f.calls("site "); !slices.Equal(got, []string{"new", "d", "c", "b", "a"}) {
			t.Errorf("asked for %v", got)
		}
		if s := sweeps[len(sweeps)-1]; s.Job != JobSiteDetails || s.OK != 5 {
			t.Errorf("%+v", s)
		}

		time.Sleep(time.Hour)
		f.sites = f.sites[2:]
		once(t, i)
		if got := f.calls("site "); len(got) != 3 || slices.Contains(got, "a") {
			t.Errorf("asked for %v, of which a has left the list", got)
		}
		if got := siteOf(sink, "a"); got.Listed || !got.DetailObservedAt.Known || got.Status != schema.SiteInUse {
			t.Errorf("a site that left the list: %+v", got)
		}
	})
}

// Issue 12, D.15: a site that has ended is read once more, for the day on which the charges ended and the addresses that
// were taken back, and not again after that, by the next process neither.
func TestAnEndedSiteIsReadOnceMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeIPoE{details: map[string]api.SiteDetail{}}
		f.sites = []api.Site{{CustomerSiteCode: "a", Status: api.SiteInUse, GlobalIP: "192.0.2.0/29"}}
		f.details["a"] = api.SiteDetail{Site: f.sites[0], Contracts: []api.SiteContract{{ProductCode: "1"}}}
		sink := new(collectortest.Sink)
		i := newIPoE(f, sink, JobSites, JobSiteDetails)
		i.Restore(schema.State{})
		once(t, i)
		f.sites[0] = api.Site{CustomerSiteCode: "a", Status: api.SiteEnded}
		f.details["a"] = api.SiteDetail{Site: f.sites[0], Contracts: []api.SiteContract{{ProductCode: "1", EndAt: "20000131"}}}
		for range 3 {
			time.Sleep(48 * time.Hour)
			once(t, i)
		}
		if got := f.calls("site "); len(got) != 2 {
			t.Errorf("asked for %v, want once before it ended and once after", got)
		}
		row := siteOf(sink, "a")
		if row.GlobalIP != "" || len(row.ContractEnds) != 1 || !row.ContractEnds[0].Known {
			t.Errorf("the site that ended is %+v", row)
		}
		for _, known := range []bool{true, false} {
			row.ContractEnds[0].Known = known
			restarted := newIPoE(f, sink, JobSites, JobSiteDetails)
			restarted.Restore(schema.State{IPoESites: []schema.IPoESite{row}})
			once(t, restarted)
			if got := f.calls("site "); (len(got) == 0) != known {
				t.Errorf("end of charges known %v: the next process asked for %v", known, got)
			}
		}
	})
}

// A process that runs spreads the details over the interval, and what does not fit is the first the next time.
func TestDetailsKeepToTheInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeIPoE{takes: 2 * time.Minute, details: map[string]api.SiteDetail{}}
		for n := range 60 { // an interval has room for 30
			code := fmt.Sprintf("s%02d", n)
			f.sites = append(f.sites, api.Site{CustomerSiteCode: code, Status: api.SiteInUse})
			f.details[code] = api.SiteDetail{Site: f.sites[n]}
		}
		i := newIPoE(f, new(collectortest.Sink), JobSites, JobSiteDetails)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- i.Run(ctx) }()
		time.Sleep(10 * time.Hour)
		asked := map[string]int{}
		for _, code := range f.calls("site ") {
			asked[code]++
		}
		least, most := 1000, 0
		for _, n := range asked {
			least, most = min(least, n), max(most, n)
		}
		if len(asked) != 60 || most-least > 1 || least < 4 {
			t.Errorf("%d sites were asked about %d to %d times in ten hours", len(asked), least, most)
		}
		if behind := i.Behind(time.Now().Add(-10*time.Hour), time.Now())[JobSiteDetails]; behind < 30*time.Minute || behind > 2*time.Hour {
			t.Errorf("behind by %s; a round takes two hours, the interval is one", behind)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// A process that does not know what an earlier one read writes no row that could blank it.
func TestWithoutMemoryNothingIsBlanked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeIPoE{
			sites:   []api.Site{{CustomerSiteCode: "a", Status: api.SiteInUse}, {CustomerSiteCode: "b", Status: api.SiteEnded}, {CustomerSiteCode: "c", Status: api.SiteInUse}},
			details: map[string]api.SiteDetail{"a": {Site: api.Site{CustomerSiteCode: "a"}}, "b": {Site: api.Site{CustomerSiteCode: "b"}}},
			orders:  []api.Order{{OrderCode: "1", Status: api.OrderDone}, {OrderCode: "2", Status: api.OrderDone}},
			order:   map[string]api.OrderDetail{"1": {Order: api.Order{OrderCode: "1", Status: api.OrderDone}, CaseName: "case"}},
		}
		sink := new(collectortest.Sink)
		i := forgetful(f, sink, JobSites, JobSiteDetails, JobOrders)
		once(t, i)
		once(t, i)
		for _, row := range sink.All().IPoESites {
			if !row.DetailObservedAt.Known {
				t.Errorf("%s without its details", row.CustomerSiteCode)
			}
		}
		for _, row := range sink.All().IPoEOrders {
			if !row.DetailObservedAt.Known {
				t.Errorf("%s without its details", row.OrderCode)
			}
		}
		if a, b := siteOf(sink, "a"), siteOf(sink, "b"); a.Status != schema.SiteInUse || b.Status != schema.SiteEnded {
			t.Errorf("%+v\n%+v", a, b)
		}
		if got := f.calls("site "); !slices.Equal(got, []string{"a", "b", "c", "c", "a"}) && !slices.Equal(got, []string{"a", "b", "c", "a", "c"}) {
			t.Errorf("asked for %v: the ended one once", got)
		}
	})
}
