package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector"
	"kaisen/collector/carrier"
	ipoe "kaisen/collector/ipoe/api"
	serviceorder "kaisen/collector/serviceorder/api"
	unom "kaisen/collector/unom/api"
	"kaisen/internal/config"
	"kaisen/schema"
)

// watcher is a collector of any kind. Restore comes before the others; Run and Once are called one time.
type watcher interface {
	Run(ctx context.Context) error
	Once(ctx context.Context) ([]schema.Sweep, error)
	Restore(state schema.State)
	Ready() error
	Trouble() error
}

// account is one configured account with who watches it.
type account struct {
	name string
	watcher
}

// kit is what the collectors of this process are built with.
type kit struct {
	zone      *time.Location
	shard     collector.Shard
	sightings collector.Sightings
	sink      collector.Sink
	metrics   *collector.Metrics
	log       *slog.Logger
	progress  collector.Progress
}

// newAccounts builds one collector for each configured account that is this process's to watch. The lines of a unom
// account are shared out among the processes; an account of another kind belongs to one of them, whole.
func newAccounts(cfg *config.Config, sink collector.Sink, store *store, reg prometheus.Registerer, log *slog.Logger, opts Options) ([]account, error) {
	zone, err := cfg.Location()
	if err != nil {
		return nil, err
	}
	shard, err := shardOf(cfg)
	if err != nil {
		return nil, err
	}
	clients := carrier.NewMetrics(reg)
	k := kit{zone: zone, shard: shard, sink: sink, metrics: collector.NewMetrics(reg), log: log, progress: opts.Progress}
	if shard.Count > 1 {
		k.sightings = store
	}
	var accounts []account
	for _, source := range cfg.Sources {
		if source.Kind == config.KindUnom {
			source.RateLimit = partOfLimit(source.RateLimit, shard)
		} else if !shard.Owns(source.Name) {
			continue
		}
		client, err := NewClient(source, clients, log, opts)
		if err != nil {
			return nil, err
		}
		watcher, err := k.watcher(source, client)
		if err != nil {
			return nil, fmt.Errorf("source %s: %w", source.Name, err)
		}
		accounts = append(accounts, account{source.Name, watcher})
	}
	return accounts, nil
}

// watcher makes the collector of an account's kind.
func (k kit) watcher(source config.Source, client *carrier.Client) (watcher, error) {
	jobs, workers := jobConfigs(source.Jobs), source.RateLimit.MaxInFlight
	switch source.Kind {
	case config.KindServiceOrder:
		return collector.NewServiceOrder(collector.ServiceOrderConfig{
			Source: source.Name, Services: source.ServiceNames, Zone: k.zone, Workers: workers, Jobs: jobs,
		}, serviceOrderCarrier{serviceorder.New(client), client}, k.sink, k.metrics, k.log, k.progress), nil
	case config.KindIPoE:
		return collector.NewIPoE(collector.IPoEConfig{Source: source.Name, Zone: k.zone, Workers: workers, Jobs: jobs},
			ipoeCarrier{ipoe.New(client), client}, k.sink, k.metrics, k.log, k.progress), nil
	}
	extra, err := source.ExtraLines()
	if err != nil {
		return nil, err
	}
	return collector.New(collector.Config{
		Source: source.Name, Contracts: source.Contracts, Zone: k.zone, Workers: workers,
		ExtraLines: lineKeys(source.Name, extra), Jobs: jobs, Shard: k.shard, Sightings: k.sightings,
	}, unomCarrier{unom.New(client, k.zone), client}, k.sink, k.metrics, k.log, k.progress), nil
}

// The carriers as the collectors see them: the typed calls, and the clock behind them.
type (
	unomCarrier struct {
		*unom.Client
		clock *carrier.Client
	}
	serviceOrderCarrier struct {
		*serviceorder.Client
		clock *carrier.Client
	}
	ipoeCarrier struct {
		*ipoe.Client
		clock *carrier.Client
	}
)

// Now is the carrier's clock.
func (c unomCarrier) Now() time.Time { return c.clock.Now() }

// Now is the carrier's clock.
func (c serviceOrderCarrier) Now() time.Time { return c.clock.Now() }

// Now is the carrier's clock.
func (c ipoeCarrier) Now() time.Time { return c.clock.Now() }
