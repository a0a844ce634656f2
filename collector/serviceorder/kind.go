// Package serviceorder watches accounts of the carrier's Service Order API.
//
//	service_orders         the orders of each service               (orders.go)
//	service_order_details  what was updated, in the carrier's hours (details.go)
package serviceorder

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/serviceorder/api"
)

// The jobs of an account, and the tables that they fill.
const (
	JobOrders  = "service_orders"
	JobDetails = "service_order_details"
)

// name is the kind's, in the configuration and in label api of the orders' gauges.
const name = "serviceorder"

// Kind returns the Service Order API.
func Kind() collector.Kind {
	hourly := collector.JobConfig{Interval: time.Hour}
	return collector.Kind{
		Name: name, Title: "Service Order API",
		BaseURL: collector.PublicURL, TokenURL: collector.PublicTokenURL,
		Jobs:       []collector.JobDefault{{Name: JobOrders, JobConfig: hourly}, {Name: JobDetails, JobConfig: hourly}},
		Operations: api.Operations(),
		Settings:   func() collector.Settings { return new(Settings) },
		Open: func(prometheus.Registerer) func(collector.Account, *carrier.Client, collector.Deps) (collector.Collector, error) {
			return func(account collector.Account, client *carrier.Client, deps collector.Deps) (collector.Collector, error) {
				return New(account, clocked{api.New(client), client}, deps), nil
			}
		},
	}
}

// clocked is the carrier as the jobs see it: the typed calls, and the clock behind them.
type clocked struct {
	*api.Client
	clock *carrier.Client
}

// Now is the carrier's clock.
func (c clocked) Now() time.Time { return c.clock.Now() }

// Settings are the configuration keys of a source of this kind.
type Settings struct {
	ServiceNames []string `koanf:"service_names,omitempty" doc:"serviceorder: the services whose orders are asked for: uno, ucaas, sip-trunking, …"`
}

var serviceName = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// documentedServices are the values of serviceName in Service Order API.
func documentedServices() []string {
	return []string{"uno", "ucaas", "sip-trunking", "mss", "050plusbiz", "ip-voice", "smart-pbx", "accs", "bdp-e"}
}

// Check implements collector.Settings.
func (s *Settings) Check(jobs map[string]collector.JobConfig, report func(key, problem, advice string)) {
	all := strings.Join(documentedServices(), ", ")
	if len(s.ServiceNames) == 0 && jobs[JobOrders].Interval != 0 {
		report("service_names", "empty, so service_orders has nothing to ask for", "list services of the carrier: "+all)
	}
	for i, name := range s.ServiceNames {
		if !serviceName.MatchString(name) {
			report(element(i), collector.Quote(name)+" is not the name of a service", "write one of "+all)
		} else if first := slices.Index(s.ServiceNames, name); first < i {
			report(element(i), name+" is in the list twice", "remove one")
		}
	}
}

// Warn implements collector.Settings.
func (s *Settings) Warn(report func(key, problem string)) {
	for i, name := range s.ServiceNames {
		if !slices.Contains(documentedServices(), name) {
			report(element(i), name+" is not a service the carrier documents")
		}
	}
}

func element(i int) string { return "service_names[" + strconv.Itoa(i) + "]" }
