package collector

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/sourcegraph/conc"

	"kaisen/schema"
)

// Unom watches one account of the Universal One Mobile API.
type Unom struct {
	sweeper
	*readiness
	cfg      Config
	carrier  Carrier
	fleet    *fleet
	logs     map[string][]*logReader // by job
	products map[string]catalogue    // by contract
	orders   map[string]*orderBook   // by contract

	mu        sync.Mutex
	noShares  map[string]time.Time // contracts without a share group, remembered until then
	emptyList map[string]bool      // the last list was empty
}

// New prepares a collector; it does nothing yet. Progress may be nil.
func New(cfg Config, c Carrier, sink Sink, m *Metrics, log *slog.Logger, progress Progress) *Unom {
	u := &Unom{
		sweeper:   newSweeper(cfg.Source, cfg.Jobs, cfg.Workers, c.Now, sink, m, log, progress),
		readiness: newReadiness(cfg.Source, cfg.Contracts),
		cfg:       cfg, carrier: c, fleet: newFleet(),
		noShares: make(map[string]time.Time), emptyList: make(map[string]bool),
		logs: make(map[string][]*logReader), products: make(map[string]catalogue), orders: make(map[string]*orderBook),
	}
	for _, contract := range cfg.ownContracts() {
		u.products[contract] = make(catalogue)
		u.orders[contract] = newOrderBook(cfg.Source, contract, cfg.Zone)
	}
	for _, kind := range []logKind{authenticationLog(), sessionLog()} {
		for _, contract := range cfg.ownContracts() {
			u.logs[kind.job] = append(u.logs[kind.job],
				&logReader{u: u, kind: kind, contract: contract, seen: make(map[logRow]int), step: firstStep})
		}
	}
	m.watch(u)
	return u
}

func (u *Unom) inventoryJob() job {
	return job{name: JobLines, sweep: func(ctx context.Context, p *pass, _ bool) { u.sweepInventory(ctx, p) }}
}

// contractJobs ask about contracts as a whole, and so wait for no line.
func (u *Unom) contractJobs() []job {
	perContract := func(name string, do func(context.Context, *pass, string) error) job {
		return job{name: name, sweep: func(ctx context.Context, p *pass, _ bool) { u.sweepContracts(ctx, p, do) }}
	}
	return []job{
		perContract(JobContract, u.pollContract),
		perContract(JobProducts, u.pollProducts),
		{name: JobOrders, sweep: func(ctx context.Context, p *pass, _ bool) { u.sweepOrders(ctx, p) }},
	}
}

// lineJobs are those that need the inventory.
func (u *Unom) lineJobs() []job {
	perLine := func(name string, poll int, do func(context.Context, *pass, *line) error) job {
		return job{name: name, endless: true, sweep: func(ctx context.Context, p *pass, paced bool) {
			u.sweepLines(ctx, p, poll, u.fleet.all((*line).active), paced, do)
		}}
	}
	logs := func(name string) job {
		return job{name: name, sweep: func(ctx context.Context, p *pass, _ bool) { u.sweepLogs(ctx, p, u.logs[name]) }}
	}
	return []job{
		perLine(JobTraffic, pollTraffic, u.pollTraffic),
		{name: JobDataShare, endless: true, sweep: u.sweepShares},
		perLine(JobSession, pollSession, u.pollSession),
		logs(JobAuthentications),
		logs(JobSessions),
	}
}

// Run watches the account until ctx ends. A failure of the carrier is not the end: it is logged, shown by Ready, and
// tried again.
func (u *Unom) Run(ctx context.Context) error {
	u.metrics.started(u, time.Now())
	var jobs conc.WaitGroup
	jobs.Go(func() { u.repeatAll(ctx, append(u.contractJobs(), u.inventoryJob())) })
	jobs.Go(func() {
		if !u.on(JobLines) { // then the lines of extra_lines_file, and those the store remembers, are all
			u.meetExtraLines(ctx, &pass{job: JobLines})
			u.loaded()
		}
		select {
		case <-u.ready:
			u.repeatAll(ctx, u.lineJobs())
		case <-ctx.Done():
		}
	})
	jobs.Wait()
	return nil
}

// Once runs every job that is switched on one time, the inventory before those that need it. The error tells what was
// left undone.
func (u *Unom) Once(ctx context.Context) ([]schema.Sweep, error) {
	u.metrics.started(u, time.Now())
	passes := u.once(ctx, append(u.contractJobs(), u.inventoryJob())...)
	if !u.on(JobLines) {
		u.meetExtraLines(ctx, &pass{job: JobLines})
	}
	return u.summary(ctx, append(passes, u.once(ctx, u.lineJobs()...)...))
}
