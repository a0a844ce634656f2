package fleet

import (
	"math"

	"kaisen/schema"
)

// NearRatio is the share of the month's volume below which a line, or its share group, is near its cap, as in view
// near_cap_lines, unless labels_file has another for the line.
const NearRatio = 0.2

// severity is to which lists a line belongs, and where in them.
type severity struct {
	silent    bool    // wanted, but without a fresh answer on its own traffic
	unknown   bool    // wanted, but nobody can say whether it is restricted
	throttled bool    // restricted now
	since     int64   // when that began
	left      float64 // share of the volume that is left; NaN: not known, or there is none
	nearCap   float64 // below which it is near its cap
	out       int64   // when it is expected to have nothing left; 0: not before the month ends, or it has nothing left already
}

// severity needs the lock. The answer that decides says all of it but the forecast, which is the line's own: a member of a
// share group goes on with the group's volume.
func (l *line) severity(now int64) severity {
	result := severity{left: math.NaN()}
	if !l.wanted() {
		return result
	}
	d := l.deciding(now)
	result.silent, result.unknown = !l.trafficFresh(now), d.unknown(l.contract.fleet.codes)
	result.nearCap, _ = l.nearCap()
	result.left, result.throttled = d.left(), d.restricted(l.contract.fleet.codes)
	if result.throttled {
		result.since = d.episodes.now().from
	}
	if d.ofPool || result.silent || result.throttled || !d.remaining.Known || d.remaining.V == 0 {
		return result
	}
	if held, _ := l.forecastNow(now); held != nil {
		result.out = held.at
	}
	return result
}

// near reports whether the line will hit its cap, but has not yet.
func (s severity) near() bool { return !s.throttled && s.left < s.nearCap } // NaN is not less

// urgency is where in a list a line stands, the smallest first; NaN: it is not on it.
func (l *line) urgency(list string, s severity, now int64) float64 {
	switch {
	case list == ListRestricted && s.throttled:
		return -float64(s.since)
	case list == ListNear && s.near():
		return s.left
	case list == ListOut && s.out != 0:
		return float64(s.out)
	case list == ListRefused && l.refusedNow(now) > 0:
		return -float64(l.refusedNow(now))
	case list == ListSilent && s.silent, list == ListUnknown && s.unknown, list == ListRoaming && l.roamsNow(now), list == ListAll:
		return 0
	}
	return math.NaN()
}

// roamsNow reports whether an active line has a session abroad, by a fresh answer.
func (l *line) roamsNow(now int64) bool {
	roams := l.roaming(now)
	return roams.Known && roams.V
}

// roaming is whether an active line has a session abroad, as far as a fresh answer tells.
func (l *line) roaming(now int64) schema.Opt[bool] {
	is := l.connection()
	if !l.wanted() || now > l.deadline(jobSession, is.stamp) {
		return schema.Opt[bool]{}
	}
	return is.roaming
}

// refusedNow is how often the carrier refused an active line in the last 24 hours of its clock.
func (l *line) refusedNow(now int64) int {
	if !l.wanted() {
		return 0
	}
	return l.refused.since(l.carrierNow(now))
}
