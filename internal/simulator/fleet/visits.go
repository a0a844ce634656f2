package fleet

import (
	"math"
	"slices"
	"time"

	"kaisen/internal/simulator/chance"
)

// A line's sessions. Its time is cut into periods of its own length; in each there is at most one visit to the
// network, which begins and ends inside. So the visit of any second is found without looking at any other.

// MinSessionPeriod is the shortest period that has room for a visit.
const MinSessionPeriod = 15 * time.Minute

// visit is one attempt to use the network, with what the RADIUS server logs of it.
type visit struct {
	start, stop int64 // the session, in seconds
	refused     int   // refused authentications before it, four a second
	failed      bool  // nothing but refusals: there is no session
	twice       bool  // two identical accepted authentications in one second
	roaming     bool
}

func (l *Line) chooseSessions(mean int64) {
	l.longSessions = l.character == constant || chance.Of(l.Seed, chance.AboutPeriod, 0)%10 == 0
	factor := 400 + int64(chance.Of(l.Seed, chance.AboutPeriod, 1)%1200) // thousandths
	if l.longSessions {
		factor *= 4
	}
	l.period = max(mean*factor/1000, int64(MinSessionPeriod/time.Second))
	l.phase = int64(chance.Of(l.Seed, chance.AboutPhase, 0) % uint64(l.period))
}

// visit is what happens in the k-th period; false: nothing. A session that was cut off ends there, one of a line that
// is no more with the line.
func (l *Line) visit(k int64) (visit, bool) {
	v, ok := l.wish(k)
	o := l.overlay.Load()
	if !ok || o == nil {
		return v, ok
	}
	for _, cut := range o.cuts {
		if v.start <= cut && cut < v.stop {
			v.stop = cut
		}
	}
	if end, ended := o.value(aspectEnded, math.MaxInt64); ended {
		v.stop = min(v.stop, end)
		return v, v.start < end
	}
	return v, true
}

// wish is the visit that the line makes in the k-th period if nobody interferes.
func (l *Line) wish(k int64) (visit, bool) {
	begin := l.phase + k*l.period
	h := chance.Of(l.Seed, chance.AboutVisit, uint64(k))
	if l.radius != RadiusCom || begin < l.born || l.cal.Day(begin) < l.StartDay || l.character == quiet && h%5 < 2 {
		return visit{}, false
	}
	v := visit{roaming: h>>8%4 == 0 && l.As(begin).Roams(), twice: h>>16%16 == 0, failed: h>>24%24 == 0}
	if v.failed || h>>32%8 == 0 {
		v.refused = 2 + int(h>>40%12)
	}
	g := chance.Mix(h, 1)
	if l.longSessions {
		v.start = begin + 120 + int64(g%300)
		v.stop = begin + l.period - 1 - int64(g>>32%300)
		return v, true
	}
	v.start = begin + 120 + int64(g%uint64(l.period/3))
	rest := begin + l.period - 1 - v.start - 60
	v.stop = v.start + 60 + int64((g>>32)%uint64(rest+1))
	return v, true
}

// sessions passes on the line's own sessions that were there between two seconds, both included.
func (l *Line) sessions(from, to int64, pass func(visit)) {
	for k := l.periodOf(from); k <= l.periodOf(to); k++ {
		if v, ok := l.visit(k); ok && !v.failed && v.start <= to && v.stop >= from {
			pass(v)
		}
	}
}

// periodOf is the period in which a second lies.
func (l *Line) periodOf(at int64) int64 {
	k := (at - l.phase) / l.period
	if at < l.phase {
		k = (at-l.phase+1)/l.period - 1
	}
	return k
}

// logRate is how many log rows a second to expect of both logs, roughly.
func (l *Line) logRate() float64 { return 3 / float64(l.period) }

// Presence is what call 26 says: whether the line is connected, and where it is or last was.
type Presence struct{ Connected, Roaming bool }

// Presence follows from the newest row of the session log, injected rows included.
func (l *Line) Presence(at int64) Presence {
	p, since := l.ownPresence(at)
	o := l.overlay.Load()
	if o == nil {
		return p
	}
	rows := o.rows[SessionEvents]
	for i := len(rows) - 1; i >= 0 && rows[i].At >= since; i-- {
		if rows[i].At <= at && rows[i].visible <= at {
			return Presence{Connected: rows[i].Code == codeStart, Roaming: rows[i].Roaming}
		}
	}
	return p
}

// ownPresence is presence without what was injected, and the second of the row it follows from. A line that had
// no session in its last periods was last seen at home.
func (l *Line) ownPresence(at int64) (Presence, int64) {
	k := l.periodOf(at)
	for back := range int64(32) {
		v, ok := l.visit(k - back)
		switch {
		case !ok || v.failed || at < v.start:
		case at < v.stop:
			return Presence{true, v.roaming}, v.start
		default:
			return Presence{false, v.roaming}, v.stop
		}
	}
	return Presence{}, 0
}

// Disconnect ends the line's session, be it its own or one that a test has begun.
func (l *Line) Disconnect(now int64) {
	defer l.contract.Changed()
	if !l.Presence(now).Connected {
		return
	}
	l.modify(func(o *overlay) { o.cuts = append(o.cuts, now) })
	if p := l.Presence(now); p.Connected {
		stop := late{LogRow{l, now, p.Roaming, codeStop}, now}
		l.modify(func(o *overlay) { o.rows[SessionEvents] = append(slices.Clip(o.rows[SessionEvents]), stop) })
	}
}
