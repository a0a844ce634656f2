// Package ipoe watches accounts of the carrier's IPoE backend API.
//
//	customer_products      what can be bought                       (products.go)
//	customer_sites         the list of sites                        (sites.go)
//	customer_site_details  each site by itself                      (sites.go)
//	ipoe_orders            the orders, and how their products go    (orders.go)
package ipoe

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/ipoe/api"
)

// The jobs of an account.
const (
	JobProducts    = "customer_products"     // table ipoe_products
	JobSites       = "customer_sites"        // table ipoe_sites
	JobSiteDetails = "customer_site_details" // likewise
	JobOrders      = "ipoe_orders"           // table ipoe_orders
)

// name is the kind's, in the configuration and in label api of the orders' gauges.
const name = "ipoe"

// Kind returns the IPoE backend API. It has no public address (IPoE API 3.4.0 shows a placeholder), and a guess would
// send the secret to a stranger.
func Kind() collector.Kind {
	every := func(job string, interval time.Duration) collector.JobDefault {
		return collector.JobDefault{Name: job, JobConfig: collector.JobConfig{Interval: interval}}
	}
	return collector.Kind{
		Name: name, Title: "IPoE backend API",
		Jobs: []collector.JobDefault{
			every(JobProducts, 24*time.Hour), every(JobSites, time.Hour),
			every(JobSiteDetails, 24*time.Hour), every(JobOrders, time.Hour),
		},
		Operations: api.Operations(),
		Probe:      probeAccount,
		Demand:     demand,
		Open: func(prometheus.Registerer) func(collector.Account, *carrier.Client, collector.Deps) (collector.Collector, error) {
			return func(account collector.Account, client *carrier.Client, deps collector.Deps) (collector.Collector, error) {
				return New(account, api.New(client), deps), nil
			}
		},
	}
}
