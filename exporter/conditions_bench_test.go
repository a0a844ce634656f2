package exporter

import (
	"testing"
	"time"
)

// BenchmarkConditions100k is what a scrape pays to count 100,000 lines by condition.
func BenchmarkConditions100k(b *testing.B) {
	f, _ := benchFleet(everySeries)
	for b.Loop() {
		f.Conditions(time.Now())
	}
}
