package exposition

import (
	"bytes"
	"fmt"
	"hash/crc32"

	"github.com/klauspost/compress/flate"
)

// segment is some text as a part of a gzip stream: raw deflate that looks back at nothing before it and ends at a byte
// boundary (a sync flush), so that segments can stand one behind the other in any order.
type segment struct {
	deflated []byte
	length   uint32 // of the text
	crc      uint32 // of the text
	shift    uint32 // crcShift(length)
}

// deflater makes segments. It is not for two goroutines at a time.
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

// segment compresses text. The result's deflated bytes are valid until the next call.
func (d *deflater) segment(text []byte) segment {
	d.out.Reset()
	d.writer.Reset(&d.out)
	_, _ = d.writer.Write(text) // a bytes.Buffer takes everything
	_ = d.writer.Flush()
	return segment{
		deflated: d.out.Bytes(),
		length:   uint32(len(text)),
		crc:      crc32.ChecksumIEEE(text),
		shift:    crcShift(len(text)),
	}
}

// clone is a segment that stays valid.
func (s segment) clone() segment {
	s.deflated = bytes.Clone(s.deflated)
	return s
}

// A gzip stream ends with the CRC-32 of all its plain bytes. A segment knows its own, and a CRC is a remainder of
// polynomials over GF(2): appending n bytes multiplies what was before by x^(8n). So the CRC of a whole exposition
// follows from those of its segments, without a look at its hundred megabytes (zlib calls this crc32_combine).
//
// Polynomials are reversed as in hash/crc32: the highest bit is the coefficient of x^0.

// crcAppend is the CRC of some bytes followed by others, from both CRCs and the others' crcShift.
func crcAppend(crc, next, shift uint32) uint32 { return crcMultiply(shift, crc) ^ next }

// crcShift is x^(8·length) modulo the CRC polynomial: what appending that many bytes multiplies by.
func crcShift(length int) uint32 {
	shift := uint32(1) << 31 // x^0
	power := uint32(1) << 23 // x^8, then its squares
	for ; length > 0; length >>= 1 {
		if length&1 != 0 {
			shift = crcMultiply(power, shift)
		}
		power = crcMultiply(power, power)
	}
	return shift
}

// crcMultiply is a·b modulo the CRC polynomial.
func crcMultiply(a, b uint32) (product uint32) {
	for ; a != 0; a <<= 1 {
		if a&(1<<31) != 0 {
			product ^= b
		}
		if b&1 != 0 {
			b = b>>1 ^ crc32.IEEE
		} else {
			b >>= 1
		}
	}
	return product
}
