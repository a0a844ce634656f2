package ratelimit

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
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
				benchmarkBudget(b, "", c.client, c.server, c.retryAfter)
			}
		})
	}
	b.Run("client=1/server=1/operation", func(b *testing.B) {
		for b.Loop() {
			benchmarkBudget(b, "traffic", 1, 1, -1)
		}
	})
}

func benchmarkBudget(b *testing.B, operation string, clientBurst, serverBurst, retryAfter int) {
	const requests, rate = 1000, 100
	bucket := newBucket(rate, serverBurst)
	server := httptest.NewServer(bucket.serve(25*time.Millisecond, retryAfter))
	defer server.Close()
	cfg := testConfig()
	cfg.Limit = Limit{RequestsPerSecond: rate, Burst: clientBurst, MaxInFlight: 8}
	transport := newTransport(cfg, &http.Transport{MaxIdleConnsPerHost: cfg.MaxInFlight})
	defer transport.CloseIdleConnections()
	took := sweep(b, asking(transport, operation), server.URL, 16, requests)
	b.ReportMetric(took.Seconds()*rate/requests, "x-ideal")
	b.ReportMetric(float64(bucket.refused), "rejected/op")
	b.ReportMetric(transport.account.pacer.margin.Seconds()*1e3, "margin-ms")
	b.ReportMetric(transport.account.pacer.rate, "rate")
}

// BenchmarkPass is what the budget itself costs a request that nothing holds up.
func BenchmarkPass(b *testing.B) {
	for _, operation := range []string{"", "traffic"} {
		b.Run("operation="+operation, func(b *testing.B) {
			cfg := testConfig()
			cfg.RequestsPerSecond = 0
			resp := reply(http.StatusOK)
			transport := newTransport(cfg, passing{resp})
			req := request(b.Context(), "/")
			req = req.WithContext(WithCall(req.Context(), &Call{Operation: operation, Item: "/"}))
			b.ReportAllocs()
			for b.Loop() {
				answer := *resp
				transport.base = passing{&answer}
				got, err := transport.RoundTrip(req)
				if err != nil {
					b.Fatal(err)
				}
				_ = got.Body.Close()
			}
		})
	}
}

// passing answers at once.
type passing struct{ resp *http.Response }

func (p passing) RoundTrip(*http.Request) (*http.Response, error) { return p.resp, nil }
