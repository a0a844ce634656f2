// Package racetest keeps long calculations out of the race detector, under which they take five to ten times as long and
// in which it finds nothing that a short one does not show. `make test` runs the tests that call this package a second time without
// the detector, whole: it finds them by these calls, so each stands in the test itself.
package racetest

import "testing"

// Skip leaves a test out of a binary with the race detector.
func Skip(t testing.TB) {
	t.Helper()
	if enabled {
		t.Skip("a long calculation, which make test does without the race detector")
	}
}

// Fewer is all, and fewer of them in a binary with the race detector.
func Fewer(all, fewer int) int {
	if enabled {
		return fewer
	}
	return all
}
