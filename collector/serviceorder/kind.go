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
	"kaisen/schema"
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
		Probe:      probeAccount,
		Demand:     demand,
		Settings:   func() collector.Settings { return new(Settings) },
		Open: func(prometheus.Registerer) func(collector.Account, *carrier.Client, collector.Deps) (collector.Collector, error) {
			return func(account collector.Account, client *carrier.Client, deps collector.Deps) (collector.Collector, error) {
				return New(account, api.New(client), deps), nil
			}
		},
	}
}

// Settings are the configuration keys of a source of this kind.
type Settings struct {
	ServiceNames []string `koanf:"service_names,omitempty" doc:"serviceorder: the services whose orders are asked for: uno, ucaas, sip-trunking, …"`
	ClosingDays  []string `koanf:"closing_days,omitempty" doc:"serviceorder: days on which the carrier does not answer details, beside weekends and national holidays: 12-29 for every year, 2027-05-01 for one; empty for 29 December to 3 January, [none] for none."`
}

// noDay is the one closing day of a carrier without any.
const noDay = "none"

// closingDays are those configured; unless they are, those on which Japanese offices are closed around New Year.
func (s *Settings) closingDays() []string {
	if len(s.ClosingDays) == 0 {
		return []string{"12-29", "12-30", "12-31", "01-01", "01-02", "01-03"}
	}
	return s.ClosingDays
}

// closed reports whether the carrier rests on a day that is no weekend.
func (s *Settings) closed(d schema.Date) bool {
	day, closing := d.Time().Format(time.DateOnly), s.closingDays()
	return api.NationalHoliday(d) || slices.Contains(closing, day) || slices.Contains(closing, day[len("2006-"):])
}

// isDay reports whether a text is a day of a year, or of every year.
func isDay(text string) bool {
	if len(text) == len("01-02") {
		text = "2028-" + text // a year with 29 February
	}
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}

var serviceName = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// documentedServices are the values of serviceName in Service Order API.
func documentedServices() []string {
	return api.ServiceNames()
}

// Check implements collector.Settings.
func (s *Settings) Check(jobs map[string]collector.JobConfig, report func(key, problem, advice string)) {
	s.checkDays(report)
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

// checkDays checks the closing days.
func (s *Settings) checkDays(report func(key, problem, advice string)) {
	for i, day := range s.ClosingDays {
		if !isDay(day) && (day != noDay || len(s.ClosingDays) > 1) {
			report("closing_days["+strconv.Itoa(i)+"]", collector.Quote(day)+" is no day", "write 12-29 for every year, or 2027-05-01 for one")
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
