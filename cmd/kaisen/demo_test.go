package main

import (
	"testing"

	"kaisen/internal/simulator"
)

// TestADemoOfAnySize: however few lines somebody asks for, there is a carrier with them.
func TestADemoOfAnySize(t *testing.T) {
	for _, lines := range []int{1, 2, 3, 4, 5, 8, 10, 11, 12, 13, 40, 60, 200, 3000} {
		sim := simulator.DefaultConfig()
		sim.Lines = lines
		sim = smallEnough(sim)
		if _, err := simulator.New(sim); err != nil {
			t.Errorf("%d lines: %v", lines, err)
		}
		if wantShare := lines >= 4; wantShare != (sim.ShareLines > 0) {
			t.Errorf("%d lines: a share group of %d", lines, sim.ShareLines)
		}
	}
}
