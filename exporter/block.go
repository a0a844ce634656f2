package exporter

import (
	"bytes"
	"fmt"
	"hash/crc32"

	"github.com/klauspost/compress/flate"
)

// block is a stretch of text as a part of some gzip stream: raw deflate that looks back at nothing before it and ends at
// a byte boundary (a sync flush), so that blocks can stand one behind the other in any order.
type block struct {
	deflated []byte
	length   uint32 // of the text
	crc      uint32 // of the text
	shift    uint32 // crcShift(length)
}

// deflater makes blocks. It is not for two goroutines at a time.
type deflater struct {
	writer *flate.Writer
	out    bytes.Buffer
}

// newDeflater takes the fastest level: on text as regular as ours, better ones gain two per cent for twice the time.
// It is klauspost's, which client_golang brings along, because it is twice as fast as compress/flate here.
func newDeflater() *deflater {
	writer, err := flate.NewWriter(nil, flate.BestSpeed)
	if err != nil {
		panic(fmt.Sprintf("flate knows its own level: %v", err)) // the level is a constant
	}
	return &deflater{writer: writer}
}

// block compresses text. The result's deflated bytes are valid until the next call.
func (d *deflater) block(text []byte) block {
	d.out.Reset()
	d.writer.Reset(&d.out)
	_, _ = d.writer.Write(text) // a bytes.Buffer takes everything
	_ = d.writer.Flush()
	return block{
		deflated: d.out.Bytes(),
		length:   uint32(len(text)),
		crc:      crc32.ChecksumIEEE(text),
		shift:    crcShift(len(text)),
	}
}

// clone is a block that stays valid.
func (b block) clone() block {
	b.deflated = bytes.Clone(b.deflated)
	return b
}
