package simulator

import "math/bits"

// share is total × part / whole without overflow, rounded down; part must not exceed whole.
func share(total, part, whole uint64) uint64 {
	if part >= whole {
		return total
	}
	hi, lo := bits.Mul64(total, part)
	quotient, _ := bits.Div64(hi, lo, whole)
	return quotient
}

// add is a + b, stopping at the largest number: what a 64-bit counter of the carrier would at best do.
func add(a, b uint64) uint64 {
	sum, carry := bits.Add64(a, b, 0)
	if carry != 0 {
		return ^uint64(0)
	}
	return sum
}
