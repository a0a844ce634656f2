package ipoe

import (
	"fmt"

	"kaisen/collector"
	"kaisen/collector/ipoe/api"
)

// demand is what an account asks for an inventory: one part of a fleet has all of it.
func demand(account collector.Account, _ collector.Shard, has collector.Inventory) (all []collector.Demand) {
	add := func(job string, items, perInterval, more float64, basis string) {
		if interval := account.Jobs[job].Interval; interval > 0 {
			perHour := perInterval*collector.PerHour(interval) + more
			all = append(all, collector.Demand{Job: job, PerHour: perHour, AtFirst: perHour, Items: items, Basis: basis})
		}
	}
	const paged = "1 for each %d rows and 1 behind the last, an interval"
	sites, orders := float64(has.Sites), float64(has.OpenOrders)
	add(JobProducts, 0, api.Pages(1), 0, fmt.Sprintf(paged, api.PageRows))
	add(JobSites, 0, api.Pages(has.Sites), 0, fmt.Sprintf(paged, api.PageRows))
	add(JobSiteDetails, sites, sites, 0, "1 of each site an interval")
	add(JobOrders, 0, api.Pages(has.Sites+has.OpenOrders), orders*collector.PerHour(detailsAgain),
		fmt.Sprintf(paged+" (an order for each site is assumed), and 1 of each open order a day", api.PageRows))
	return all
}
