package exporter

import (
	"math/rand/v2"
	"testing"
	"time"

	"kaisen/schema"
)

// BenchmarkConditions100k is what a scrape pays to count 100,000 lines by condition, when 1,000 of them were told of since the last one.
func BenchmarkConditions100k(b *testing.B) {
	f, _ := benchFleet(everySeries)
	random := rand.New(rand.NewPCG(7, 8))
	for b.Loop() {
		b.StopTimer()
		for range benchLines / 100 {
			f.Write(schema.Batch{Traffic: []schema.TrafficSample{everySeries(random.IntN(benchLines), random)}})
		}
		b.StartTimer()
		f.Conditions(time.Now())
	}
}
