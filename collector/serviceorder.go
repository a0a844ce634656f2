package collector

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/sourcegraph/conc"

	"kaisen/collector/carrier"
	serviceorder "kaisen/collector/serviceorder/api"
	"kaisen/schema"
)

// The jobs of an account of kind serviceorder, and the tables that they fill.
const (
	JobServiceOrders       = "service_orders"
	JobServiceOrderDetails = "service_order_details"
)

// ServiceOrderConfig is one account of kind serviceorder.
type ServiceOrderConfig struct {
	Source   string
	Services []string       // whose orders are asked for: uno, ucaas, …
	Zone     *time.Location // in which the carrier's days turn
	Workers  int            // questions under way at once; the account's max_in_flight
	Jobs     map[string]JobConfig
}

// ServiceOrderCarrier is what the jobs ask: both calls of Service Order API, and the carrier's own clock.
type ServiceOrderCarrier interface {
	Orders(ctx context.Context, r serviceorder.OrdersRequest) (carrier.Answer[serviceorder.Orders], error)
	Details(ctx context.Context, r serviceorder.DetailsRequest) (carrier.Answer[serviceorder.Details], error)
	Now() time.Time
}

// ServiceOrder watches one account of the Service Order API.
type ServiceOrder struct {
	sweeper
	*readiness
	cfg     ServiceOrderConfig
	carrier ServiceOrderCarrier
	asked   chan struct{} // closed by noteAsked: an answer has set the carrier's clock, or none will
	first   sync.Once

	mu      sync.Mutex
	orders  map[string]map[serviceOrderID]schema.ServiceOrder // by service
	updated time.Time                                         // every update of a detail before it is stored; zero: none
}

// NewServiceOrder prepares a collector; it does nothing yet. Progress may be nil.
func NewServiceOrder(cfg ServiceOrderConfig, c ServiceOrderCarrier, sink Sink, m *Metrics, log *slog.Logger,
	progress Progress) *ServiceOrder {
	o := &ServiceOrder{
		sweeper:   newSweeper(cfg.Source, cfg.Jobs, cfg.Workers, c.Now, sink, m, log, progress),
		readiness: newReadiness(cfg.Source, append(cfg.Services[:len(cfg.Services):len(cfg.Services)], JobServiceOrderDetails)),
		cfg:       cfg, carrier: c, asked: make(chan struct{}), orders: make(map[string]map[serviceOrderID]schema.ServiceOrder),
	}
	for _, service := range cfg.Services {
		o.orders[service] = make(map[serviceOrderID]schema.ServiceOrder)
	}
	m.watch(o)
	return o
}

func (o *ServiceOrder) ordersJob() job {
	return job{name: JobServiceOrders, sweep: func(ctx context.Context, p *pass, _ bool) { o.sweepOrders(ctx, p) }}
}

func (o *ServiceOrder) detailsJob() job {
	return job{name: JobServiceOrderDetails, hours: o.hours,
		sweep: func(ctx context.Context, p *pass, _ bool) { o.sweepDetails(ctx, p) }}
}

// Run watches the account until ctx ends. A failure of the carrier is not the end: it is logged, shown by Ready, and
// tried again.
func (o *ServiceOrder) Run(ctx context.Context) error {
	o.begin()
	var jobs conc.WaitGroup
	jobs.Go(func() { o.repeat(ctx, o.ordersJob()) })
	jobs.Go(func() {
		select {
		case <-o.asked: // whether the details have to rest is decided by the carrier's clock
			o.repeat(ctx, o.detailsJob())
		case <-ctx.Done():
		}
	})
	jobs.Wait()
	return nil
}

// Once runs every job that is switched on one time: the orders first, whose answers set the clock by which the details
// may have to rest. The error tells what was left undone; to rest is not to leave undone.
func (o *ServiceOrder) Once(ctx context.Context) ([]schema.Sweep, error) {
	o.begin()
	passes := o.once(ctx, o.ordersJob())
	return o.summary(ctx, append(passes, o.once(ctx, o.detailsJob())...))
}

// begin starts the clock of the metrics. An account without a list to wait for is ready; so is one whose only job may
// have to rest for days.
func (o *ServiceOrder) begin() {
	o.metrics.started(o, time.Now())
	if !o.on(JobServiceOrders) {
		o.loaded()
		o.noteAsked()
	}
}

func (o *ServiceOrder) noteAsked() { o.first.Do(func() { close(o.asked) }) }

// Restore takes in what an earlier process knew, before Run or Once.
func (o *ServiceOrder) Restore(state schema.State) {
	o.mu.Lock()
	for _, row := range state.ServiceOrders {
		if known, asked := o.orders[row.Service]; asked {
			known[idOfServiceOrder(row)] = row
		}
	}
	for _, mark := range state.Watermarks {
		if mark.Log == JobServiceOrderDetails {
			o.updated = mark.Watermark
		}
	}
	o.mu.Unlock()
	if len(state.ServiceOrders) > 0 {
		o.loaded()
		o.countOrders()
	}
}

// behind is how far each job is past its interval.
func (o *ServiceOrder) behind(since, now time.Time) map[string]time.Duration {
	return o.behindOf(since, now, JobServiceOrders, JobServiceOrderDetails)
}

// resting reports whether the details rest.
func (o *ServiceOrder) resting() map[string]bool {
	if !o.on(JobServiceOrderDetails) {
		return nil
	}
	return map[string]bool{JobServiceOrderDetails: o.state(JobServiceOrderDetails).resting}
}
