package e2e

import (
	"flag"
	"os"
	"testing"
)

// TestMain lets all tests run side by side wherever there are fewer processors: they do little but wait, the longest for six minutes.
func TestMain(m *testing.M) {
	flag.Parse()
	if side := flag.Lookup("test.parallel"); side.Value.String() == "1" || side.Value.String() == "2" || side.Value.String() == "3" {
		if err := side.Value.Set("4"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
