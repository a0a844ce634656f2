package fleet

import (
	"math"
	"slices"
	"sort"
	"time"
)

// overlay is what was injected into one line on top of what it does by itself. It is never changed in place: an
// injection replaces it, so a reader sees all of an event or nothing.
type overlay struct {
	volumes []volume  // by the time they become visible
	changes []change  // by time
	edits   []edit    // by time
	rows    [2][]late // injected log rows of each log, by time
	cuts    []int64   // seconds at which the session of the time was cut off
}

// volume adds bytes to a day, or says anew what a day came to.
type volume struct {
	day     int
	visible int64
	bytes   uint64
	instead bool
}

// late is a log row that can be seen from a given time on.
type late struct {
	LogRow
	visible int64
}

// aspect is a side of a line that an event can change from a given time on.
type aspect uint8

const (
	aspectGone     aspect = iota // 1: the carrier answers 404 for it
	aspectUnlisted               // 1: call 02 leaves it out
	aspectRadius                 // a radius
	aspectShare                  // a shareStatus
	aspectDelay                  // seconds after midnight at which its figures turn; -1: as all lines
	aspectFrozen                 // the second at which its figures stand still; 0: they do not
	aspectEnded                  // the second from which on there is no such line
)

type change struct {
	aspect aspect
	at     int64
	value  int64
	cause  string // the number of the order or reservation; empty: a test
}

// dayBytes is what a day comes to at the second at, when by itself it comes to bytes.
func (o *overlay) dayBytes(day int, at int64, bytes uint64) uint64 {
	for _, v := range o.volumes {
		switch {
		case v.visible > at:
			return bytes
		case v.day != day:
		case v.instead:
			bytes = v.bytes
		default:
			bytes = add(bytes, v.bytes)
		}
	}
	return bytes
}

// value is the latest that events made of an aspect by the second at.
func (o *overlay) value(a aspect, at int64) (int64, bool) {
	if o == nil {
		return 0, false
	}
	for _, c := range slices.Backward(o.changes) {
		if c.aspect == a && c.at <= at {
			return c.value, true
		}
	}
	return 0, false
}

// modify replaces the overlay by a changed copy. Callers hold the fleet's Changing.
func (l *Line) modify(edit func(*overlay)) {
	next := overlay{}
	if o := l.overlay.Load(); o != nil {
		next = overlay{
			volumes: slices.Clone(o.volumes), changes: slices.Clone(o.changes), edits: slices.Clone(o.edits),
			rows: [2][]late{slices.Clone(o.rows[0]), slices.Clone(o.rows[1])}, cuts: slices.Clone(o.cuts),
		}
	}
	edit(&next)
	sort.SliceStable(next.volumes, func(i, j int) bool { return next.volumes[i].visible < next.volumes[j].visible })
	sort.SliceStable(next.changes, func(i, j int) bool { return next.changes[i].at < next.changes[j].at })
	sort.SliceStable(next.edits, func(i, j int) bool { return next.edits[i].at < next.edits[j].at })
	for _, rows := range next.rows {
		sort.SliceStable(rows, func(i, j int) bool { return rows[i].At < rows[j].At })
	}
	l.overlay.Store(&next)
}

// undo takes away what a cause would have done after a second.
func (l *Line) undo(cause string, after int64) {
	l.modify(func(o *overlay) {
		o.changes = slices.DeleteFunc(o.changes, func(c change) bool { return c.cause == cause && c.at > after })
		o.edits = slices.DeleteFunc(o.edits, func(e edit) bool { return e.cause == cause && e.at > after })
	})
}

// Edit changes the line's attributes from a second on. The cause is the order's or reservation's number.
func (l *Line) Edit(from int64, cause string, apply func(*Attributes)) {
	l.modify(func(o *overlay) { o.edits = append(o.edits, edit{from, cause, apply}) })
	l.contract.Changed()
}

// Remove ends the line at a second, and its place in the share group.
func (l *Line) Remove(from int64, cause string) {
	l.modify(func(o *overlay) {
		o.changes = append(o.changes,
			change{aspect: aspectEnded, at: from, value: from, cause: cause}, change{aspect: aspectShare, at: from, cause: cause})
	})
	l.contract.Changed()
}

// Leaving reports whether the line has been or will be removed.
func (l *Line) Leaving() bool {
	_, leaving := l.overlay.Load().value(aspectEnded, math.MaxInt64)
	return leaving
}

// Reserve gives the line one place in the share group at a second and another at a later one.
func (l *Line) Reserve(id string, now int64, place ShareStatus, due int64, next ShareStatus) {
	l.modify(func(o *overlay) {
		o.edits = append(o.edits, edit{now, id, func(a *Attributes) { a.reserve = id }})
		o.changes = append(o.changes,
			change{aspect: aspectShare, at: now, value: int64(place), cause: id},
			change{aspect: aspectShare, at: due, value: int64(next), cause: id})
	})
}

// CancelReservation undoes a reservation, and gives the line the place back that it had before.
func (l *Line) CancelReservation(id string, now int64, before ShareStatus) {
	l.undo(id, now)
	l.modify(func(o *overlay) {
		o.changes = append(o.changes, change{aspect: aspectShare, at: now, value: int64(before), cause: id})
	})
}

// Withdraw undoes what an order would have done after a second.
func (l *Line) Withdraw(cause string, after int64) {
	l.undo(cause, after)
	l.contract.Changed()
}

func (l *Line) flag(a aspect, at int64) bool {
	v, ok := l.overlay.Load().value(a, at)
	return ok && v != 0
}

// exists reports whether the carrier knows the line at a second; one it does not know it answers 404 for.
func (l *Line) exists(at int64) bool {
	return at >= l.born && !l.flag(aspectGone, at) && !l.flag(aspectEnded, at)
}

// RadiusAt is who answers the line's authentications at a second.
func (l *Line) RadiusAt(at int64) Radius {
	if v, ok := l.overlay.Load().value(aspectRadius, at); ok {
		return Radius(v)
	}
	return l.radius
}

// ShareAt is the line's place in the share group at a second.
func (l *Line) ShareAt(at int64) ShareStatus {
	if v, ok := l.overlay.Load().value(aspectShare, at); ok {
		return ShareStatus(v)
	}
	return l.share
}

// moment is the instant of which the line's figures speak at a second.
func (l *Line) moment(at int64) moment {
	o := l.overlay.Load()
	delay := int64(l.contract.fleet.cfg.TurnDelay / time.Second)
	if since, ok := o.value(aspectFrozen, at); ok && since != 0 {
		at = since
	}
	if own, ok := o.value(aspectDelay, at); ok && own >= 0 {
		delay = own
	}
	return momentOf(l.cal, at, delay)
}

// Listed is what call 02 shows of a contract: the lines in its list, at most MaxRows of them.
func (c *Contract) Listed(at int64) []*Line {
	lines, maxRows := c.roster().lines, c.fleet.cfg.MaxRows
	rows := make([]*Line, 0, min(len(lines), maxRows))
	for _, l := range lines {
		if len(rows) == maxRows {
			break
		}
		if at >= l.born && !l.flag(aspectUnlisted, at) && !l.flag(aspectEnded, at) {
			rows = append(rows, l)
		}
	}
	return rows
}
