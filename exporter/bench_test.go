package exporter

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/sourcegraph/conc"

	"kaisen/exporter/fleet"
	"kaisen/schema"
)

const benchLines = 100_000

// eightSeries is an answer that makes eight series: month, today, five of the restriction, and the time. (With a
// remaining volume and both codes, as most lines have, it would be twelve.)
func eightSeries(line int, random *rand.Rand) schema.TrafficSample {
	now := time.Now()
	return schema.TrafficSample{
		LineKey:     benchLine(line),
		Scope:       schema.ScopeLine,
		ObservedAt:  now.Truncate(time.Second),
		ReceivedAt:  now,
		MonthBytes:  schema.Some(random.Uint64N(20e9)),
		TodayBytes:  schema.Some(random.Uint64N(1e9)),
		Restriction: schema.RestrictionNone,
	}
}

// everySeries is an answer with nothing missing: twelve series, and an inventory row makes them thirteen.
func everySeries(line int, random *rand.Rand) schema.TrafficSample {
	s := eightSeries(line, random)
	s.RemainingBytes = schema.Some(random.Uint64N(20e9))
	s.LimitStatus1, s.LimitStatus2 = schema.Some(uint8(0)), schema.Some(uint8(0))
	return s
}

func benchLine(i int) schema.LineKey {
	return schema.LineKey{Source: "hq", ContractID: fmt.Sprintf("N%09d", 100000000+i/1000), LineNo: fmt.Sprintf("090%08d", 10000000+7*i)}
}

func heapBytes() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// benchFleet is a fleet of a hundred thousand lines, rendered, and the heap it takes.
func benchFleet(answer func(int, *rand.Rand) schema.TrafficSample) (f *fleet.Fleet, heap uint64) {
	before := heapBytes()
	f = fleet.New(fleet.DefaultConfig())
	random := rand.New(rand.NewPCG(1, 2))
	for i := range benchLines {
		f.Write(schema.Batch{Traffic: []schema.TrafficSample{answer(i, random)}})
	}
	f.Exposition().Render()
	return f, heapBytes() - before
}

// BenchmarkScrape100k scrapes 100,000 lines × 8 series over HTTP while 1,000 of the lines change every second; beside
// it, in the same run, what client_golang does with the same series as const metrics.
func BenchmarkScrape100k(b *testing.B) {
	for _, fleet := range []struct {
		name   string
		answer func(int, *rand.Rand) schema.TrafficSample
	}{{"8series", eightSeries}, {"12series", everySeries}} {
		f, heap := benchFleet(fleet.answer)
		stop := keepChanging(f, fleet.answer)
		handler := newScrape(f.Exposition(), prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
		var alone time.Duration // of the processor, a scrape
		b.Run(fleet.name+"/bare", func(b *testing.B) { alone = benchScrapes(b, bare(handler), "identity") })
		for _, encoding := range []string{"identity", "gzip"} {
			b.Run(fleet.name+"/"+encoding, func(b *testing.B) {
				took := benchScrapes(b, handler, encoding)
				b.ReportMetric(float64(took)/float64(alone), "x-cpu-bare")
				b.ReportMetric(float64(heap)/1e6, "MB-heap")
			})
		}
		stop()
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(newConstLines())
	handler := promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	for _, encoding := range []string{"identity", "gzip"} {
		b.Run("client_golang/"+encoding, func(b *testing.B) { benchScrapes(b, handler, encoding) })
	}
}

// bare writes the same bytes as an exposition has, which lie in memory: nothing that is made anew could be quicker.
func bare(handler http.Handler) http.Handler {
	whole := httptest.NewRecorder()
	handler.ServeHTTP(whole, httptest.NewRequest(http.MethodGet, "/", nil))
	text := whole.Body.Bytes()
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for piece := range slices.Chunk(text, 256<<10) {
			_, _ = w.Write(piece)
		}
	})
}

// BenchmarkRender100k is the price of freshness: half a second's changes to 100,000 lines, rendered and compressed. Run
// pays it twice a second.
func BenchmarkRender100k(b *testing.B) {
	f, _ := benchFleet(everySeries)
	random := rand.New(rand.NewPCG(5, 6))
	for b.Loop() {
		for range benchLines / 200 {
			f.Write(schema.Batch{Traffic: []schema.TrafficSample{everySeries(random.IntN(benchLines), random)}})
		}
		f.Exposition().Render()
	}
}

// keepChanging writes a thousand answers a second and renders, as the service would.
func keepChanging(f *fleet.Fleet, answer func(int, *rand.Rand) schema.TrafficSample) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var group conc.WaitGroup
	group.Go(func() { _ = f.Exposition().Run(ctx) })
	group.Go(func() {
		random := rand.New(rand.NewPCG(3, 4))
		ticker := time.NewTicker(10 * time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			for range benchLines / 100 / 100 {
				f.Write(schema.Batch{Traffic: []schema.TrafficSample{answer(random.IntN(benchLines), random)}})
			}
		}
	})
	return func() { cancel(); group.Wait() }
}

// benchScrapes returns what a scrape takes of the processors, the client's part too.
func benchScrapes(b *testing.B, handler http.Handler, encoding string) (took time.Duration) {
	server := httptest.NewServer(handler)
	defer server.Close()
	client := server.Client()
	client.Transport.(*http.Transport).DisableCompression = true
	var bytes int64
	var slowest time.Duration
	began := cpuTime()
	for b.Loop() {
		start := time.Now()
		request, _ := http.NewRequest(http.MethodGet, server.URL, nil)
		request.Header.Set("Accept-Encoding", encoding)
		response, err := client.Do(request)
		if err != nil {
			b.Fatal(err)
		}
		bytes, err = io.Copy(io.Discard, response.Body)
		if err != nil {
			b.Fatal(err)
		}
		response.Body.Close()
		slowest = max(slowest, time.Since(start))
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/scrape")
	took = (cpuTime() - began) / time.Duration(b.N)
	b.ReportMetric(float64(took.Microseconds())/1000, "ms-cpu/scrape")
	b.ReportMetric(float64(slowest.Milliseconds()), "ms-slowest")
	b.ReportMetric(float64(bytes)/1e6, "MB/scrape")
	return took
}

// cpuTime is what this process has taken of the processors, the client's part too.
func cpuTime() time.Duration {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// constLines is the usual way: a collector that makes const metrics at each scrape.
type constLines struct {
	bytes, restriction, observed *prometheus.Desc
	lines                        []schema.TrafficSample
}

func newConstLines() *constLines {
	labels := []string{"source", "contract_id", "line_no", "scope"}
	c := &constLines{
		bytes:       prometheus.NewDesc("kaisen_line_bytes", "Bytes.", append(labels, "period"), nil),
		restriction: prometheus.NewDesc("kaisen_line_restriction", "State set.", append(labels, "restriction"), nil),
		observed:    prometheus.NewDesc("kaisen_line_observed_timestamp_seconds", "Time.", labels, nil),
	}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range benchLines {
		c.lines = append(c.lines, eightSeries(i, random))
	}
	return c
}

func (c *constLines) Describe(descs chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, descs) }

func (c *constLines) Collect(metrics chan<- prometheus.Metric) {
	for _, l := range c.lines {
		gauge := func(desc *prometheus.Desc, v float64, more ...string) {
			values := append([]string{l.Source, l.ContractID, l.LineNo, string(l.Scope)}, more...)
			metrics <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, v, values...)
		}
		gauge(c.bytes, float64(l.MonthBytes.V), "month")
		gauge(c.bytes, float64(l.TodayBytes.V), "today")
		for _, r := range schema.Restrictions() {
			holds := 0.0
			if r == l.Restriction {
				holds = 1
			}
			gauge(c.restriction, holds, string(r))
		}
		gauge(c.observed, float64(l.ObservedAt.Unix()))
	}
}
