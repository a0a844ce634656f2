// Package envtest lets the environment say how much a test or a benchmark does: a little where nothing is said, and as much as there is
// time for where a variable says so.
package envtest

import (
	"os"
	"strconv"
	"testing"
)

// Number is the number that a variable of the environment has, or the usual one where it is empty or not set.
func Number(t testing.TB, variable string, usual int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}
