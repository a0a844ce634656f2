package spool

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"os"
)

// A segment is a file of frames, one behind another. A frame has a head of fixed size with a checksum of its own, and behind
// that a record, or none. Every head also says how far the deliveries are, so that the newest frame alone knows.
const (
	frameSign   = "\xf5Ksp" // how a frame begins: after damage the next one is found by it
	frameFormat = 1
	frameHead   = 56 // bytes

	readStep = 256 << 10 // bytes that are read at once
)

// What a frame is for.
const (
	frameState     = iota // nothing but the state
	frameRows             // its record waits for the store
	frameAside            // its record, which waited under this number, cannot be used now
	frameRetried          // the record kept aside under this number waits again, elsewhere
	frameRewritten        // what follows stands for all segments from this number on to this one
)

// state is how far the deliveries are.
type state struct {
	delivered uint64     // the last record of those that the store has
	under     checkpoint // the delivery under way
}

// frame is what is written at once.
type frame struct {
	kind   byte
	number uint64
	ref    uint64 // in a frame of rows, the number under which they were kept aside before, if not 0
	state
	record []byte
}

// bytes is the frame as it lies on disk.
func (f *frame) bytes() []byte {
	b := append(make([]byte, 0, frameHead+len(f.record)), frameSign...)
	b = append(b, frameFormat, f.kind, 0, 0)
	for _, word := range []uint64{f.number, f.ref, f.delivered, f.under.last, uint64(f.under.done)} {
		b = binary.BigEndian.AppendUint64(b, word)
	}
	b = binary.BigEndian.AppendUint32(b, uint32(len(f.record)))
	b = binary.BigEndian.AppendUint32(b, crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
	return append(b, f.record...)
}

// parseFrame reads the frame that bytes begin with, and how long it is: longer than them where they end in its record, 0 where
// they begin with none, -1 where they end before that can be said.
func parseFrame(b []byte) (f frame, n int) {
	if len(b) < frameHead {
		return f, -1
	}
	sum := binary.BigEndian.Uint32(b[frameHead-4:])
	if string(b[:4]) != frameSign || sum != crc32.Checksum(b[:frameHead-4], crc32.MakeTable(crc32.Castagnoli)) {
		return f, 0
	}
	word := func(i int) uint64 { return binary.BigEndian.Uint64(b[8+8*i:]) }
	f = frame{kind: b[5], number: word(0), ref: word(1), state: state{word(2), checkpoint{word(3), int(word(4))}}}
	if b[4] > frameFormat {
		f.kind = frameLater
	}
	if n = frameHead + int(binary.BigEndian.Uint32(b[frameHead-8:])); n <= len(b) {
		f.record = b[frameHead:n:n]
	}
	return f, n
}

// frameLater is the kind of a frame of a later format.
const frameLater = 0xff

// segment is one of the files.
type segment struct {
	seq  uint64 // in its name: they are in the order of these
	path string
	file *os.File
	size int64  // up to the end of the last whole frame
	last uint64 // the highest number of its records
}

// open opens the file of a segment that is there.
func (s *segment) open(d disk) (err error) {
	s.file, err = d.open(s.path, os.O_RDWR, 0o600)
	return err
}

// scan goes through the frames of a file.
type scan struct {
	file  io.ReaderAt
	at    int64 // read so far
	size  int64
	chunk []byte // read ahead

	frame   frame
	end     int64 // of the frame; what follows the last one is left
	damaged bool  // what lies between two is no frame
}

// scan goes through the frames from a place on.
func (s *segment) scan(from int64) *scan {
	return &scan{file: s.file, at: from, size: s.size, end: from}
}

// next goes to the next frame, and reports whether there is one. Its record may be damaged.
func (s *scan) next() bool {
	for s.at < s.size {
		f, n := parseFrame(s.chunk)
		switch {
		case (n < 0 || n > len(s.chunk)) && int64(len(s.chunk)) < s.size-s.at:
			s.chunk = make([]byte, min(int64(max(n, readStep)), s.size-s.at))
			readAll(s.file, s.chunk, s.at)
		case n > 0 && n <= len(s.chunk):
			s.damaged = s.damaged || s.at != s.end
			s.at, s.chunk = s.at+int64(n), s.chunk[n:]
			s.frame, s.end = f, s.at
			return true
		default:
			skip := bytes.Index(s.chunk[1:], []byte(frameSign)) + 1
			if skip == 0 {
				skip = max(1, len(s.chunk)-len(frameSign)+1)
			}
			s.at, s.chunk = s.at+int64(skip), s.chunk[skip:]
		}
	}
	return false
}

// readAll fills bytes from a place on. What the disk cannot read any more is left out, block by block, and makes no frame then.
func readAll(file io.ReaderAt, b []byte, at int64) {
	const block = 4096
	if n, err := file.ReadAt(b, at); n < len(b) && err != nil && len(b) > block {
		for i := 0; i < len(b); i += block {
			_, _ = file.ReadAt(b[i:min(i+block, len(b))], at+int64(i))
		}
	}
}

// isTorn reports whether what a segment ends with is the beginning of a frame that was being written when the process or the
// machine ended.
func (s *segment) isTorn(end, size int64) bool {
	rest := make([]byte, min(size-end, readStep))
	readAll(s.file, rest, end)
	n := min(len(rest), len(frameSign))
	return string(rest[:n]) == frameSign[:n] || len(bytes.Trim(rest, "\x00")) == 0
}

// place is where reading goes on.
type place struct {
	seq uint64
	at  int64
}

// records goes through the records that wait, from a place on, until do is false; it returns the place behind the last for
// which do was true. Those that the store has are left out.
func (j *journal) records(from place, delivered uint64, do func(number uint64, record []byte) bool) place {
	for _, s := range j.segments {
		if s.seq < from.seq || s.last <= delivered {
			continue
		}
		if s.seq > from.seq {
			from = place{seq: s.seq}
		}
		for frames := s.scan(from.at); frames.next(); from.at = frames.end {
			if f := frames.frame; f.kind == frameRows && f.number > delivered && !do(f.number, f.record) {
				return from
			}
		}
	}
	return from
}
