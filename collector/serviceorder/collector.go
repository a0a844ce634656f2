package serviceorder

import (
	"context"
	"sync"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/serviceorder/api"
	"kaisen/schema"
)

// Carrier is what the jobs ask: both calls of Service Order API, and the carrier's own clock.
type Carrier interface {
	Orders(ctx context.Context, r api.OrdersRequest) (carrier.Answer[api.Orders], error)
	Details(ctx context.Context, r api.DetailsRequest) (carrier.Answer[api.Details], error)
	Now() time.Time
}

// Collector watches one account of the Service Order API.
type Collector struct {
	*collector.Engine
	carrier  Carrier
	services []string // whose orders are asked for: uno, ucaas, …
	closed   func(schema.Date) bool

	asked chan struct{} // closed by noteAsked: an answer has set the carrier's clock, or none will
	first sync.Once

	orders  map[string]*catalogue // by service
	lost    schema.Date           // the last day of details that was too large to be read
	mu      sync.Mutex
	updated time.Time // every update of a detail before it is stored; zero: none
}

// New prepares a collector; it does nothing yet.
func New(account collector.Account, carrier Carrier, deps collector.Deps) *Collector {
	settings := account.Settings.(*Settings)
	services := settings.ServiceNames
	c := &Collector{
		Engine:  collector.NewEngine(account, deps, carrier.Now, append(services[:len(services):len(services)], JobDetails)),
		carrier: carrier, services: services, closed: settings.closed, asked: make(chan struct{}), orders: make(map[string]*catalogue),
	}
	for _, service := range services {
		c.orders[service] = newCatalogue()
	}
	c.Prepare(c.begin,
		collector.Job{Name: JobOrders, Sweep: c.sweepOrders},
		// whether the details are suspended is decided by the carrier's clock, which the answers about orders set
		collector.Job{Name: JobDetails, Sweep: c.sweepDetails, Hours: c.hours, After: c.asked})
	return c
}

// begin lets the details go ahead where no orders are asked for. An account without a list to wait for is ready; so is
// one whose only job may be suspended for days.
func (c *Collector) begin(context.Context) {
	if !c.On(JobOrders) {
		c.Loaded()
		c.noteAsked()
	}
}

func (c *Collector) noteAsked() { c.first.Do(func() { close(c.asked) }) }

// Restore takes in what an earlier process knew, before Run or Once.
func (c *Collector) Restore(state schema.State) {
	for _, row := range state.ServiceOrders {
		if known, asked := c.orders[row.Service]; asked {
			known.Keep(row)
		}
	}
	c.mu.Lock()
	for _, mark := range state.Watermarks {
		if mark.Log == JobDetails {
			c.updated = mark.Watermark
		}
	}
	c.mu.Unlock()
	if len(state.ServiceOrders) > 0 {
		c.Loaded()
		c.countOrders()
	}
}
