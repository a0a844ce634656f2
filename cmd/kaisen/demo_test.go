package main

import (
	"net"
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

// TestPortOfADemo: what is printed is where it listens, and only port 0 is replaced.
func TestPortOfADemo(t *testing.T) {
	for _, address := range []string{"", "127.0.0.1:9000", ":8123", "nonsense"} {
		if got, err := withPort(t.Context(), address); got != address || err != nil {
			t.Errorf("%q becomes %q, %v", address, got, err)
		}
	}
	got, err := withPort(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host, port, err := net.SplitHostPort(got)
	if err != nil || host != "127.0.0.1" || port == "0" {
		t.Errorf("127.0.0.1:0 becomes %q, %v", got, err)
	}
}
