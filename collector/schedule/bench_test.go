package schedule

import (
	"runtime"
	"testing"
	"time"
	"unsafe"
)

// BenchmarkMillion is a decision (Next, Began, Answered) in a fleet of a million lines, and what it holds of a target.
// Promised are 100,000 decisions a second and 200 bytes.
func BenchmarkMillion(b *testing.B) {
	const lines = 1_000_000
	config := DefaultConfig()
	config.Jobs = []Job{{Name: "traffic", Interval: 15 * time.Minute}}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	p, err := New(config)
	if err != nil {
		b.Fatal(err)
	}
	p.SetBudget(start(), 200)
	for range lines {
		p.Add(start(), 0, Spec{})
	}
	now := start()
	var days [30]uint64
	ask := func() {
		h, due, _ := p.Next(now)
		if due.After(now) {
			now = due
		}
		p.Began(now, h)
		a := using(now, float64(h%5000))
		a.Days = days[:]
		p.Answered(now, h, a)
	}
	for range lines { // once each
		ask()
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ResetTimer()
	for b.Loop() {
		ask()
	}
	bytes := float64(after.HeapAlloc-before.HeapAlloc) / lines
	b.ReportMetric(bytes, "B/target")
	b.ReportMetric(bytes/200, "of-promised-memory")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "decisions/s")
	b.ReportMetric(1e5/(float64(b.N)/b.Elapsed().Seconds()), "of-promised-time")
}

// BenchmarkRestore is taking in 100,000 lines with four samples each, as at the start of the service.
func BenchmarkRestore(b *testing.B) {
	config := DefaultConfig()
	config.Jobs = []Job{{Name: "traffic", Interval: 15 * time.Minute}}
	samples := make([]Answer, 4)
	for i := range samples {
		samples[i] = using(start().Add(time.Duration(i)*time.Hour), 1000)
	}
	for b.Loop() {
		p, _ := New(config)
		p.SetBudget(start(), 5)
		for range 100_000 {
			p.Restore(start().Add(4*time.Hour), p.Add(start().Add(4*time.Hour), 0, Spec{}), History{Samples: samples})
		}
	}
}

// TestTargetIsSmall keeps a million targets, with the places in two lanes, within 200 MB.
func TestTargetIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(target{}) + 2*4*5/4; size > 200 { // a lane grows by a quarter
		t.Errorf("a target takes %d bytes", size)
	}
}
