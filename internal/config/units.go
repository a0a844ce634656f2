package config

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// Duration is a time.Duration that can also be written in days: 400d, 1d12h. A day is 24 hours.
type Duration time.Duration

var errDuration = errors.New("not a duration")

// ParseDuration reads Go's syntax (15m, 1h30m), days before it (400d, 1d12h), or 0.
func ParseDuration(text string) (Duration, error) {
	days, rest, inDays := strings.Cut(text, "d")
	if !inDays {
		plain, err := time.ParseDuration(text)
		if err != nil {
			return 0, errDuration
		}
		return Duration(plain), nil
	}
	count, err := strconv.ParseUint(days, 10, 64)
	if err != nil || count > uint64(math.MaxInt64/day) {
		return 0, errDuration
	}
	sum := time.Duration(count) * day
	if rest != "" {
		plain, err := time.ParseDuration(rest)
		if err != nil || plain < 0 || sum+plain < sum {
			return 0, errDuration
		}
		sum += plain
	}
	return Duration(sum), nil
}

// String is the shortest form that ParseDuration reads back: 400d, 24h, 15m, 1m30s, 0.
func (d Duration) String() string {
	plain := time.Duration(d)
	if plain == 0 {
		return "0"
	}
	if plain%day == 0 && plain >= 2*day {
		return strconv.FormatInt(int64(plain/day), 10) + "d"
	}
	text := plain.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// MarshalText writes what String gives.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what ParseDuration takes.
func (d *Duration) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDuration(string(text))
	return err
}

// OwnDuration is a Duration that may be left out, because 0 says something too.
type OwnDuration struct {
	Set   bool
	Value Duration
}

// String is "" where it is left out.
func (d OwnDuration) String() string {
	if !d.Set {
		return ""
	}
	return d.Value.String()
}

// MarshalText is String.
func (d OwnDuration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what ParseDuration takes; an empty text leaves it out.
func (d *OwnDuration) UnmarshalText(text []byte) (err error) {
	if d.Set = len(text) > 0; d.Set {
		d.Value, err = ParseDuration(string(text))
	}
	return err
}

// Size is a number of bytes, written with its unit: 512MiB, 1.5GiB. A KiB is 1,024 bytes, and so on.
type Size int64

const mebibyte Size = 1 << 20

var errSize = errors.New("not a size")

// units are those of sizes, each 1,024 of the one before, beginning with single bytes.
func units() []string { return []string{"B", "KiB", "MiB", "GiB", "TiB"} }

// ParseSize reads a number and its unit: B, KiB, MiB, GiB or TiB. Of bytes it is a whole one.
func ParseSize(text string) (Size, error) {
	for i := len(units()) - 1; i >= 0; i-- { // B is the end of all of them
		digits, ok := strings.CutSuffix(text, units()[i])
		if !ok {
			continue
		}
		whole, fraction, decimal := strings.Cut(digits, ".")
		count, err := strconv.ParseUint(whole, 10, 63)
		if err != nil || count > math.MaxInt64>>(10*i) || decimal && i == 0 {
			return 0, errSize
		}
		size := count << (10 * i)
		if decimal {
			part, err := strconv.ParseUint(fraction, 10, 32)
			if err != nil {
				return 0, errSize
			}
			size += uint64(float64(part) / math.Pow10(len(fraction)) * float64(uint64(1)<<(10*i)))
		}
		return Size(size), nil
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
