package app

import (
	"fmt"
	"log/slog"
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/carrier/ratelimit"
	"kaisen/internal/config"
)

// NewClient makes the client of one account. It asks for nothing yet.
func NewClient(cfg *config.Config, source config.Source, m *carrier.Metrics, log *slog.Logger, opts Options) (*carrier.Client, error) {
	account, err := clientConfig(cfg, source, opts)
	if err != nil {
		return nil, err
	}
	return carrier.New(account, nil, m, log)
}

// clientConfig is one account as its client takes it. The requests of a day are counted beside the spool, which outlives a
// process too.
func clientConfig(all *config.Config, source config.Source, opts Options) (carrier.Config, error) {
	id, secret, err := source.Credentials()
	if err != nil {
		return carrier.Config{}, fmt.Errorf("source %s: %w", source.Name, err)
	}
	zone, err := all.Location()
	if err != nil {
		return carrier.Config{}, err
	}
	cfg := carrier.DefaultConfig()
	cfg.Zone, cfg.Ledger = zone, ratelimit.NewFileLedger(all.Store.Spool, source.Name)
	cfg.AtOnce = opts.Once
	cfg.Source, cfg.BaseURL = source.Name, source.BaseURL
	cfg.Credentials = credentialsOf(source, id, secret)
	cfg.Limit = ratelimit.Limit(source.RateLimit)
	cfg.MaxWait = opts.MaxWait
	if kind, known := opts.Kinds.Find(source.Kind); known {
		cfg.Inspect = kind.Inspect
	}
	cfg.UserAgent = "kaisen/" + opts.Version
	return cfg, nil
}

// registerSelf adds what every Go service shows of itself.
func registerSelf(reg *prometheus.Registry, opts Options, shard collector.Shard) {
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "kaisen_build_info",
		Help: "1, with the version of this kaisen in its labels."}, []string{"version", "revision", "goversion"})
	build.WithLabelValues(opts.Version, opts.Revision, runtime.Version()).Set(1)
	part := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "kaisen_shard_info",
		Help: "1, with this kaisen's part of the lines in its labels: collector.shard, 1 of 1 where it has all of them."}, []string{"shard", "shards"})
	part.WithLabelValues(shard.Labels(max(shard.Index, 1))).Set(1)
	reg.MustRegister(build, part)
}
