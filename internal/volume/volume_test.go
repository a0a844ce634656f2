package volume

import (
	"math"
	"testing"
)

func TestText(t *testing.T) {
	for bytes, want := range map[uint64]string{
		0: "0 B", 999: "999 B", 1000: "0.98 KB", 1024: "1.00 KB", 10234: "9.99 KB", 10235: "10.0 KB", 100 * 1024: "100 KB",
		1<<20 - 1: "1.00 MB", 999<<20 + 1<<19: "0.98 GB", 7_521_435_648: "7.00 GB", 45 * GB / 2: "22.5 GB", math.MaxUint64: "16.0 EB",
	} {
		if got := Text(bytes); got != want {
			t.Errorf("%d: %s, want %s", bytes, got, want)
		}
	}
}

func TestUnit(t *testing.T) {
	for bytes, want := range map[float64]string{0: "B", 1023: "B", 1024: "KB", 1023 * MB: "MB", GB: "GB", 1e30: "EB"} {
		name, size := Unit(bytes)
		if name != want {
			t.Errorf("%g: %s, want %s", bytes, name, want)
		}
		if want == "GB" && size != GB {
			t.Errorf("a %s has %g bytes", name, size)
		}
	}
}
