package exposition

import (
	"encoding/binary"
	"io"
)

const (
	// writeBytes is how much is handed to the connection at a time.
	writeBytes = 256 << 10
	// gzipHeader says deflate, no flags, no time, no particular system.
	gzipHeader = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
	// gzipEnd is an empty deflate block with the final bit, coded with fixed codes: the segments before it have none.
	gzipEnd = "\x03\x00"
)

// encoder writes one exposition, as plain text or as one gzip member (RFC 1952) made of segments. It is used for many, one
// after the other. It remembers the first error, after which it only swallows.
type encoder struct {
	to   io.Writer
	data []byte
	err  error

	compress  bool
	crc, size uint32
	deflater  *deflater // for text that is no segment yet; nil before the first compressed exposition
}

func (e *encoder) begin(to io.Writer, compress bool) {
	*e = encoder{to: to, data: e.data[:0], compress: compress, deflater: e.deflater}
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
	e.flush(1)
	e.to = nil
	return e.err
}

// flush hands the data on, if there is at least so much.
func (e *encoder) flush(atLeast int) {
	if len(e.data) < atLeast {
		return
	}
	if e.err == nil {
		_, e.err = e.to.Write(e.data)
	}
	e.data = e.data[:0]
}
