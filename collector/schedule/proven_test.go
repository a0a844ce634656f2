package schedule

import (
	"math"
	"testing"
	"time"
)

// The delays that a plan tells are those of the table, which has three budgets for each of two sizes and four models.
func TestProvenDelaysAreThoseOfTheTable(t *testing.T) {
	all := ProvenDelays()
	if len(all) != 24 {
		t.Fatalf("%d rows of the planner, want 24", len(all))
	}
	for _, row := range all {
		if row.Turn <= 0 || row.Mean <= 0 || row.P95 < row.Mean {
			t.Errorf("a row was not read: %+v", row)
		}
		if mean, p95 := ProvenDelay(row.Traffic, row.Turn); mean != row.Mean || p95 != row.P95 {
			t.Errorf("%+v is told as %s and %s", row, mean, p95)
		}
	}
	if _, short := ProvenDelay("bursts", time.Minute); short != 1*time.Minute+42*time.Second {
		t.Errorf("below the shortest turn %s, want that of the shortest", short)
	}
	low, _ := ProvenDelay("bursts", 2000*time.Second)
	mid, _ := ProvenDelay("bursts", 3000*time.Second)
	high, _ := ProvenDelay("bursts", 5000*time.Second)
	if mid <= low || mid >= high {
		t.Errorf("%s is not between %s and %s", mid, low, high)
	}
}

// A bound that is told is that of a planner.
func TestBoundIsThePlanners(t *testing.T) {
	now := time.Date(2026, 11, 10, 12, 0, 0, 0, DefaultConfig().Zone)
	job := Job{Name: "traffic", Interval: 15 * time.Minute}
	for _, rate := range []float64{0.01, 0.1, 0.15, 0.3, 5, math.Inf(1)} {
		config := DefaultConfig()
		config.Jobs = []Job{job}
		p, err := New(config)
		if err != nil {
			t.Fatal(err)
		}
		for range 100 {
			p.Add(now, 0, Spec{})
		}
		p.SetBudget(now, rate)
		if got, want := job.Bound(100, rate), p.Summary(now).Jobs[0].Bound; got != want {
			t.Errorf("at %v a second %s, the planner has %s", rate, got, want)
		}
	}
}
