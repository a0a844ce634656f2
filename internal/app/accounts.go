package app

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/internal/config"
)

// account is one configured account with the collector that watches it.
type account struct {
	name string
	collector.Collector
	client    *carrier.Client
	hasLines  bool
	adaptive  bool     // what it is asked goes by plans, which a single sweep does not
	contracts []string // that are configured; nil where the kind has none
	patience  time.Duration
}

// newAccounts builds one collector for each configured account that is this process's to watch. The lines of an account
// that has some are shared out among the processes; another account belongs to one of them, whole.
func newAccounts(cfg *config.Config, sink collector.Sink, store *store, reg prometheus.Registerer, names *lineNames, log *slog.Logger, opts Options) ([]account, error) {
	zone, err := cfg.Location()
	if err != nil {
		return nil, err
	}
	shard, err := shardOf(cfg)
	if err != nil {
		return nil, err
	}
	deps := collector.Deps{Sink: sink, Metrics: collector.NewMetrics(reg), Log: log, Progress: opts.Progress, Shard: shard, Logs: store, NearCap: names.nearCap}
	if shard.Count > 1 {
		deps.Lines = store
	}
	clients := carrier.NewMetrics(reg)
	open := make(map[string]func(collector.Account, *carrier.Client, collector.Deps) (collector.Collector, error))
	for _, kind := range opts.Kinds {
		open[kind.Name] = kind.Open(reg)
	}
	var accounts []account
	for _, source := range cfg.Sources {
		kind, known := opts.Kinds.Find(source.Kind)
		switch {
		case !known:
			return nil, fmt.Errorf("source %s: there is no kind %q", source.Name, source.Kind)
		case kind.HasLines && shard.Count > 1 && source.RateLimit.DailyRequests > 0 && source.RateLimit.DailyRequests < shard.Count:
			return nil, fmt.Errorf("source %s: rate_limit.daily_requests: %d leaves a shard of %d without a request", source.Name, source.RateLimit.DailyRequests, shard.Count)
		case kind.HasLines:
			source.RateLimit = source.RateLimit.Part(shard.Index, shard.Count)
		case !shard.Owns(source.Name):
			continue
		}
		client, err := NewClient(cfg, source, clients, log, opts)
		if err != nil {
			return nil, err
		}
		store.futures = append(store.futures, &future{source: source.Name, clock: client})
		watching, err := open[kind.Name](collector.Account{Source: source.Name, Zone: zone, Workers: source.RateLimit.MaxInFlight,
			Jobs: source.JobConfigs(), Settings: source.Settings, Adaptive: source.Schedule == config.ScheduleAdaptive,
			MaxAge: time.Duration(source.MaxAge), Rate: client.Rate, Visit: visits(client)}, client, deps)
		if err != nil {
			return nil, fmt.Errorf("source %s: %w", source.Name, err)
		}
		accounts = append(accounts, account{source.Name, watching, client, kind.HasLines, source.Schedule == config.ScheduleAdaptive && !opts.Once, collector.ContractsOf(source.Settings), patienceOf(source.JobConfigs())})
	}
	return accounts, nil
}
