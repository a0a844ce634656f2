package exposition

import "math"

// Never is a time that does not come, in milliseconds since 1970 as all times here.
const Never = math.MaxInt64

// Unlimited is the limit of Slots that have none.
const Unlimited = math.MaxInt

// Target is what series are about. Its methods are called with the owner's lock held.
type Target interface {
	// Labels name the target, the same ones as long as it has its slot.
	Labels() *LabelSet
	// Leave is asked before a visit: a target without any series from now on gives its slot back, and
	// returns true.
	Leave(now int64) bool
	// Visit emits the series that hold at the time now, and returns until when no series of the target goes stale.
	Visit(now int64, to Emitter) (expires int64)
}

// Emitter takes series: one makes text of them, another protobuf.
type Emitter interface {
	// Value is a series of a family whose variants are numbered.
	Value(f FamilyID, variant uint8, v float64)
	// Labelled is a series of a family with free labels: their values, in the family's order.
	Labelled(f FamilyID, values []string, v float64)
}

// blockSize is how many targets are rendered and compressed together. Smaller blocks waste less work when few targets
// change, larger ones compress better: at 64, a target's bytes in a gzip stream are 12 % more than at 128.
const blockSize = 64

// block is a group of targets that keep their places as long as they are exported.
type block struct {
	targets [blockSize]Target
	dirty   bool  // something changed since it was rendered
	expires int64 // when something in it goes stale

	rendered *rendered // guarded by Exposition.mu; the rest by the owner's lock
}

// Slot is a target's place. The zero Slot is none.
type Slot struct {
	block *block
	at    uint8
}

// Taken reports whether s is a place at all.
func (s Slot) Taken() bool { return s.block != nil }

// Touch asks for the target there to be rendered anew.
func (s Slot) Touch() {
	if s.block != nil {
		s.block.dirty = true
	}
}

// Slots gives targets their places, up to a limit. It is guarded by the owner's lock.
type Slots struct {
	limit  int
	used   int
	blocks []*block // only ever grows
	free   []Slot   // places given back
}

// Used is the number of places that are taken.
func (s *Slots) Used() int { return s.used }

// Place gives a target a slot; ok is false where none is left.
func (s *Slots) Place(target Target) (at Slot, ok bool) {
	switch {
	case s.used >= s.limit:
		return Slot{}, false
	case len(s.free) > 0:
		at = s.free[len(s.free)-1]
		s.free = s.free[:len(s.free)-1]
	default:
		// Nothing is free, so every place of every block is taken.
		if s.used%blockSize == 0 {
			s.blocks = append(s.blocks, &block{expires: Never})
		}
		at = Slot{block: s.blocks[len(s.blocks)-1], at: uint8(s.used % blockSize)}
	}
	s.used++
	at.block.targets[at.at] = target
	at.block.dirty = true
	return at, true
}

// Release takes a slot back.
func (s *Slots) Release(at Slot) {
	at.block.targets[at.at] = nil
	at.block.dirty = true
	s.free = append(s.free, at)
	s.used--
}
