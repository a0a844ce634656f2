package serviceorder

import "kaisen/collector"

// demand is what an account asks for an inventory: one part of a fleet has all of it.
func demand(account collector.Account, _ collector.Shard, _ collector.Inventory) (all []collector.Demand) {
	services := float64(len(account.Settings.(*Settings).ServiceNames))
	add := func(job string, perInterval float64, basis string) {
		if interval := account.Jobs[job].Interval; interval > 0 {
			perHour := perInterval * collector.PerHour(interval)
			all = append(all, collector.Demand{Job: job, PerHour: perHour, AtFirst: perHour, Basis: basis})
		}
	}
	add(JobOrders, services, "1 of each service an interval")
	add(JobDetails, 1, "1 an interval, on business days from 9:00 to 17:30")
	return all
}
