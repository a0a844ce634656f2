package ratelimit

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// bucket is a server's strict token bucket: what is not there is refused, and a refusal costs nothing.
type bucket struct {
	mu      sync.Mutex
	rate    float64
	size    float64
	level   float64
	at      time.Time
	taken   int
	refused int
}

func newBucket(rate float64, size int) *bucket {
	return &bucket{rate: rate, size: float64(size), level: float64(size), at: time.Now()}
}

// take is whether a request may pass now. Levels are compared with a hair's slack, for floating point.
func (b *bucket) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	b.level = min(b.size, b.level+now.Sub(b.at).Seconds()*b.rate)
	b.at = now
	if b.level < 1-1e-9 {
		b.refused++
		return false
	}
	b.level--
	b.taken++
	return true
}

// counts are how many requests were taken, and how many refused.
func (b *bucket) counts() (taken, refused int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.taken, b.refused
}

// serve answers like a carrier behind the bucket; retryAfter in seconds, negative for none.
func (b *bucket) serve(latency time.Duration, retryAfter int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if !b.take() {
			if retryAfter >= 0 {
				w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
			}
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		time.Sleep(latency)
		_, _ = w.Write([]byte(`{"contractId":"N123456789"}`))
	}
}
