package capacity

import (
	"cmp"
	"context"
	"encoding/json"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"kaisen/exporter/fleet"
	"kaisen/schema"
)

// half is what came of one of the two processes.
type half struct {
	Asked       map[string]float64 // an hour, by job
	OwnRadius   map[string][]int   // lines with a RADIUS of their own, by source and contract
	Lines       int                // that were asked
	Turn, Worst float64            // seconds from one answer of a line to its next, on average and at most
	Rows        float64            // of traffic_samples, a day
	Heap, Peak  float64            // bytes: of collectors and gauges; resident, the simulated carrier included
	Scrape      float64            // bytes
	CPU         float64            // seconds an hour, the simulated carrier included
}

// TestHalfAMillion is one of the two processes.
func TestHalfAMillion(t *testing.T) {
	part, file := os.Getenv("KAISEN_MILLION_PART"), os.Getenv("KAISEN_MILLION_FILE")
	if file == "" {
		t.Skip("TestTheMillionIsAsPlanned starts it")
	}
	const warm, measured = 130 * time.Minute, 4 * time.Hour // the first turn, and two more
	cfg, has := aMillion(t, ofMillion(t), part)
	var is half
	synctest.Test(t, func(t *testing.T) {
		beginning{1, 13}.await(warm)
		gauges := fleet.DefaultConfig()
		gauges.MaxLines, gauges.StaleAfter = cfg.Exporter.MaxLines, func(string, string) time.Duration { return 0 }
		sink := &turns{fleet: fleet.New(gauges), answered: make(map[schema.LineKey]time.Time)}
		p := newProcess(t, cfg, has, 1, sink)
		end := p.run(t.Context())
		time.Sleep(warm)
		p.forget()
		sink.forget()
		began := cpuSeconds()
		time.Sleep(measured)
		is.CPU = (cpuSeconds() - began) / measured.Hours()
		is.Asked = map[string]float64{}
		for _, asked := range p.asked(measured) {
			for job, n := range jobsOf(asked) {
				is.Asked[job] += n
			}
		}
		end()
		sink.fleet.Exposition().Render()
		written := &counting{}
		_ = sink.fleet.Exposition().Write(written, 0, false, nil)
		is.Scrape, is.Lines, is.Rows = float64(written.bytes), len(sink.answered), sink.samples*24/measured.Hours()
		is.Turn, is.Worst = sink.gaps/max(1, sink.count), sink.longest
		sink.answered = nil
		with := heapInUse()
		p.watching, sink.fleet, p.registry = nil, nil, nil
		is.Heap = with - heapInUse()
		runtime.KeepAlive(p)
	})
	is.OwnRadius = map[string][]int{}
	for source, of := range has.Sources {
		for _, contract := range of.Contracts {
			is.OwnRadius[source] = append(is.OwnRadius[source], contract.OwnRadius)
		}
	}
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	is.Peak = float64(used.Maxrss) * 1024
	text, err := json.Marshal(is)
	if err = cmp.Or(err, os.WriteFile(file, text, 0o600)); err != nil {
		t.Fatal(err)
	}
}

// turns is a sink with gauges, which sees how long lines wait from one answer to the next.
type turns struct {
	fleet *fleet.Fleet

	mu                   sync.Mutex
	answered             map[schema.LineKey]time.Time
	samples, gaps, count float64
	longest              float64
}

// Write implements collector.Sink.
func (s *turns) Write(_ context.Context, b schema.Batch) error {
	s.fleet.Write(b)
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	for i := range b.Traffic {
		s.samples++
		if b.Traffic[i].Scope != schema.ScopeLine {
			continue
		}
		key := b.Traffic[i].LineKey
		if last, known := s.answered[key]; known {
			gap := now.Sub(last).Seconds()
			s.gaps, s.count, s.longest = s.gaps+gap, s.count+1, max(s.longest, gap)
		} else {
			key = schema.LineKey{Source: strings.Clone(key.Source), ContractID: strings.Clone(key.ContractID), LineNo: strings.Clone(key.LineNo)}
		}
		s.answered[key] = now
	}
	return nil
}

func (s *turns) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.answered)
	s.samples, s.gaps, s.count, s.longest = 0, 0, 0, 0
}

// counting counts what is written.
type counting struct{ bytes int }

func (c *counting) Write(p []byte) (int, error) {
	c.bytes += len(p)
	return len(p), nil
}

func heapInUse() float64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return float64(stats.HeapAlloc)
}

func cpuSeconds() float64 {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return float64(used.Utime.Nano()+used.Stime.Nano()) / 1e9
}
