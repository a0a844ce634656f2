// Package volume writes bytes for people in the one unit that every surface has: the page, the tables of kaisen query and kaisen
// line, and the report; alerts and dashboards count alike.
//
// 1 GB is 1,024 MB and 1,073,741,824 bytes. The carrier's documents count in bytes and define no larger unit; the one volume in
// their examples, a remainedDataVolume of 7,521,435,648 bytes (UNO Mobile API v2.1, §05), is 7,173 times 1,048,576 and no whole number of
// any decimal unit, and little more than the 7 GB of a plan. Where figures go on to a machine, they stay exact and in bytes.
package volume

import (
	"math"
	"strconv"
)

// The units, in bytes.
const (
	MB = 1 << 20
	GB = 1 << 30
)

const units = "KMGTPE"

// Text is a volume with three significant digits: 22.5 GB.
func Text(bytes uint64) string {
	value, unit := scaled(float64(bytes), 999.5)
	if unit == 0 {
		return strconv.FormatUint(bytes, 10) + " B"
	}
	digits := 2
	switch {
	case value >= 99.95:
		digits = 0
	case value >= 9.995:
		digits = 1
	}
	return strconv.FormatFloat(value, 'f', digits, 64) + " " + units[unit-1:unit] + "B"
}

// Unit is the unit that a volume is of the size of, and the bytes that one of it has: GB for anything from 1 GB to under 1 TB.
func Unit(bytes float64) (name string, size float64) {
	_, unit := scaled(bytes, 1024)
	if unit == 0 {
		return "B", 1
	}
	return units[unit-1:unit] + "B", math.Pow(1024, float64(unit))
}

// scaled is bytes in the largest unit that has at least one of them, or that a smaller one needs a fourth digit for.
func scaled(bytes, most float64) (value float64, unit int) {
	for value = bytes; value >= most && unit < len(units); unit++ {
		value /= 1024
	}
	return value, unit
}
