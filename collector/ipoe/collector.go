package ipoe

import (
	"context"
	"sync"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/ipoe/api"
	"kaisen/schema"
)

// Carrier is what the jobs ask: the reading calls of IPoE API 3.4.0, and the carrier's own clock.
type Carrier interface {
	AllProducts(ctx context.Context, r api.ProductsRequest) (carrier.Answer[[]api.Product], error)
	AllSites(ctx context.Context, r api.SitesRequest) (carrier.Answer[[]api.Site], error)
	Site(ctx context.Context, r api.SiteRequest) (carrier.Answer[api.SiteDetail], error)
	AllOrders(ctx context.Context, r api.OrdersRequest) (carrier.Answer[[]api.Order], error)
	Order(ctx context.Context, r api.OrderRequest) (carrier.Answer[api.OrderDetail], error)
	Now() time.Time
}

// Collector watches one account of the IPoE backend API.
//
// Sites and orders are in two answers: briefly in a list, and whole one by one. Both go into one row, which is written
// anew whenever either was read, from what each said last: so neither blanks what the other said.
type Collector struct {
	*collector.Engine
	carrier Carrier

	// remembers says that what an earlier process read is known. Without it a row whose details have not been read yet
	// would blank those in the database.
	remembers bool

	writing  sync.Mutex // held while rows of sites and orders are made and written: they arrive in the order of the answers
	orders   map[string]*order
	products *catalogue

	siteDoubt, orderDoubt collector.Doubt // of lists that have lost most of their rows

	mu    sync.Mutex // guards the map, not what is in it
	sites map[string]*site
}

// New prepares a collector; it does nothing yet.
func New(account collector.Account, carrier Carrier, deps collector.Deps) *Collector {
	c := &Collector{
		Engine:  collector.NewEngine(account, deps, carrier.Now, lists()),
		carrier: carrier, sites: make(map[string]*site), orders: make(map[string]*order), products: newCatalogue(),
	}
	c.Prepare(c.begin,
		c.listJob(JobProducts, c.readProducts),
		c.listJob(JobSites, c.readSites),
		collector.Job{Name: JobOrders, Sweep: c.sweepOrders},
		collector.Job{Name: JobSiteDetails, Endless: true, After: c.Lists(), Behind: c.sitesBehind,
			Sweep: func(ctx context.Context, sweep *collector.Sweep, paced bool) {
				collector.PollAll(ctx, c.Engine, sweep, askDetails, c.wantedSites(), paced, c.pollSite)
			}})
	return c
}

// lists are the jobs that read lists.
func lists() []string { return []string{JobProducts, JobSites, JobOrders} }

// listJob reads one list, whole.
func (c *Collector) listJob(name string, read func(context.Context, *collector.Sweep) error) collector.Job {
	return collector.Job{Name: name, Sweep: func(ctx context.Context, sweep *collector.Sweep, _ bool) {
		_ = c.List(ctx, sweep, name, func(ctx context.Context) error { return read(ctx, sweep) })
	}}
}

// begin makes an account ready that has no list to wait for.
func (c *Collector) begin(context.Context) {
	for _, list := range lists() {
		if c.On(list) {
			return
		}
	}
	c.Loaded()
}

// Restore takes in what an earlier process knew.
func (c *Collector) Restore(state schema.State) {
	c.products.Remember(state.IPoEProducts...)
	c.restoreRows(state)
	if len(state.IPoEProducts)+len(state.IPoESites)+len(state.IPoEOrders) > 0 {
		c.Loaded()
		c.countOrders()
	}
}

func (c *Collector) restoreRows(state schema.State) {
	c.writing.Lock()
	defer c.writing.Unlock()
	c.remembers = true
	for _, row := range state.IPoESites {
		c.site(row.CustomerSiteCode).restore(row)
	}
	for _, row := range state.IPoEOrders {
		c.order(row.OrderCode).restore(row)
	}
}

// sitesBehind is how far the site that waited longest is past the interval.
func (c *Collector) sitesBehind(interval time.Duration, since, now time.Time) (longest time.Duration) {
	for _, s := range c.wantedSites() {
		longest = max(longest, s.Behind(askDetails, interval, since, now))
	}
	return longest
}
