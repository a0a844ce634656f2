package unom

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/unom/api"
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

// name is the kind's, in the configuration and in label api of the orders' gauges.
const name = "unom"

// Kind returns the Universal One Mobile API. The intervals suit a fleet whose account allows some requests a second.
func Kind() collector.Kind {
	const day = 24 * time.Hour
	every := func(job string, interval time.Duration) collector.JobDefault {
		return collector.JobDefault{Name: job, JobConfig: collector.JobConfig{Interval: interval}}
	}
	log := func(job string, interval time.Duration) collector.JobDefault {
		return collector.JobDefault{Name: job, JobConfig: collector.JobConfig{Interval: interval, Lookback: reach}}
	}
	return collector.Kind{
		Name: name, Title: "Universal One Mobile API",
		BaseURL: collector.PublicURL, TokenURL: collector.PublicTokenURL,
		HasLines: true,
		Jobs: []collector.JobDefault{
			every(JobLines, time.Hour), every(JobTraffic, 15*time.Minute), every(JobDataShare, 15*time.Minute),
			every(JobSession, 15*time.Minute), log(JobAuthentications, 5*time.Minute), log(JobSessions, 5*time.Minute),
			every(JobContract, day), every(JobProducts, day), every(JobOrders, time.Hour),
		},
		Operations: api.Operations(),
		Inspect:    api.Inspect,
		Readings:   readings.All(),
		Settings:   func() collector.Settings { return new(Settings) },
		Probe:      probeAccount,
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
