package exposition

import (
	"encoding/binary"
	"io"
)

const (
	// writeBytes is how much is handed to the connection at a time.
	writeBytes = 256 << 10
	// buffers is how many of that size an exposition has: one is written, one waits, and one is filled.
	buffers = 3
	// gzipHeader says deflate, no flags, no time, no particular system.
	gzipHeader = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
	// gzipEnd is an empty deflate block with the final bit, coded with fixed codes: the segments before it have none.
	gzipEnd = "\x03\x00"
)

// encoder writes one exposition, as plain text or as one gzip member (RFC 1952) made of segments. It is used for many, one
// after the other. It remembers the first error, after which it only swallows.
//
// Putting text together and copying it to the connection take about as long as each other: what is put together is written by a
// goroutine of its own, while the next piece is.
type encoder struct {
	to   io.Writer
	data []byte
	free chan []byte // buffers that wait for their turn
	full chan []byte // what is to be written; nil while all there is fits into one buffer
	done chan error  // the first error of writing, once all is written

	compress  bool
	crc, size uint32
	deflater  *deflater // for text that is no segment yet; nil before the first compressed exposition
}

func (e *encoder) begin(to io.Writer, compress bool) {
	*e = encoder{to: to, data: e.data[:0], free: e.free, compress: compress, deflater: e.deflater}
	if !compress {
		return
	}
	if e.deflater == nil {
		e.deflater = newDeflater()
	}
	e.data = append(e.data, gzipHeader...)
}

// text writes any text.
func (e *encoder) text(plain []byte) {
	if e.compress {
		s := e.deflater.segment(plain)
		e.segment(&s)
		return
	}
	e.data = append(e.data, plain...)
	e.flush(writeBytes)
}

// heading writes a family's comment lines.
func (e *encoder) heading(h *heading) {
	if e.compress {
		e.segment(&h.segment)
	} else {
		e.text(h.text)
	}
}

// series writes what a block has of a family.
func (e *encoder) series(s *series, labels *[blockSize]*LabelSet, text *familyText) {
	if e.compress {
		e.segment(&s.segment)
		return
	}
	e.data = s.appendText(e.data, labels, text)
	e.flush(writeBytes)
}

func (e *encoder) segment(s *segment) {
	e.data = append(e.data, s.deflated...)
	e.crc = crcAppend(e.crc, s.crc, s.shift)
	e.size += s.length
	e.flush(writeBytes)
}

// end ends the stream. Its error is the first of any call.
func (e *encoder) end() error {
	if e.compress {
		e.data = append(e.data, gzipEnd...)
		e.data = binary.LittleEndian.AppendUint32(e.data, e.crc)
		e.data = binary.LittleEndian.AppendUint32(e.data, e.size)
	}
	to, full := e.to, e.full
	e.to, e.full = nil, nil // who waits for the next use keeps no connection
	if full == nil {
		_, err := to.Write(e.data)
		return err
	}
	full <- e.data
	close(full)
	err := <-e.done
	e.data = <-e.free
	return err
}

// flush hands the data on, if there is at least so much.
func (e *encoder) flush(atLeast int) {
	if len(e.data) < atLeast {
		return
	}
	if e.full == nil {
		e.start()
	}
	e.full <- e.data
	e.data = (<-e.free)[:0]
}

// start begins to write.
func (e *encoder) start() {
	if e.free == nil {
		e.free = make(chan []byte, buffers)
		for range buffers - 1 {
			e.free <- nil
		}
	}
	e.full, e.done = make(chan []byte, buffers), make(chan error, 1)
	go write(e.to, e.full, e.free, e.done)
}

// write writes all that is full, unless something fails, and gives the buffers back.
func write(to io.Writer, full <-chan []byte, free chan<- []byte, done chan<- error) {
	var err error
	for data := range full {
		if err == nil {
			_, err = to.Write(data)
		}
		free <- data
	}
	done <- err
}
