package config

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// Size is a number of bytes, written with its unit: 512MiB, 2GiB. A KiB is 1,024 bytes, and so on.
type Size int64

const mebibyte Size = 1 << 20

var errSize = errors.New("not a size")

// units are those of sizes, each 1,024 of the one before, beginning with single bytes.
func units() []string { return []string{"B", "KiB", "MiB", "GiB", "TiB"} }

// ParseSize reads a whole number and its unit: B, KiB, MiB, GiB or TiB.
func ParseSize(text string) (Size, error) {
	for i := len(units()) - 1; i >= 0; i-- { // B is the end of all of them
		digits, ok := strings.CutSuffix(text, units()[i])
		if !ok {
			continue
		}
		count, err := strconv.ParseUint(digits, 10, 63)
		if err != nil || count > math.MaxInt64>>(10*i) {
			return 0, errSize
		}
		return Size(count << (10 * i)), nil
	}
	return 0, errSize
}

// String is the shortest form that ParseSize reads back: 2GiB, 1536MiB, 0B.
func (s Size) String() string {
	i := 0
	for i+1 < len(units()) && s != 0 && s%1024 == 0 {
		s, i = s/1024, i+1
	}
	return strconv.FormatInt(int64(s), 10) + units()[i]
}

// MarshalText writes what String gives.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what ParseSize takes; empty is 0.
func (s *Size) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*s = 0
		return nil
	}
	*s, err = ParseSize(string(text))
	return err
}
