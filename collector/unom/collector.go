package unom

import (
	"context"
	"slices"
	"sync"
	"time"

	"kaisen/collector"
)

// Collector watches one account of the Universal One Mobile API.
type Collector struct {
	*collector.Engine
	carrier   Carrier
	gauges    *gauges
	contracts []string
	extra     []ExtraLine
	fleet     *fleet
	logs      map[string][]*logReader // by job
	products  map[string]*catalogue   // by contract
	orders    map[string]*orderBook   // by contract

	mu        sync.Mutex
	noShares  map[string]time.Time // contracts without a share group, remembered until then
	emptyList map[string]bool      // the last list was empty
}

// New prepares a collector; it does nothing yet. Extra lines are watched whether the carrier lists them or not.
func New(account collector.Account, extra []ExtraLine, carrier Carrier, gauges *gauges, deps collector.Deps) *Collector {
	contracts := account.Settings.(*Settings).Contracts
	c := &Collector{
		Engine:  collector.NewEngine(account, deps, carrier.Now, contracts),
		carrier: carrier, gauges: gauges, contracts: contracts, extra: extra, fleet: newFleet(),
		noShares: make(map[string]time.Time), emptyList: make(map[string]bool),
		logs: make(map[string][]*logReader), products: make(map[string]*catalogue), orders: make(map[string]*orderBook),
	}
	for _, contract := range c.ownContracts() {
		c.products[contract] = newCatalogue()
		c.orders[contract] = newOrderBook(account.Source, contract, account.Zone)
	}
	for _, kind := range []logKind{authenticationLog(), sessionLog()} {
		for _, contract := range c.ownContracts() {
			c.logs[kind.job] = append(c.logs[kind.job],
				&logReader{c: c, kind: kind, contract: contract, seen: make(map[logRow]int), step: firstStep})
		}
	}
	c.Prepare(c.begin, append(c.contractJobs(), c.lineJobs()...)...)
	return c
}

// ownContracts are those whose logs, particulars, products and orders this process reads.
func (c *Collector) ownContracts() []string {
	return slices.DeleteFunc(slices.Clone(c.contracts), func(contract string) bool { return !c.Shard.Owns(contract) })
}

// begin takes in the lines of extra_lines_file where no list is read: they, and those that the store remembers, are all.
func (c *Collector) begin(ctx context.Context) {
	if !c.On(JobLines) {
		c.discoverExtraLines(ctx, new(collector.Sweep))
		c.Loaded()
	}
}

// contractJobs ask about contracts as a whole, and so wait for no line.
func (c *Collector) contractJobs() []collector.Job {
	perContract := func(name string, do func(context.Context, *collector.Sweep, string) error) collector.Job {
		return collector.Job{Name: name, Sweep: func(ctx context.Context, sweep *collector.Sweep, _ bool) {
			collector.ForEach(ctx, c.Engine, sweep, c.ownContracts(),
				func(ctx context.Context, contract string) error { return do(ctx, sweep, contract) }, nil)
		}}
	}
	return []collector.Job{
		perContract(JobContract, c.pollContract),
		perContract(JobProducts, c.pollProducts),
		{Name: JobOrders, Sweep: func(ctx context.Context, sweep *collector.Sweep, _ bool) { c.sweepOrders(ctx, sweep) }},
		{Name: JobLines, Sweep: func(ctx context.Context, sweep *collector.Sweep, _ bool) { c.sweepInventory(ctx, sweep) }},
	}
}

// lineJobs are those that need the inventory.
func (c *Collector) lineJobs() []collector.Job {
	perLine := func(name string, question int, do func(context.Context, *collector.Sweep, *line) error) collector.Job {
		return collector.Job{Name: name, Endless: true, After: c.Lists(), Behind: c.behind(question, (*line).active),
			Sweep: func(ctx context.Context, sweep *collector.Sweep, paced bool) {
				collector.PollAll(ctx, c.Engine, sweep, question, c.fleet.all((*line).active), paced, do)
			}}
	}
	logs := func(name string) collector.Job {
		return collector.Job{Name: name, After: c.Lists(),
			Sweep: func(ctx context.Context, sweep *collector.Sweep, _ bool) { c.sweepLogs(ctx, sweep, c.logs[name]) }}
	}
	return []collector.Job{
		perLine(JobTraffic, askTraffic, c.pollTraffic),
		{Name: JobDataShare, Endless: true, After: c.Lists(), Sweep: c.sweepShares, Behind: c.behind(askDataShare, (*line).inPool)},
		perLine(JobSession, askSession, c.pollSession),
		logs(JobAuthentications),
		logs(JobSessions),
	}
}

// behind is how far the line that waited longest is past the interval, of those that are asked the question.
func (c *Collector) behind(question int, asked func(*line) bool) func(interval time.Duration, since, now time.Time) time.Duration {
	return func(interval time.Duration, since, now time.Time) (longest time.Duration) {
		c.fleet.each(func(l *line) {
			if asked(l) {
				longest = max(longest, l.Behind(question, interval, since, now))
			}
		})
		return longest
	}
}
