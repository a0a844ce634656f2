package exporter

import "hash/crc32"

// A gzip stream ends with the CRC-32 of all its plain bytes. A chunk knows its own, and a CRC is a remainder of
// polynomials over GF(2): appending n bytes multiplies what was before by x^(8n). So the CRC of a whole exposition
// follows from those of its chunks, without a look at its hundred megabytes (zlib calls this crc32_combine).
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
