package clickhouse

import "testing"

// What a start, and each look for what is gone, works out before it asks the database anything.
func BenchmarkSteps(b *testing.B) {
	for b.Loop() {
		steps, err := Steps(Layout{})
		if err != nil {
			b.Fatal(err)
		}
		made(steps, nil)
	}
}
