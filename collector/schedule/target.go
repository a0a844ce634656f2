package schedule

// Target is the handle of what is asked, which the caller keeps; 0 is none. That of a removed target is given again.
type Target uint32

const pageSize = 1 << 10

// target is all that is kept of a target. A million of them are in memory: 200 bytes is the bound.
type target struct {
	// When it is asked; times are milliseconds since 1970.
	key [lanes]int64 // in each lane; that of byAge is when it was last asked, or added
	pos [lanes]int32 // its place in each lane, -1: it is not in it

	habits
	figures

	// The point (tau, price) of the curve that says how long it waits at which price, and the curve's exponent.
	tau, price float32
	exponent   uint8

	job, class, failures uint8
	flags                flags
	near                 uint8 // share of the volume, in 1/250; 0: the planner's
	pool                 Target
}

type flags uint16

const (
	alive flags = 1 << iota
	inFlight
	member
	answered
	settled // answered often enough to be understood
	roaming
	suspended
	hurried // a person asks for it
	hinted  // it is due by what another source knows, whatever is expected of it
	counted // its demand is in the sum
)

func (t *target) is(f flags) bool { return t.flags&f != 0 }

func (t *target) set(f flags, on bool) {
	if on {
		t.flags |= f
	} else {
		t.flags &^= f
	}
}

// arena holds the targets in pages, so that a large fleet is never copied.
type arena struct {
	pages [][]target
	next  Target
	free  []Target
}

func (a *arena) at(h Target) *target { return &a.pages[h/pageSize][h%pageSize] }

func (a *arena) take() Target {
	if n := len(a.free); n > 0 {
		h := a.free[n-1]
		a.free = a.free[:n-1]
		return h
	}
	if a.next == 0 {
		a.next = 1
	}
	if int(a.next/pageSize) == len(a.pages) {
		a.pages = append(a.pages, make([]target, pageSize))
	}
	h := a.next
	a.next++
	return h
}

func (a *arena) give(h Target) {
	*a.at(h) = target{}
	a.free = append(a.free, h)
}

// each calls f for every target that there is.
func (a *arena) each(f func(Target, *target)) {
	for h := Target(1); h < a.next; h++ {
		if t := a.at(h); t.is(alive) {
			f(h, t)
		}
	}
}
