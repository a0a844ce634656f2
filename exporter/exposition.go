package exporter

import (
	"encoding/binary"
	"io"
	"sync"
)

// writeBytes is how much is handed to the connection at a time.
const writeBytes = 256 << 10

// openMetricsEnd is the last line of an OpenMetrics exposition.
const openMetricsEnd = "# EOF\n"

// scribe is one kind of stream that an exposition is written to.
type scribe interface {
	text(plain []byte)                                            // any text
	head(head *heading)                                           // a family's comment lines
	piece(p *piece, idents *[chunkSize]*ident, family *rendition) // series
	close() error                                                 // ends the stream; the first error of any call
}

// write puts a whole exposition into a stream: first, which is kaisen's own metrics already encoded, then the fleet.
func (s *snapshot) write(to scribe, d dialect, first []byte) error {
	to.text(first)
	for id := range s.families {
		family, headed := &s.families[id], false
		for _, c := range s.chunks {
			p := &c.pieces[id]
			if len(p.rows) == 0 {
				continue
			}
			if !headed {
				to.head(&family.head[d])
				headed = true
			}
			to.piece(p, &c.idents, family)
		}
	}
	if d == openMetrics {
		to.text([]byte(openMetricsEnd))
	}
	return to.close()
}

// buffer collects what is written and remembers the first error, after which it only swallows.
type buffer struct {
	to   io.Writer
	data []byte
	err  error
}

func (b *buffer) spill(atLeast int) {
	if len(b.data) < atLeast || len(b.data) == 0 {
		return
	}
	if b.err == nil {
		_, b.err = b.to.Write(b.data)
	}
	b.data = b.data[:0]
}

// plainScribe writes text as it is.
type plainScribe struct{ buffer }

func (p *plainScribe) text(plain []byte) {
	p.data = append(p.data, plain...)
	p.spill(writeBytes)
}

func (p *plainScribe) head(head *heading) { p.text(head.text) }

func (p *plainScribe) piece(piece *piece, idents *[chunkSize]*ident, family *rendition) {
	p.data = piece.appendText(p.data, idents, family.open, family.tails)
	p.spill(writeBytes)
}

func (p *plainScribe) close() error {
	p.spill(0)
	return p.err
}

// gzipScribe writes one gzip member (RFC 1952) out of blocks.
type gzipScribe struct {
	buffer
	crc, size uint32
	deflater  *deflater // for text that is no block yet
}

// gzipHeader says deflate, no flags, no time, no particular system.
const gzipHeader = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"

// lastBlock is an empty deflate block with the final bit, coded with fixed codes: the blocks before it have none.
const lastBlock = "\x03\x00"

func (g *gzipScribe) begin() { g.data = append(g.data, gzipHeader...) }

func (g *gzipScribe) block(b *block) {
	g.data = append(g.data, b.deflated...)
	g.crc = crcAppend(g.crc, b.crc, b.shift)
	g.size += b.length
	g.spill(writeBytes)
}

func (g *gzipScribe) text(plain []byte) {
	b := g.deflater.block(plain)
	g.block(&b)
}

func (g *gzipScribe) head(head *heading) { g.block(&head.block) }

func (g *gzipScribe) piece(p *piece, _ *[chunkSize]*ident, _ *rendition) { g.block(&p.block) }

func (g *gzipScribe) close() error {
	g.data = append(g.data, lastBlock...)
	g.data = binary.LittleEndian.AppendUint32(g.data, g.crc)
	g.data = binary.LittleEndian.AppendUint32(g.data, g.size)
	g.spill(0)
	return g.err
}

// scribes keeps what a scrape needs for the next one.
type scribes struct {
	plain, gzip sync.Pool
}

// borrow gives a scribe that writes to w, and what to call once it is closed.
func (s *scribes) borrow(w io.Writer, compressed bool) (to scribe, giveBack func()) {
	if compressed {
		g, ok := s.gzip.Get().(*gzipScribe)
		if !ok {
			g = &gzipScribe{deflater: newDeflater()}
		}
		g.buffer, g.crc, g.size = buffer{to: w, data: g.data[:0]}, 0, 0
		g.begin()
		return g, func() { g.to = nil; s.gzip.Put(g) }
	}
	p, ok := s.plain.Get().(*plainScribe)
	if !ok {
		p = &plainScribe{}
	}
	p.buffer = buffer{to: w, data: p.data[:0]}
	return p, func() { p.to = nil; s.plain.Put(p) }
}
