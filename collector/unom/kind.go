package unom

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/probing"
	"kaisen/collector/unom/api"
	"kaisen/collector/unom/probe"
	"kaisen/collector/unom/readings"
)

// The jobs of an account, as they are named in the configuration, in label job and in table sweeps.
const (
	JobLines           = "lines"
	JobTraffic         = "traffic"
	JobDataShare       = "data_share"
	JobSession         = "session"
	JobAuthentications = "authentications"
	JobSessions        = "sessions"
	JobContract        = "contract"
	JobProducts        = "products"
	JobOrders          = "orders"
)

// probeAccount makes first contact with an account.
func probeAccount(ctx context.Context, account collector.Account, client *carrier.Client, p *probing.Probe) {
	settings := account.Settings.(*Settings)
	about := probe.Account{Contracts: settings.Contracts, Zone: account.Zone, Extra: make(map[string][]string)}
	lines, _ := settings.ExtraLines() // checked with the configuration
	for _, line := range lines {
		about.Extra[line.ContractID] = append(about.Extra[line.ContractID], line.LineNo)
	}
	for _, job := range []probe.Job{
		{Name: JobContract, Operations: []string{"contract"}},
		{Name: JobLines, Operations: []string{"lines"}},
		{Name: JobDataShare, Operations: []string{"data_share", "data_share_traffic"}},
		{Name: JobProducts, Operations: []string{"products"}},
		{Name: JobOrders, Operations: []string{"orders", "completed_orders"}},
		{Name: JobSessions, Operations: []string{"sessions"}},
		{Name: JobAuthentications, Operations: []string{"authentications"}},
		{Name: JobTraffic, Operations: []string{"traffic"}},
		{Name: JobSession, Operations: []string{"session"}},
	} {
		if account.Jobs[job.Name].Interval > 0 {
			about.Jobs = append(about.Jobs, job)
		}
	}
	about.PerHour = func(has collector.Inventory) (sum float64) { // without what the answers may yet show to be needless
		for _, d := range demand(account, collector.Shard{}, has) {
			sum += d.AtFirst
		}
		return sum
	}
	probe.Run(ctx, about, api.New(client, account.Zone), p)
}

// name is the kind's, in the configuration and in label api of the orders' gauges.
const name = "unom"

// Kind returns the Universal One Mobile API. The intervals suit a fleet whose account allows some requests a second.
func Kind() collector.Kind {
	const day = 24 * time.Hour
	every := func(job string, interval time.Duration) collector.JobDefault {
		return collector.JobDefault{Name: job, JobConfig: collector.JobConfig{Interval: interval}}
	}
	planned := func(job string, interval time.Duration) collector.JobDefault {
		of := every(job, interval)
		of.Planned = true
		return of
	}
	log := func(job string, interval time.Duration) collector.JobDefault {
		return collector.JobDefault{Name: job, JobConfig: collector.JobConfig{Interval: interval, Lookback: collector.MaxLookback}}
	}
	return collector.Kind{
		Name: name, Title: "Universal One Mobile API",
		BaseURL: collector.PublicURL, TokenURL: collector.PublicTokenURL,
		HasLines: true,
		Jobs: []collector.JobDefault{
			every(JobLines, time.Hour), planned(JobTraffic, 15*time.Minute), planned(JobDataShare, 15*time.Minute),
			every(JobSession, 15*time.Minute), log(JobAuthentications, 5*time.Minute), log(JobSessions, 5*time.Minute),
			every(JobContract, day), every(JobProducts, day), every(JobOrders, time.Hour),
		},
		Operations: api.Operations(),
		Inspect:    api.Inspect,
		Readings:   readings.All(),
		Settings:   func() collector.Settings { return new(Settings) },
		Probe:      probeAccount,
		Demand:     demand,
		Open: func(reg prometheus.Registerer) func(collector.Account, *carrier.Client, collector.Deps) (collector.Collector, error) {
			gauges := newGauges(reg)
			return func(account collector.Account, client *carrier.Client, deps collector.Deps) (collector.Collector, error) {
				extra, err := account.Settings.(*Settings).ExtraLines()
				if err != nil {
					return nil, err
				}
				return New(account, extra, api.New(client, account.Zone), gauges, deps), nil
			}
		},
	}
}
