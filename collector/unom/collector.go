package unom

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/unom/api"
	"kaisen/collector/unom/logs"
	"kaisen/schema"
)

// Collector watches one account of the Universal One Mobile API.
type Collector struct {
	*collector.Engine
	carrier   Carrier
	gauges    *gauges
	contracts []string
	extra     []ExtraLine
	fleet     *fleet
	logs      map[string][]*logs.Reader // by job
	products  map[string]*catalogue     // by contract
	orders    map[string]*orderBook     // by contract
	exactness map[string]*exactness     // by contract
	trust     map[string]*trust         // by contract, of those whose session log this process reads

	shares []*shareList
	plans  plans
	doubts map[string]*collector.Doubt // of the lists of lines, by contract

	empty  *logs.Empties // what searches that found nothing have shown
	memory memory
	radius sync.Map // by radiusOf, when it was last said that lines have a RADIUS of their own, a time.Time

	inventory chan struct{} // closed by the first inventory, however it ends
	first     sync.Once
}

// New prepares a collector; it does nothing yet. Extra lines are watched whether the carrier lists them or not.
func New(account collector.Account, extra []ExtraLine, carrier Carrier, gauges *gauges, deps collector.Deps) *Collector {
	contracts := account.Settings.(*Settings).Contracts
	c := &Collector{
		Engine: collector.NewEngine(account, deps, carrier.Now, contracts),
		gauges: gauges, contracts: contracts, extra: extra, fleet: newFleet(),
		doubts: make(map[string]*collector.Doubt), inventory: make(chan struct{}),
		exactness: make(map[string]*exactness), logs: make(map[string][]*logs.Reader), products: make(map[string]*catalogue), orders: make(map[string]*orderBook),
		trust: make(map[string]*trust),
	}
	c.empty = logs.NewEmpties(c.Engine)
	c.carrier = searches{carrier, c.empty}
	for _, contract := range contracts {
		c.doubts[contract], c.exactness[contract] = new(collector.Doubt), new(exactness)
		c.shares = append(c.shares, newShareList(account.Source, contract))
	}
	for _, contract := range c.ownContracts() {
		c.products[contract] = newCatalogue()
		c.orders[contract] = newOrderBook(account.Source, contract, account.Zone)
		c.trust[contract] = new(trust)
		c.countChecks(contract)
	}
	for _, kind := range []logs.Kind{logs.Authentications(), logs.Sessions()} {
		for _, contract := range c.ownContracts() {
			c.logs[kind.Job] = append(c.logs[kind.Job], logs.NewReader(c.Engine, kind, contract, c.carrier, logLines{c}, c.empty))
		}
	}
	c.plans = plans{traffic: c.NewPlan(JobTraffic, askTraffic), shares: c.NewPlan(JobDataShare, askDataShare)}
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
		c.noteListed()
	}
}

// noteListed lets those jobs begin that are better off with an inventory. They do not wait for one that cannot be had:
// call 02 is among those of which the carrier says that they may come later (提供時期調整中), and lines are known from share
// groups and logs too.
func (c *Collector) noteListed() { c.first.Do(func() { close(c.inventory) }) }

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

// lineJobs are those that come behind the inventory.
func (c *Collector) lineJobs() []collector.Job {
	perLine := func(name string, question int, do func(context.Context, *collector.Sweep, *line, bool) error) collector.Job {
		return collector.Job{Name: name, Endless: true, After: c.inventory, Behind: c.behind(question, (*line).active),
			Sweep: func(ctx context.Context, sweep *collector.Sweep, paced bool) {
				one := func(ctx context.Context, s *collector.Sweep, l *line) error { return do(ctx, s, l, paced) }
				asked := (*line).active
				if paced && question == askTraffic {
					asked = (*line).polled
				}
				if paced && question == askTraffic && c.plans.traffic != nil {
					c.pollTrafficPlanned(ctx, sweep, one)
				} else {
					collector.PollAll(ctx, c.Engine, sweep, question, c.fleet.all(asked), paced, one)
				}
				if question == askTraffic {
					c.judgeFigures(ctx, sweep)
				}
			}}
	}
	log := func(name string) collector.Job {
		return collector.Job{Name: name, After: c.inventory, Sweep: func(ctx context.Context, sweep *collector.Sweep, _ bool) {
			c.takeIn(name, func(state schema.State) { c.restoreLogs(name, state) })
			logs.Sweep(ctx, c.Engine, sweep, c.logs[name])
			if name == JobSessions {
				c.judgeSessions(ctx, sweep)
			}
			c.judgeFigures(ctx, sweep) // which may have waited for the lines that the log shows to roam
		}}
	}
	traffic := func(ctx context.Context, sweep *collector.Sweep, l *line, paced bool) error {
		if paced && c.sparesTraffic(l) {
			return nil
		}
		return c.pollTraffic(ctx, sweep, l)
	}
	session := func(ctx context.Context, sweep *collector.Sweep, l *line, paced bool) error {
		switch {
		case !paced:
			return c.pollSession(ctx, sweep, l, sessionAttempts)
		case c.followSession(l):
			return nil
		}
		return c.pollSession(ctx, sweep, l, 1) // a line that fails is asked again in its turn
	}
	return []collector.Job{
		perLine(JobTraffic, askTraffic, traffic),
		{Name: JobDataShare, Endless: true, After: c.inventory, Sweep: c.sweepShares, Behind: c.behind(askDataShare, (*line).inPool)},
		perLine(JobSession, askSession, session),
		log(JobAuthentications),
		log(JobSessions),
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

// Carrier is what the jobs ask: the reading calls of UNO Mobile API v2.1, and the carrier's own clock.
type Carrier interface {
	logs.Carrier // with the clock
	Lines(ctx context.Context, contractID string) (carrier.Answer[[]api.Line], error)
	Traffic(ctx context.Context, contractID, lineNo string) (carrier.Answer[api.Traffic], error)
	DataShareTraffic(ctx context.Context, contractID, lineNo string) (carrier.Answer[api.Traffic], error)
	DataShare(ctx context.Context, contractID string) (carrier.Answer[[]api.ShareMember], error)
	Session(ctx context.Context, contractID, lineNo string) (carrier.Answer[api.Session], error)

	Contract(ctx context.Context, contractID string) (carrier.Answer[api.Contract], error)
	Products(ctx context.Context, contractID string) (carrier.Answer[[]api.Product], error)
	Orders(ctx context.Context, contractID string) (carrier.Answer[[]api.Order], error)
	CompletedOrders(ctx context.Context, contractID string) (carrier.Answer[[]api.Order], error)
	Order(ctx context.Context, contractID, orderID string) (carrier.Answer[api.OrderDetail], error)
	Cancellation(ctx context.Context, contractID, orderID string) (carrier.Answer[api.Cancellation], error)
}

// gauges show what the inventory holds. One serves all accounts.
type gauges struct {
	lines     *prometheus.GaugeVec
	listed    *prometheus.GaugeVec
	truncated *prometheus.GaugeVec
	checks    *prometheus.CounterVec
}

func newGauges(reg prometheus.Registerer) *gauges {
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		vec := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
		reg.MustRegister(vec)
		return vec
	}
	checks := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kaisen_session_checks_total",
		Help: "Answers of call 26 that were laid beside what the session log (call 05) says of the same moment, by whether they agree."},
		[]string{"source", "contract_id", "outcome"})
	reg.MustRegister(checks)
	return &gauges{
		checks: checks,
		lines:  gauge("kaisen_lines", "Lines in the inventory: active ones are polled, not_found were answered 404, removed left the carrier's list.", "source", "contract_id", "state"),
		listed: gauge("kaisen_contract_lines", "Lines in the carrier's last list of a contract, whichever kaisen watches them, by the shard whose part they are.",
			"source", "contract_id", "shard", "shards"),
		truncated: gauge("kaisen_inventory_truncated", "1 if the carrier's list of lines was cut at 1,000 rows.", "source", "contract_id"),
	}
}

// countLines shows what the inventory holds; every state is present, so that a 0 is not an absence.
func (c *Collector) countLines() {
	for _, contract := range c.contracts {
		counts := c.fleet.count(contract)
		for _, state := range []schema.LineState{schema.LineActive, schema.LineNotFound, schema.LineRemoved} {
			c.gauges.lines.WithLabelValues(c.Source, contract, string(state)).Set(float64(counts[state]))
		}
	}
}

// showListed shows how many lines of a contract's list are each shard's, those of other shards too: only so is it seen that one
// of them is nobody's.
func (c *Collector) showListed(contract string, lines []api.Line) {
	counts := make([]int, max(c.Shard.Count, 1))
	for _, l := range lines {
		counts[c.Shard.Of(l.LineNo)-1]++
	}
	for i, count := range counts {
		shard, shards := c.Shard.Labels(i + 1)
		c.gauges.listed.WithLabelValues(c.Source, contract, shard, shards).Set(float64(count))
	}
}

// showTruncated shows whether the list of a contract's lines was cut.
func (c *Collector) showTruncated(contract string, truncated bool) {
	c.gauges.truncated.WithLabelValues(c.Source, contract).Set(collector.Indicator(truncated))
}

// watched is an order for the gauges. The day that the carrier plans counts before the day that was asked for.
func watched(row *schema.Order) collector.WatchedOrder {
	o := collector.WatchedOrder{
		Status: string(row.Status), Since: row.StatusSince, Open: !row.Status.Final(), Planned: row.Scheduled,
		Failed: row.Status == schema.OrderRejected || row.Status == schema.OrderSystemError || row.ErrorID != "",
	}
	if !o.Planned.Known {
		o.Planned = row.Requested
	}
	return o
}

// showOrders shows the orders of every contract whose lists were read. Those that the carrier no longer knows are in no
// status.
func (c *Collector) showOrders() {
	for contract, b := range c.orders {
		if !c.On(JobOrders) || !b.looked {
			continue
		}
		tally := collector.NewOrderTally(schema.OrderStatuses())
		for _, o := range b.orders {
			if !o.row.Gone {
				tally.Add(o.row.OrderID, watched(&o.row))
			}
		}
		c.Metrics.SetOrders(c.Source, contract, name, tally)
	}
}
