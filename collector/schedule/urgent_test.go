package schedule

import (
	"math"
	"testing"
	"time"
)

// What urgency asks is that of the table where it was measured, and between that where it was not.
func TestUrgencyIsThatOfTheTable(t *testing.T) {
	rows := urgentRows()
	if len(rows) != 9 {
		t.Fatalf("%d rows, want three sizes of three intervals", len(rows))
	}
	at := func(minutes, targets float64) float64 {
		return Urgency(time.Duration(minutes*float64(time.Minute)), targets)[12]
	}
	for _, row := range rows {
		if got := at(row.minutes, row.targets); got != row.days[12] || got <= 0 || row.days[DaysOfMonth-1] <= 0 {
			t.Errorf("%g minutes, %g targets: %g, the table has %g", row.minutes, row.targets, got, row.days[12])
		}
	}
	if at(1, 50) != 0 || at(15, 0) != 0 {
		t.Error("who is asked as often as may be, and nobody, is asked more for urgency")
	}
	if math.Abs(at(3, 50)-at(5, 50)/2) > 1e-9 {
		t.Errorf("half way to a minute: %g, want half of %g", at(3, 50), at(5, 50))
	}
	if at(15, 5) != at(15, 50) || at(15, 1e6) != at(15, 2000) || at(240, 300) != at(60, 300) {
		t.Error("beyond the table it is not that of its end")
	}
	for _, of := range [][4]float64{{15, 100, 300, 50}, {30, 300, 15, 60}} {
		low, mid, high := at(15, of[2]), at(of[0], of[1]), at(15, of[3])
		if of[0] == 30 {
			low, high = at(15, 300), at(60, 300)
		}
		if mid <= low || mid >= high {
			t.Errorf("%g is not between %g and %g", mid, low, high)
		}
	}
}
