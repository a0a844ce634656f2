package app

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sourcegraph/conc"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/internal/config"
)

// account is one configured account with the collector that watches it.
type account struct {
	name string
	collector.Collector
	client    *carrier.Client
	source    config.Source // as it is configured, for all shards
	files     [sha256.Size]byte
	hasLines  bool
	adaptive  bool     // what it is asked goes by plans, which a single sweep does not
	contracts []string // that are configured; nil where the kind has none
	patience  time.Duration
	future    *future

	mu      sync.Mutex
	life    context.Context // nil: it does not run
	end     context.CancelFunc
	running conc.WaitGroup
	settled chan struct{} // closed when what is done beside its beginning is
}

// start watches the account until ctx ends or it is stopped, and has done beside that what is to be; nil: nothing.
func (a *account) start(ctx context.Context, beside func(context.Context)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.life, a.end = context.WithCancel(ctx)
	life := a.life
	a.running.Go(func() { _ = a.Run(life) })
	settled := make(chan struct{})
	a.settled = settled
	a.running.Go(func() {
		defer close(settled)
		if beside != nil {
			beside(life)
		}
	})
}

// settle waits until what is done beside the beginning is done, or ctx ends.
func (a *account) settle(ctx context.Context) {
	a.mu.Lock()
	settled := a.settled
	a.mu.Unlock()
	if settled == nil { // it has not begun
		return
	}
	select {
	case <-settled:
	case <-ctx.Done():
	}
}

// stop ends what start has begun, polls by hand included, and returns when nothing is asked any more.
func (a *account) stop() {
	a.mu.Lock()
	if a.end != nil {
		a.end()
	}
	a.mu.Unlock()
	a.running.Wait()
}

// pollLine is PollLine, which ends with the account.
func (a *account) pollLine(ctx context.Context, contract, line string) error {
	poller, can := a.Collector.(collector.LinePoller)
	if !can {
		return collector.ErrUnknownLine
	}
	a.mu.Lock()
	life := a.life
	if life == nil || life.Err() != nil {
		a.mu.Unlock()
		return collector.ErrUnknownLine
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer context.AfterFunc(life, func() { cancel(context.Cause(life)) })()
	var err error
	ended := make(chan struct{})
	a.running.Go(func() {
		defer close(ended)
		err = poller.PollLine(ctx, contract, line)
	})
	a.mu.Unlock()
	<-ended
	cancel(nil)
	return err
}

// builder makes the accounts of a process, of the configuration that it starts with and of those that follow: what they have
// in common is made once.
type builder struct {
	kinds collector.Kinds
	opts  Options
	open  map[string]func(collector.Account, *carrier.Client, collector.Deps) (collector.Collector, error) // by kind
	deps  collector.Deps
	log   *slog.Logger

	clients *carrier.Metrics
}

func newBuilder(cfg *config.Config, sink collector.Sink, store *store, reg prometheus.Registerer, names *lineNames, log *slog.Logger, opts Options) (*builder, error) {
	shard, err := shardOf(cfg)
	if err != nil {
		return nil, err
	}
	b := &builder{kinds: opts.Kinds, opts: opts, log: log, clients: carrier.NewMetrics(reg)}
	b.deps = collector.Deps{Sink: sink, Metrics: collector.NewMetrics(reg), Log: log, Progress: opts.Progress, Shard: shard, Logs: store, NearCap: names.nearCap}
	if shard.Count > 1 {
		b.deps.Lines = store
	}
	b.open = make(map[string]func(collector.Account, *carrier.Client, collector.Deps) (collector.Collector, error))
	for _, kind := range opts.Kinds {
		b.open[kind.Name] = kind.Open(reg)
	}
	return b, nil
}

// accounts makes one collector for each configured account that is this process's to watch.
func (b *builder) accounts(cfg *config.Config) ([]*account, error) {
	var accounts []*account
	for _, source := range cfg.Sources {
		made, err := b.account(cfg, source, nil)
		if err != nil {
			return nil, err
		}
		if made != nil {
			accounts = append(accounts, made)
		}
	}
	return accounts, nil
}

// account makes one, nil where it is another process's: the lines of an account that has some are shared out among the
// processes; another account belongs to one of them, whole. Before is the client of an account that this one replaces, may be
// nil.
func (b *builder) account(cfg *config.Config, source config.Source, before *carrier.Client) (*account, error) {
	made := &account{name: source.Name, source: source, files: filesOf(source), contracts: collector.ContractsOf(source.Settings)}
	kind, known := b.kinds.Find(source.Kind)
	shard := b.deps.Shard
	switch {
	case !known:
		return nil, fmt.Errorf("source %s: there is no kind %q", source.Name, source.Kind)
	case kind.HasLines && shard.Count > 1 && source.RateLimit.DailyRequests > 0 && source.RateLimit.DailyRequests < shard.Count:
		return nil, fmt.Errorf("source %s: rate_limit.daily_requests: %d leaves a shard of %d without a request", source.Name, source.RateLimit.DailyRequests, shard.Count)
	case kind.HasLines:
		source.RateLimit = source.RateLimit.Part(shard.Index, shard.Count)
	case !shard.Owns(source.Name):
		return nil, nil
	}
	zone, err := cfg.Location()
	if err != nil {
		return nil, err
	}
	if made.client, err = b.client(cfg, source, before); err != nil {
		return nil, err
	}
	made.Collector, err = b.open[kind.Name](collector.Account{Source: source.Name, Zone: zone, Workers: source.RateLimit.MaxInFlight,
		Jobs: source.JobConfigs(), Settings: source.Settings, Adaptive: source.Schedule == config.ScheduleAdaptive,
		MaxAge: time.Duration(source.MaxAge), Rate: made.client.Rate, Visit: visits(made.client)}, made.client, b.deps)
	if err != nil {
		return nil, fmt.Errorf("source %s: %w", source.Name, err)
	}
	made.hasLines, made.adaptive = kind.HasLines, source.Schedule == config.ScheduleAdaptive && !b.opts.Once
	made.patience = patienceOf(source.JobConfigs())
	made.future = &future{source: source.Name, clock: made.client}
	return made, nil
}

func (b *builder) client(cfg *config.Config, source config.Source, before *carrier.Client) (*carrier.Client, error) {
	if before == nil {
		return NewClient(cfg, source, b.clients, b.log, b.opts)
	}
	own, err := clientConfig(cfg, source, b.opts)
	if err != nil {
		return nil, err
	}
	return before.Successor(own, b.log)
}

// filesOf is a digest of what stands in the files that a source's own keys name, which its collector reads at its start.
func filesOf(source config.Source) [sha256.Size]byte {
	var texts []byte
	if named, has := source.Settings.(collector.Files); has {
		for _, file := range named.Files() {
			content, _ := os.ReadFile(file) // the collector says why not
			texts = append(append(texts, content...), 0)
		}
	}
	return sha256.Sum256(texts)
}
