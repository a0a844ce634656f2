package serviceorder

import (
	"context"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
	"kaisen/collector/probing"
	"kaisen/collector/serviceorder/api"
	"kaisen/schema"
)

// probeAccount asks for the orders of each service, and in the carrier's hours for the details of yesterday and today.
func probeAccount(ctx context.Context, account collector.Account, client *carrier.Client, p *probing.Probe) {
	settings := account.Settings.(*Settings)
	for _, job := range []string{JobOrders, JobDetails} {
		if account.Jobs[job].Interval > 0 {
			p.Expect(job, job)
		}
	}
	asks := api.New(client)
	for _, service := range settings.ServiceNames {
		answer, err := probing.Ask(ctx, p, "", JobOrders, func(o api.Orders) int { return len(o.Orders) },
			func(ctx context.Context) (carrier.Answer[api.Orders], error) {
				return asks.Orders(ctx, api.OrdersRequest{ServiceName: api.ServiceName(service)})
			})
		switch failure := carrier.FailureOf(err); {
		case err == nil && len(answer.Value.Orders) == 0:
			p.Unknown("", "what an order of "+service+" looks like", "there is none")
		case failure.Kind == carrier.KindNotAllowed || failure.Kind == carrier.KindNotFound || failure.Kind == carrier.KindInvalidRequest && failure.Status == 400:
			p.Need("service_names", "the carrier does not answer for service "+service, "remove it, or ask the carrier for access to it")
		}
	}
	now := asks.Now()
	if open, next := api.Open(now, settings.closed); !open {
		p.Resting("", JobDetails, "the carrier answers it on business days from 9:00 to 17:30, next on "+next.In(account.Zone).Format("2006-01-02 15:04"))
		return
	}
	today := schema.DateOf(now.In(account.Zone))
	_, _ = probing.Ask(ctx, p, "", JobDetails, func(d api.Details) int { return len(d.Result) },
		func(ctx context.Context) (carrier.Answer[api.Details], error) {
			return asks.Details(ctx, api.DetailsRequest{DataUpdateDateFrom: lenient.DateOf(today.AddDays(-1)), DataUpdateDateTo: lenient.DateOf(today)})
		})
}
