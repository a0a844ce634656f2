package spool

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// BenchmarkBytesWritten is what a disk gets of an answer where five come a second, as of a source at the carrier's limit:
// what is written, and what the system counts as changed on the disk, page by page. The target is at most 2 KiB. An iteration
// takes as long as the answers do: 30 s.
func BenchmarkBytesWritten(b *testing.B) {
	const answers = 150
	var wrote, changed int
	for b.Loop() {
		o := benchOutbox(b, DefaultConfig(), discard{})
		ended := make(chan error, 1)
		ctx, stop := context.WithCancel(b.Context())
		go func() { ended <- o.Run(ctx) }()
		tick := time.NewTicker(time.Second / 5)
		before := writtenSoFar(b)
		for i := range answers {
			<-tick.C
			if err := o.Post(b.Context(), answer(i%1000, i/1000), nil); err != nil {
				b.Fatal(err)
			}
		}
		tick.Stop()
		stop()
		if err := <-ended; err != nil {
			b.Fatal(err)
		}
		after := writtenSoFar(b)
		wrote, changed = wrote+after[0]-before[0], changed+after[1]-before[1]
	}
	b.ReportMetric(float64(wrote)/float64(answers*b.N), "bytes-written/answer")
	b.ReportMetric(float64(changed)/float64(answers*b.N), "bytes-changed-on-disk/answer")
}

// writtenSoFar is the bytes that this process has written, and those that it has changed on disks.
func writtenSoFar(b *testing.B) (n [2]int) {
	text, err := os.ReadFile("/proc/self/io")
	if err != nil {
		b.Skip(err)
	}
	for line := range strings.Lines(string(text)) {
		_, _ = fmt.Sscanf(line, "wchar: %d", &n[0])
		_, _ = fmt.Sscanf(line, "write_bytes: %d", &n[1])
	}
	return n
}
