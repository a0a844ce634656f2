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
