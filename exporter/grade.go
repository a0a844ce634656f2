package exporter

import (
	"math"

	"kaisen/exporter/page"
	"kaisen/schema"
)

// grade is what the page makes of a line: to which of its lists the line belongs, and where in it.
type grade struct {
	active    bool    // the inventory has it, or a poll did and the inventory never spoke of it
	silent    bool    // active, but without a fresh answer on its own traffic; then nothing below holds
	throttled bool    // restricted now
	since     int64   // when that began
	left      float64 // share of its own volume that is left; NaN: not known, or of no meaning
	out       int64   // when it is expected to have nothing left; 0: not before the month ends
}

// grade needs the lock. What is left to a member of a share group, by its own figures, is of no meaning: it goes on with
// the group's volume.
func (f *Fleet) grade(l *line, now int64) grade {
	g := grade{active: l.wanted(), left: math.NaN()}
	g.silent = g.active && !l.trafficFresh(now)
	if !g.active || g.silent {
		return g
	}
	s := &l.traffic[scopeLine]
	g.throttled = restricts(schema.Restriction(f.codes.restrictions[s.restriction]))
	if g.throttled {
		g.since = l.restrictedNow().from
	}
	if l.pooled(now) {
		return g
	}
	if ratio, known := s.ratio(); known {
		g.left = ratio
	}
	if held, _ := l.forecastNow(now); held != nil && !g.throttled {
		g.out = held.at
	}
	return g
}

// near tells a line that will hit its cap, but has not yet.
func (g grade) near() bool { return !g.throttled && g.left < page.NearRatio } // NaN is not less

// pooled reports whether the line draws from a share group that is still heard of.
func (l *line) pooled(now int64) bool {
	return l.contract.members[l.number].inPool && l.contract.poolFresh(now)
}
