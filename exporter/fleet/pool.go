package fleet

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"kaisen/exporter/exposition"
	"kaisen/schema"
)

// pool is the newest answer on a contract's share group, from any of its lines.
type pool struct {
	sample
	listed   stamp // of the last list of its members
	episodes episodes
	forecast *poolForecast // nil: none

	// byLine is set where call 09 has shown that it tells each member its own use (carrier_findings, share_figures): the
	// group's is the sum then, which used keeps while nothing changes.
	byLine bool
	found  int64 // when it showed that, or the contrary
	used   *sample

	// ownVolumes is set with used, where what is left differs between members as it cannot of one volume.
	ownVolumes bool
}

type member struct {
	stamp
	inPool bool
}

// poolUse is the newest answer with the use of the whole group in it. What is left and the restriction are the group's where
// call 09 tells each member its own use, too, unless the members show that each has a volume of its own.
func (c *contract) poolUse() sample {
	if !c.pool.byLine || !c.pool.known {
		c.pool.ownVolumes = false
		return c.pool.sample
	}
	if c.pool.used == nil {
		c.pool.used = c.sumOfMembers()
	}
	return *c.pool.used
}

// sumOfMembers adds up what the members were told last, of those answers that are of the month, or day, of the newest.
func (c *contract) sumOfMembers() *sample {
	sum := c.pool.sample
	var left []leftThen
	sum.month, sum.today = schema.Opt[uint64]{}, schema.Opt[uint64]{}
	day := schema.DateOf(c.fleet.clock(sum.observed))
	month := monthStart(c.fleet.clock(sum.observed), c.fleet.config.Zone)
	for number, m := range c.members {
		l := c.lines[number]
		if !m.inPool || l == nil || !l.traffic[scopeShare].known {
			continue
		}
		s := &l.traffic[scopeShare]
		at := c.fleet.clock(s.observed)
		if monthStart(at, c.fleet.config.Zone).Equal(month) {
			if s.month.Known {
				sum.month = schema.Some(addVolume(sum.month.V, s.month))
			}
			if s.remaining.Known {
				left = append(left, leftThen{s.observed, s.remaining})
			}
		}
		if s.today.Known && schema.DateOf(at) == day {
			sum.today = schema.Some(addVolume(sum.today.V, s.today))
		}
	}
	if c.pool.ownVolumes = rises(left); c.pool.ownVolumes {
		sum.remaining = schema.Opt[uint64]{}
		for _, one := range left {
			sum.remaining = schema.Some(addVolume(sum.remaining.V, one.remaining))
		}
	}
	return &sum
}

// leftThen is what was left when a member was told.
type leftThen struct {
	observed  int64
	remaining schema.Opt[uint64]
}

// rises reports whether what is left rises from one member's answer to a later one of another, by more than rounding or a small
// change does: of one volume that all draw on it only falls. View data_share_pools goes by the same.
func rises(left []leftThen) bool {
	const much = 64 << 20
	slices.SortFunc(left, func(a, b leftThen) int { return cmp.Compare(a.observed, b.observed) })
	for i := 1; i < len(left); i++ {
		if left[i].remaining.V > left[i-1].remaining.V+much {
			return true
		}
	}
	return false
}

// writePool takes an answer on the group.
func (c *contract) writePool(row *schema.TrafficSample, s sample, now int64) {
	c.pool.used = nil
	if was := &c.pool.sample; c.account.replaces(jobDataShare, was.stamp, s.stamp, now) {
		seen := was.known && s.received <= c.account.deadline(jobDataShare, was.stamp)
		*was = s
		c.pool.episodes.follow(row, s.restriction, seen, c.fleet.config.Zone)
	}
	c.slot.Touch()
}

// visitPool emits the group's figures.
func (c *contract) visitPool(now int64, to exposition.Emitter) (expires int64) {
	expires = never
	deadline := c.account.deadline(jobDataShare, c.pool.stamp)
	if now <= deadline {
		expires = deadline
		s := c.poolUse()
		emitBytes(to, shareRemaining, 0, s.remaining)
		emitBytes(to, shareMonth, 0, s.month)
		for state := range uint8(len(c.fleet.codes.restrictions)) {
			to.Value(shareRestriction, state, oneIf(state == s.restriction))
		}
	}
	use := c.poolUse()
	expires = min(expires, c.pool.visitForecast(c.account, &use, now, to))
	// Like a line's labels, the list holds while there are fresh answers on the group.
	if len(c.members) > 0 {
		if deadline = max(deadline, c.account.deadline(jobDataShare, c.pool.listed)); now <= deadline {
			expires = min(expires, deadline)
			to.Value(shareMembers, 0, float64(c.inPool))
		}
	}
	return expires
}

// setMember takes a line's place in the group, unless a later one is known.
func (c *contract) setMember(row *schema.DataShareMember, at stamp, now int64) {
	was := c.members[row.LineNo]
	if !c.account.replaces(jobDataShare, was.stamp, at, now) {
		return
	}
	is := member{stamp: at, inPool: row.Member && row.Status.InPool()}
	if was.inPool {
		c.inPool--
	}
	if is.inPool {
		c.inPool++
	}
	if l := c.lines[row.LineNo]; l != nil {
		l.recount()
		if was.inPool != is.inPool { // what it was told of itself holds longer, or no longer
			l.slot.Touch()
		}
	}
	c.members[strings.Clone(row.LineNo)] = is
	c.pool.used = nil
	if listed := c.pool.listed; !listed.known || at.received > listed.received {
		c.pool.listed = at
	}
}

// writeFindings takes whose use call 09 tells, the newest finding on a contract, whether its session log is believed, and which
// plans have had a volume.
func (f *Fleet) writeFindings(rows []schema.CarrierFinding) {
	for i := range rows {
		row := &rows[i]
		if row.Reading == "plan_volume" && row.ContractID != "" {
			f.contract(row.Source, row.ContractID).planShown(row.Operation)
			continue
		}
		if row.Reading == "session_state" && row.ContractID != "" {
			f.contract(row.Source, row.ContractID).believeSessions(row)
			continue
		}
		if row.Reading != "share_figures" || row.ContractID == "" {
			continue
		}
		c, at := f.contract(row.Source, row.ContractID), row.ObservedAt.UnixMilli()
		if at < c.pool.found {
			continue
		}
		c.pool.byLine, c.pool.found, c.pool.used = row.Value == "line", at, nil
		c.slot.Touch()
	}
}

// poolFresh reports whether the last answer on the contract's share group is not stale.
func (c *contract) poolFresh(now int64) bool {
	return now <= c.account.deadline(jobDataShare, c.pool.stamp)
}

// poolNow is the share group as people see it, by the last answer on it.
func (c *contract) poolNow(now int64) Pool {
	s := c.poolUse()
	d := deciding{sample: s, fresh: c.poolFresh(now), episodes: &c.pool.episodes}
	view := Pool{Source: c.source(), ContractID: c.id(), Members: c.inPool, Usage: d.usage(c.fleet, now), Most: c.mostOfPool(), Outlook: c.poolOutlook(now)}
	view.Since, view.SinceAtLeast, view.Until = c.fleet.holding(d, now+s.observed-s.received)
	return view
}

// poolMost is how many members are named who take most.
const poolMost = 3

// mostOfPool is who took most of the group's volume this month, by what the carrier told last of each line itself.
func (c *contract) mostOfPool() []PoolMember {
	var members []PoolMember
	for number, m := range c.members {
		l := c.lines[number]
		if !m.inPool || l == nil {
			continue
		}
		if s := &l.traffic[scopeLine]; s.known && s.month.Known && s.month.V > 0 {
			members = append(members, PoolMember{l.called(), s.month.V})
		}
	}
	slices.SortFunc(members, func(a, b PoolMember) int { return cmp.Or(cmp.Compare(b.Used, a.Used), cmp.Compare(a.Label, b.Label)) })
	return slices.Clip(members[:min(len(members), poolMost)])
}

// addVolume is a sum that stays at the largest number there is.
func addVolume(sum uint64, more schema.Opt[uint64]) uint64 {
	if sum+more.V < sum {
		return math.MaxUint64
	}
	return sum + more.V
}
