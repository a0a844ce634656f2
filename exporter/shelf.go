package exporter

import "math"

// chunkSize is how many subjects are rendered and compressed together. Smaller chunks waste less work when few lines
// change, larger ones compress better: at 64, a line's bytes in a gzip stream are 12 % more than at 128.
const chunkSize = 64

// chunk is a group of subjects that keep their places as long as they are exported.
type chunk struct {
	subjects [chunkSize]subject
	dirty    bool  // something changed since it was rendered
	expires  int64 // when something in it goes stale

	rendered *rendered // guarded by renderer.mu; the rest by Fleet.mu
}

// spot is a subject's place.
type spot struct {
	chunk *chunk
	slot  uint8
}

func (s spot) taken() bool { return s.chunk != nil }

// touch asks for the subject there to be rendered anew.
func (s spot) touch() {
	if s.chunk != nil {
		s.chunk.dirty = true
	}
}

// shelf gives subjects their places, up to a limit.
type shelf struct {
	limit  int
	used   int
	chunks []*chunk // only ever grows
	free   []spot   // places given back
}

// unlimited is the limit of a shelf that has none.
const unlimited = math.MaxInt

// place gives a subject a spot; ok is false where the shelf is full.
func (s *shelf) place(sub subject) (at spot, ok bool) {
	switch {
	case s.used >= s.limit:
		return spot{}, false
	case len(s.free) > 0:
		at = s.free[len(s.free)-1]
		s.free = s.free[:len(s.free)-1]
	default:
		// Nothing is free, so every place of every chunk is taken.
		if s.used%chunkSize == 0 {
			s.chunks = append(s.chunks, &chunk{expires: never})
		}
		at = spot{chunk: s.chunks[len(s.chunks)-1], slot: uint8(s.used % chunkSize)}
	}
	s.used++
	at.chunk.subjects[at.slot] = sub
	at.chunk.dirty = true
	return at, true
}

// release gives a spot back.
func (s *shelf) release(at spot) {
	at.chunk.subjects[at.slot] = nil
	at.chunk.dirty = true
	s.free = append(s.free, at)
	s.used--
}
