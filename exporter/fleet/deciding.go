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
		c := l.contract
		return deciding{sample: c.poolUse(), ofPool: true, fresh: c.poolFresh(now), episodes: &c.pool.episodes}
	}
	return deciding{sample: l.traffic[scopeLine], fresh: l.trafficFresh(now), noVolume: l.noVolume(), episodes: &l.episodes}
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
	return Usage{Month: d.month, Remaining: d.remaining, Restriction: f.codes.restrictions[d.restriction], NoVolume: d.noVolume, OfPool: d.ofPool,
		Stale: !d.fresh, Age: time.Duration(max(now-d.received, 0)) * time.Millisecond}
}
