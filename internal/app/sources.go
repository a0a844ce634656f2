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

// shardOf is this process's part of the work.
func shardOf(cfg *config.Config) (collector.Shard, error) {
	index, count, err := cfg.Collector.Part()
	return collector.Shard{Index: index, Count: count}, err
}

// renewSecrets has accounts log in by the secret that stands in their file now. Only the secret is taken: a configuration that
// somebody is writing just now is not in force before he says so. A file that cannot be read, or holds no secret, changes nothing.
func (a *App) renewSecrets() {
	unread := make(map[string]string)
	defer func() {
		before := a.reloads.setUnread(unread)
		for source, why := range unread {
			if before[source] != why {
				a.log.Error("the secret of a source cannot be read; the one that was read before is used on", "source", source, "error", why)
			}
		}
		for source := range before {
			if unread[source] == "" {
				a.log.Info("the secret of a source can be read again", "source", source)
			}
		}
	}()
	for _, account := range a.inForce() {
		source := account.source
		if source.ClientIDFile == "" && source.ClientSecretFile == "" {
			continue
		}
		id, secret, err := source.Credentials()
		if err != nil {
			unread[source.Name] = err.Error()
			continue
		}
		if by := credentialsOf(source, id, secret); by != account.client.Credentials() {
			account.client.Renew(by)
			a.log.Info("the secret of a source has changed", "source", source.Name)
		}
	}
}

func credentialsOf(source config.Source, id string, secret config.Secret) carrier.Credentials {
	return carrier.Credentials{TokenURL: source.TokenURL, Style: source.TokenStyle, ClientID: id, ClientSecret: secret.Reveal()}
}
