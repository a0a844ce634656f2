package config

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "15m": 15 * time.Minute, "1h30m": 90 * time.Minute, "400d": 400 * day, "1d12h": 36 * time.Hour,
		"0d": 0, "-15m": -15 * time.Minute, "1.5h": 90 * time.Minute,
	} {
		if got, err := ParseDuration(text); err != nil || time.Duration(got) != want {
			t.Errorf("%q is %v, error %v", text, got, err)
		}
	}
	for _, text := range []string{"", "15", "d", "1.5d", "-1d", "1d-1h", "1d2d", "1 d", "200000d", "106751d24h", "1w", "15 m"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("%q is %v, want an error", text, got)
		}
	}
}

// TestDurationReadsBack: what String writes, ParseDuration reads, down to the nanosecond.
func TestDurationReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Duration(rapid.Int64Range(math.MinInt64+1, math.MaxInt64).Draw(t, "ns"))
		if rapid.Bool().Draw(t, "days") {
			want -= want % Duration(day)
		}
		if got, err := ParseDuration(want.String()); err != nil || got != want {
			t.Fatalf("%d wrote %q, read %d, %v", want, want, got, err)
		}
	})
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]Size{
		"0B": 0, "1B": 1, "16MiB": 16 << 20, "2GiB": 2 << 30, "1536KiB": 1536 << 10, "8388607TiB": 8388607 << 40,
		"1.5GiB": 3 << 29, "0.5MiB": 1 << 19, "2.0KiB": 2048, "1.05TiB": 1154487209164, "0.1KiB": 102, "8388607.999TiB": 8388607<<40 + 1098412116148,
	} {
		if got, err := ParseSize(text); err != nil || got != want {
			t.Errorf("%q is %d, error %v", text, got, err)
		}
	}
	for _, text := range []string{"", "2", "GiB", "2GB", "2G", "2gib", "-1B", "+1B", "1.5B", "1.GiB", ".5GiB", "1.5", "1.-5GiB", "1.5e1GiB", "1.5.5GiB", "1,5GiB", "2 GiB", " 2GiB", "8388608TiB", "9223372036854775808B"} {
		if got, err := ParseSize(text); err == nil {
			t.Errorf("%q is %d, want an error", text, got)
		}
	}
}

// TestSizeReadsBack: what String writes, ParseSize reads, and it is short where that loses nothing.
func TestSizeReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Size(rapid.Int64Range(0, math.MaxInt64).Draw(t, "bytes")) >> rapid.IntRange(0, 62).Draw(t, "smaller")
		if got, err := ParseSize(want.String()); err != nil || got != want {
			t.Fatalf("%d wrote %q, read %d, %v", want, want, got, err)
		}
	})
	if got := Size(3 << 39).String(); got != "1536GiB" {
		t.Errorf("one and a half TiB are written %s", got)
	}
}

func TestNearest(t *testing.T) {
	candidates := []string{"interval", "lookback", "dsn", "level", "listen"}
	for word, want := range map[string]string{
		"intervall": "interval", "intreval": "interval", "dns": "dsn", "lissten": "listen", "leel": "level", "x": "", "colour": "", "in": "",
	} {
		if got := nearest(word, candidates); got != want {
			t.Errorf("%q is near %q, want %q", word, got, want)
		}
	}
}

// TestSameAddress: which listeners are in each other's way.
func TestSameAddress(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"127.0.0.1:1", "127.0.0.1:2", false}, {"127.0.0.1:1", "localhost:1", true}, {":1", "10.0.0.1:1", true},
		{"10.0.0.1:1", "[::]:1", true}, {"10.0.0.1:1", "10.0.0.2:1", false}, {":0", ":0", false},
	} {
		if got := sameAddress(test.a, test.b); got != test.want {
			t.Errorf("%s and %s: %v", test.a, test.b, got)
		}
	}
}
