package collector

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"kaisen/collector/carrier"
	ipoe "kaisen/collector/ipoe/api"
	"kaisen/schema"
)

// The jobs of an account of kind ipoe.
const (
	JobCustomerProducts    = "customer_products"     // table ipoe_products
	JobCustomerSites       = "customer_sites"        // table ipoe_sites
	JobCustomerSiteDetails = "customer_site_details" // likewise
	JobIPoEOrders          = "ipoe_orders"           // table ipoe_orders
)

// IPoEConfig is one account of kind ipoe.
type IPoEConfig struct {
	Source  string
	Zone    *time.Location // in which the carrier's days turn
	Workers int            // questions under way at once; the account's max_in_flight
	Jobs    map[string]JobConfig
}

// IPoECarrier is what the jobs ask: the reading calls of IPoE API 3.4.0, and the carrier's own clock.
type IPoECarrier interface {
	AllProducts(ctx context.Context, r ipoe.ProductsRequest) (carrier.Answer[[]ipoe.Product], error)
	AllSites(ctx context.Context, r ipoe.SitesRequest) (carrier.Answer[[]ipoe.Site], error)
	Site(ctx context.Context, r ipoe.SiteRequest) (carrier.Answer[ipoe.SiteDetail], error)
	AllOrders(ctx context.Context, r ipoe.OrdersRequest) (carrier.Answer[[]ipoe.Order], error)
	Order(ctx context.Context, r ipoe.OrderRequest) (carrier.Answer[ipoe.OrderDetail], error)
	Now() time.Time
}

// IPoE watches one account of the IPoE backend API.
//
// Sites and orders are told twice: briefly in a list, and whole one by one. Both go into one row, which is written anew
// whenever either was told, from what each told last: so neither blanks what the other told.
type IPoE struct {
	sweeper
	*readiness
	cfg     IPoEConfig
	carrier IPoECarrier

	// remembers tells that what an earlier process was told is known. Without it a row whose details have not been told
	// yet would blank those in the database.
	remembers bool

	writing sync.Mutex // held while rows of sites and orders are made and written: they arrive as they were told
	orders  map[string]*ipoeOrder
	goods   map[goodsID]schema.IPoEProduct

	mu    sync.Mutex // guards the map, not what is in it
	sites map[string]*site
}

// NewIPoE prepares a collector; it does nothing yet. Progress may be nil.
func NewIPoE(cfg IPoEConfig, c IPoECarrier, sink Sink, m *Metrics, log *slog.Logger, progress Progress) *IPoE {
	i := &IPoE{
		sweeper:   newSweeper(cfg.Source, cfg.Jobs, cfg.Workers, c.Now, sink, m, log, progress),
		readiness: newReadiness(cfg.Source, []string{JobCustomerProducts, JobCustomerSites, JobIPoEOrders}),
		cfg:       cfg, carrier: c,
		sites: make(map[string]*site), orders: make(map[string]*ipoeOrder), goods: make(map[goodsID]schema.IPoEProduct),
	}
	m.watch(i)
	return i
}

// listJobs read lists.
func (i *IPoE) listJobs() []job {
	list := func(name string, do func(context.Context, *pass) error) job {
		return job{name: name, sweep: func(ctx context.Context, p *pass, _ bool) { i.sweepList(ctx, p, do) }}
	}
	return []job{
		list(JobCustomerProducts, i.readProducts),
		list(JobCustomerSites, i.readSites),
		{name: JobIPoEOrders, sweep: i.sweepOrders},
	}
}

// detailsJob asks about the sites that the list has told.
func (i *IPoE) detailsJob() job {
	return job{name: JobCustomerSiteDetails, endless: true, sweep: func(ctx context.Context, p *pass, paced bool) {
		sweepAll(ctx, &i.sweeper, p, pollSite, i.wantedSites(), paced, i.pollSite)
	}}
}

// sweepList reads one list, whole.
func (i *IPoE) sweepList(ctx context.Context, p *pass, do func(context.Context, *pass) error) {
	p.total.Add(1)
	i.setList(p.job, p.item(ctx, func(ctx context.Context) error { return do(ctx, p) }))
	i.tell(p)
}

// Run watches the account until ctx ends. A failure of the carrier is not the end: it is logged, shown by Ready, and
// tried again.
func (i *IPoE) Run(ctx context.Context) error {
	i.begin()
	i.repeatAll(ctx, append(i.listJobs(), i.detailsJob()))
	return nil
}

// Once runs every job that is switched on one time, the lists first. The error tells what was left undone.
func (i *IPoE) Once(ctx context.Context) ([]schema.Sweep, error) {
	i.begin()
	passes := i.once(ctx, i.listJobs()...)
	return i.summary(ctx, append(passes, i.once(ctx, i.detailsJob())...))
}

// begin starts the clock of the metrics. An account without a list to wait for is ready.
func (i *IPoE) begin() {
	i.metrics.started(i, time.Now())
	for _, list := range i.lists {
		if i.on(list) {
			return
		}
	}
	i.loaded()
}

// Restore takes in what an earlier process knew, before Run or Once.
func (i *IPoE) Restore(state schema.State) {
	i.remembers = true
	for _, row := range state.IPoEProducts {
		i.goods[idOfGoods(row)] = row
	}
	for _, row := range state.IPoESites {
		i.site(row.CustomerSiteCode).restore(row)
	}
	for _, row := range state.IPoEOrders {
		i.order(row.OrderCode).restore(row)
	}
	if len(state.IPoEProducts)+len(state.IPoESites)+len(state.IPoEOrders) > 0 {
		i.loaded()
		i.countOrders()
	}
}

// behind is how far each job is past its interval: of the details, the site that waited longest.
func (i *IPoE) behind(since, now time.Time) map[string]time.Duration {
	behind := i.behindOf(since, now, i.lists...)
	if interval := i.jobs[JobCustomerSiteDetails].Interval; interval > 0 {
		longest := time.Duration(0)
		for _, s := range i.wantedSites() {
			longest = max(longest, s.lag(pollSite, interval, since, now))
		}
		behind[JobCustomerSiteDetails] = longest
	}
	return behind
}
