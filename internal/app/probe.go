package app

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/probing"
	"kaisen/internal/config"
)

const (
	// probeTimeout is how long a probe waits for an answer. What has not answered is not asked again.
	probeTimeout = 20 * time.Second
	// probeMaxWait is how long it waits for a carrier that asks for a pause.
	probeMaxWait = 5 * time.Second
)

// Probe is a first contact with one configured account: it only reads, and needs no database. A probe that ctx ends returns
// what it has. It fails where there is nothing to ask with.
func Probe(ctx context.Context, cfg *config.Config, source config.Source, log *slog.Logger, opts Options) (probing.Report, error) {
	kind, known := opts.Kinds.Find(source.Kind)
	if !known || kind.Probe == nil {
		return probing.Report{}, fmt.Errorf("source %s: nothing is known that could be asked of kind %q", source.Name, source.Kind)
	}
	zone, err := cfg.Location()
	if err != nil {
		return probing.Report{}, err
	}
	account, err := clientConfig(cfg, source, opts)
	if err != nil {
		return probing.Report{}, err
	}
	account.Timeout, account.MaxWait, account.MaxAttempts = probeTimeout, probeMaxWait, 1
	base := carrier.NewTransport(account.MaxInFlight)
	defer base.CloseIdleConnections()
	tap := probing.NewTap(source.Name, account.TokenURL, base)
	client, err := carrier.New(account, tap, carrier.NewMetrics(prometheus.NewRegistry()), log)
	if err != nil {
		return probing.Report{}, err
	}
	contact := probing.New(tap, account.ClientSecret, source.RateLimit.RequestsPerSecond)
	defer client.Close()
	kind.Probe(carrier.InFront(ctx), collector.Account{Source: source.Name, Zone: zone, Workers: 1, Jobs: source.JobConfigs(), Settings: source.Settings}, client, contact)
	report := kind.Report(ctx, contact)
	report.StartedAt = report.StartedAt.In(zone)
	report.BaseURL, report.TokenURL, report.TokenStyle = redacted(source.BaseURL), redacted(source.TokenURL), source.TokenStyle
	return report, nil
}

// redacted is an address without a password that may stand in it.
func redacted(address string) string {
	if u, err := url.Parse(address); err == nil {
		return u.Redacted()
	}
	return ""
}
