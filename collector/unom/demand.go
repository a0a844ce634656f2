package unom

import (
	"fmt"
	"math"
	"time"

	"kaisen/collector"
	"kaisen/collector/unom/logs"
	"kaisen/schema"
)

// demand is what a part of the fleet asks for an inventory. The rules are those of the jobs: sessionlog.go, share.go,
// sharegroup.go, traffic.go and package logs.
func demand(account collector.Account, shard collector.Shard, has collector.Inventory) (all []collector.Demand) {
	for _, job := range []struct {
		name string
		of   func(collector.JobConfig, collector.Shard, collector.Inventory, collector.Account) collector.Demand
	}{
		{JobLines, demandOfLines}, {JobTraffic, demandOfTraffic}, {JobDataShare, demandOfShares}, {JobSession, demandOfSession},
		{JobAuthentications, demandOfLog}, {JobSessions, demandOfLog}, {JobContract, demandOfParticulars},
		{JobProducts, demandOfParticulars}, {JobOrders, demandOfOrders},
	} {
		config := account.Jobs[job.name]
		if config.Interval <= 0 {
			continue
		}
		d := job.of(config, shard, has, account)
		d.Job = job.name
		all = append(all, d)
	}
	return all
}

// always is a demand that nothing changes.
func always(perHour, items float64, basis string) collector.Demand {
	return collector.Demand{PerHour: perHour, AtFirst: perHour, Items: items, Basis: basis}
}

// demandOfLines is that of the lists of lines, which every part of a fleet reads, to know its own.
func demandOfLines(job collector.JobConfig, _ collector.Shard, has collector.Inventory, _ collector.Account) collector.Demand {
	return always(float64(len(has.Contracts))*collector.PerHour(job.Interval), 0, "1 of each contract an interval")
}

// ownContractsOf is how many of the contracts a part reads the logs of.
func ownContractsOf(shard collector.Shard, has collector.Inventory) (own float64) {
	for _, c := range has.Contracts {
		own += shard.Part(c.ID)
	}
	return own
}

func demandOfParticulars(job collector.JobConfig, shard collector.Shard, has collector.Inventory, _ collector.Account) collector.Demand {
	return always(ownContractsOf(shard, has)*collector.PerHour(job.Interval), 0, "1 of each contract an interval")
}

func demandOfOrders(job collector.JobConfig, shard collector.Shard, has collector.Inventory, _ collector.Account) collector.Demand {
	lists := 2 * ownContractsOf(shard, has) * collector.PerHour(job.Interval)
	return always(lists+float64(has.OpenOrders)*shard.Each()*collector.PerHour(max(detailFor, job.Interval)), 0,
		"2 of each contract an interval, and 1 of each open order a day")
}

// demandOfTraffic leaves out what sparesTraffic does: a member is asked each schema.MembersEvery, and once more near midnight.
func demandOfTraffic(job collector.JobConfig, shard collector.Shard, has collector.Inventory, account collector.Account) collector.Demand {
	lines, members := has.Lines()
	each := collector.PerHour(job.Interval)
	ofMember, basis := each, "1 of each line an interval"
	if account.Jobs[JobDataShare].Interval > 0 && members > 0 {
		ofMember = min(each, collector.PerHour(schema.MembersEvery)+collector.PerHour(24*time.Hour))
		basis = fmt.Sprintf("1 of each line an interval, but of members of share groups every %g hours and near midnight", schema.MembersEvery.Hours())
	}
	part := shard.Each()
	d := always(part*(float64(lines-members)*each+float64(members)*ofMember), part*float64(lines), basis)
	d.Rows = d.PerHour
	return d
}

// demandOfShares is that of the lists, which every part reads, and of the members' figures.
func demandOfShares(job collector.JobConfig, shard collector.Shard, has collector.Inventory, _ collector.Account) (d collector.Demand) {
	each := collector.PerHour(job.Interval)
	for _, c := range has.Contracts {
		if c.Members == 0 {
			d.PerHour += min(each, collector.PerHour(noShareFor))
			d.AtFirst += min(each, collector.PerHour(noShareFor))
			continue
		}
		members := float64(c.Members) * shard.Each()
		pair := min(members, pairOf)
		settled, first := pair, members
		if c.MembersAlike.Known && c.MembersAlike.V {
			first = pair
		} else if c.MembersAlike.Known {
			settled = members
		}
		d.PerHour += each * (1 + settled)
		d.AtFirst += each * (1 + first)
		d.Items += 1 + settled
		d.Rows += each * members
	}
	d.Basis = "1 list of each group an interval, and 2 members of those whose members are told the same, else each; without a group 1 an hour"
	return d
}

// demandOfSession is that of call 26: of each line an interval, or once a day where the session log is believed.
func demandOfSession(job collector.JobConfig, shard collector.Shard, has collector.Inventory, account collector.Account) (d collector.Demand) {
	each := collector.PerHour(job.Interval)
	checked := min(each, collector.PerHour(checkEvery))
	for _, c := range has.Contracts {
		denied := float64(c.OwnRadius) * shard.Each()
		lines := float64(c.Lines)*shard.Each() - denied
		follows := shard.Part(c.ID) // a part has the log of its own contracts alone
		if account.Jobs[JobSessions].Interval <= 0 || c.SessionLog.Known && !c.SessionLog.V {
			follows = 0
		}
		if denied > 0 || follows > 0 {
			d.Every = checkEvery
		}
		settled := denied*min(each, collector.PerHour(deniedFor)) + lines*(follows*checked+(1-follows)*each)
		d.PerHour += settled
		if c.SessionLog.Known {
			d.AtFirst += settled
		} else {
			d.AtFirst += (lines + denied) * each
		}
		d.Items += lines + denied
	}
	d.Basis = "1 of each line an interval; once its contract's session log is believed, and this process reads it, that tells who is connected, and each is checked once a day"
	return d
}

// demandOfLog is that of a log, read up to now and once more a day.
func demandOfLog(job collector.JobConfig, shard collector.Shard, has collector.Inventory, _ collector.Account) collector.Demand {
	var keepUp, again float64
	for _, c := range has.Contracts {
		own := shard.Part(c.ID)
		up, second := logs.Demand(job, float64(c.Lines-c.OwnRadius)*c.LogRows) // which have no others' lines
		keepUp, again = keepUp+own*up, again+own*second
	}
	return always(keepUp+again, 0, fmt.Sprintf("windows of at most 600 rows: %.0f an hour to keep up, %.0f for the second reading", math.Round(keepUp), math.Round(again)))
}
