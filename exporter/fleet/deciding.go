package fleet

import (
	"math"
	"time"

	"kaisen/schema"
)

// deciding is the answer that says whether a line is restricted and what is left to it: call 09's on its group for a line that
// draws on one, else call 03's on the line itself (the carrier's table 規制条件表).
type deciding struct {
	sample
	ofPool   bool
	fresh    bool // there is one, and it is not stale
	noVolume bool // nothing is left because there never was a volume
	episodes *episodes
}

// deciding needs the lock. Every count, list and page goes by it, and by it alone.
func (l *line) deciding(now int64) deciding {
	if l.inPool() {
		return l.decidingOfPool(now)
	}
	return deciding{sample: l.traffic[scopeLine], fresh: l.trafficFresh(now), noVolume: l.noVolume(), episodes: &l.episodes}
}

// decidingOfPool is what decides for a member: the group's figures, and the restriction that the member itself was told, as long
// as that is fresh. Where each member has a volume of its own, all that it was told.
func (l *line) decidingOfPool(now int64) deciding {
	c, own := l.contract, &l.traffic[scopeShare]
	d := deciding{sample: c.poolUse(), ofPool: true, fresh: c.poolFresh(now), episodes: &c.pool.episodes}
	if now > c.account.deadline(jobDataShare, own.stamp) {
		return d
	}
	if c.pool.ownVolumes {
		d.sample = *own
	}
	if d.restriction = own.restriction; d.restriction != c.pool.restriction {
		d.episodes = new(episodes) // the group's were others
	}
	return d
}

// inPool reports whether the line draws on its contract's share group.
func (l *line) inPool() bool { return l.contract.members[l.number].inPool }

// restricted reports whether the carrier throttles.
func (d *deciding) restricted(c codes) bool {
	return d.fresh && restricts(schema.Restriction(c.restrictions[d.restriction]))
}

// unknown reports whether nobody can say whether the carrier throttles.
func (d *deciding) unknown(c codes) bool {
	return !d.fresh || c.restrictions[d.restriction] == string(schema.RestrictionUnknown)
}

// left is the share of the volume that is left; NaN where that is not known, or there is no volume.
func (d *deciding) left() float64 {
	ratio, known := d.ratio()
	if !known || !d.fresh || d.noVolume {
		return math.NaN()
	}
	return ratio
}

// usage is the answer as people see it, the last known where it is stale.
func (d *deciding) usage(f *Fleet, now int64) Usage {
	if !d.known {
		return Usage{OfPool: d.ofPool}
	}
	usage := Usage{Month: d.month, Remaining: d.remaining, Restriction: f.codes.restrictions[d.restriction], NoVolume: d.noVolume, OfPool: d.ofPool,
		Stale: !d.fresh, Age: time.Duration(max(now-d.received, 0)) * time.Millisecond}
	inMonth := monthStart(f.clock(d.observed), f.config.Zone).Equal(monthStart(f.clock(now+d.observed-d.received), f.config.Zone))
	usage.SpentBefore = usage.Stale && inMonth && restricts(schema.Restriction(usage.Restriction)) && usage.Restriction != string(schema.RestrictionRecent)
	return usage
}
