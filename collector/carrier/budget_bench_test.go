package carrier

import (
	"fmt"
	"log/slog"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// BenchmarkBudget sends a thousand requests in real time to a server with a strict bucket, which is where timers,
// scheduler and network make the difference that virtual time cannot show. Run it with -benchtime 1x.
func BenchmarkBudget(b *testing.B) {
	for _, c := range []struct {
		client, server, retryAfter int
	}{
		{10, 10, -1}, {10, 10, 1}, {1, 1, -1}, {1, 1, 1}, {10, 1, -1}, {10, 1, 1},
	} {
		b.Run(fmt.Sprintf("client=%d/server=%d/retryafter=%d", c.client, c.server, c.retryAfter), func(b *testing.B) {
			for b.Loop() {
				benchmarkBudget(b, c.client, c.server, c.retryAfter)
			}
		})
	}
}

func benchmarkBudget(b *testing.B, clientBurst, serverBurst, retryAfter int) {
	const requests, rate = 1000, 100
	bucket := newBucket(rate, serverBurst)
	server := httptest.NewServer(bucket.serve(25*time.Millisecond, retryAfter))
	defer server.Close()
	cfg := DefaultConfig()
	cfg.Source, cfg.BaseURL, cfg.TokenURL = "bench", server.URL, server.URL
	cfg.ClientID, cfg.ClientSecret = "id", "secret"
	cfg.Limit = Limit{RequestsPerSecond: rate, Burst: clientBurst, MaxInFlight: 8}
	client, err := New(cfg, nil, NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	defer client.CloseIdleConnections()
	if _, err := client.tokens.get(b.Context()); err != nil {
		b.Fatal(err)
	}
	work := make(chan struct{}, requests)
	for range requests {
		work <- struct{}{}
	}
	close(work)
	start := time.Now()
	var workers sync.WaitGroup
	for range 16 {
		workers.Go(func() {
			for range work {
				if _, err := client.Get(b.Context(), "traffic", "/", nil); err != nil {
					b.Error(err)
				}
			}
		})
	}
	workers.Wait()
	ideal := requests / float64(rate)
	b.ReportMetric(time.Since(start).Seconds()/ideal, "x-ideal")
	b.ReportMetric(float64(bucket.refused), "rejected/op")
	b.ReportMetric(client.budget.pacer.margin.Seconds()*1e3, "margin-ms")
	b.ReportMetric(client.budget.pacer.rate, "rate")
}
