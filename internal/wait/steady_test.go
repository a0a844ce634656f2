package wait_test

import (
	"testing"
	"time"

	"kaisen/internal/wait"
	"kaisen/internal/wait/waittest"
)

func TestASteadyClockIsNotSet(t *testing.T) {
	clock := wait.NewSteady()
	now := time.Now().Add(time.Hour)
	for _, by := range []time.Duration{0, 9 * time.Hour, -9 * time.Hour} {
		set := waittest.Set(now, by)
		if at := clock.At(set); at.Round(0).Sub(now.Round(0)).Abs() > time.Millisecond {
			t.Errorf("set by %v: %v, not %v", by, at, now)
		}
		if shift := clock.Shift(set); (shift - by).Abs() > time.Millisecond {
			t.Errorf("set by %v, found %v", by, shift)
		}
	}
	if stored := now.Round(0); !clock.At(stored).Equal(stored) || !clock.At(time.Time{}).IsZero() {
		t.Error("a time without a monotonic reading is changed")
	}
}
