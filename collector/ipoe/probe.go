package ipoe

import (
	"context"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/ipoe/api"
	"kaisen/collector/probing"
)

// probePage is how many rows of a list a first contact asks for.
const probePage = 20

func countRows[T any](rows []T) int { return len(rows) }

func oneRow[T any](T) int { return 1 }

// probeAccount asks for the beginning of each list, for a site of each status and for an order.
func probeAccount(ctx context.Context, account collector.Account, client *carrier.Client, p *probing.Probe) {
	for _, job := range []struct {
		name       string
		operations []string
	}{
		{JobProducts, []string{JobProducts}}, {JobSites, []string{JobSites}}, {JobSiteDetails, []string{JobSiteDetails}},
		{JobOrders, []string{JobOrders, orderDetails}},
	} {
		if account.Jobs[job.name].Interval > 0 {
			p.Expect(job.name, job.operations...)
		}
	}
	asks := api.New(client)
	_, _ = probing.Ask(ctx, p, "", JobProducts, countRows, func(ctx context.Context) (carrier.Answer[[]api.Product], error) {
		return asks.Products(ctx, api.ProductsRequest{Limit: probePage})
	})
	sites, sitesFailure := probing.Ask(ctx, p, "", JobSites, countRows, func(ctx context.Context) (carrier.Answer[[]api.Site], error) {
		return asks.Sites(ctx, api.SitesRequest{Limit: probePage})
	})
	met := make(map[api.SiteStatus]bool)
	for _, site := range sites.Value {
		if !met[site.Status] {
			met[site.Status] = true
			_, _ = probing.Ask(ctx, p, "", JobSiteDetails, oneRow, func(ctx context.Context) (carrier.Answer[api.SiteDetail], error) {
				return asks.Site(ctx, api.SiteRequest{CustomerSiteCode: site.CustomerSiteCode})
			})
		}
	}
	orders, ordersFailure := probing.Ask(ctx, p, "", JobOrders, countRows, func(ctx context.Context) (carrier.Answer[[]api.Order], error) {
		return asks.Orders(ctx, api.OrdersRequest{Limit: probePage})
	})
	for _, order := range orders.Value[:min(1, len(orders.Value))] {
		_, _ = probing.Ask(ctx, p, "", orderDetails, oneRow, func(ctx context.Context) (carrier.Answer[api.OrderDetail], error) {
			return asks.Order(ctx, api.OrderRequest{OrderCode: order.OrderCode})
		})
	}
	if sitesFailure == nil && len(sites.Value) == 0 {
		p.NothingToAsk("", JobSiteDetails)
	}
	if ordersFailure == nil && len(orders.Value) == 0 {
		p.NothingToAsk("", orderDetails)
	}
	if !met[api.SiteEnded] {
		p.Unknown("", "a site that has ended", "none was among the first that the list has")
	}
}

// orderDetails is the operation that says how one order goes.
const orderDetails = "ipoe_order_details"
