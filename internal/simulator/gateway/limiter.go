package gateway

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// RetryAfter is how a 429 of the rate limit says when to come back.
type RetryAfter string

// The forms of Retry-After.
const (
	RetryCeil  RetryAfter = "ceil"  // whole seconds, rounded up: never too early, so at least 1
	RetryFloor RetryAfter = "floor" // whole seconds, rounded down: 0 for a wait of less than one
	RetryDate  RetryAfter = "date"  // an HTTP date in real time, rounded up
	RetryNone  RetryAfter = "none"  // no header
)

// limiter is the carrier's "appropriate flow restriction": a bucket of burst requests that refills at rps, kept as
// the one time at which it will be full again (GCRA). It is strict: within any span it lets through at most
// burst + span × rps, and a refused request costs nothing. It runs in real time.
type limiter struct {
	interval time.Duration // between two requests; 0: no limit
	slack    time.Duration // how far ahead of the pace a client may be
	say      RetryAfter

	mu   sync.Mutex
	full time.Time
}

func newLimiter(rps float64, burst int, say RetryAfter) *limiter {
	l := &limiter{say: say}
	if rps > 0 {
		// Rounded down by less than a nanosecond, so that a client that paces at exactly 1/rps is never early.
		l.interval = time.Duration(float64(time.Second) / rps)
		l.slack = l.interval * time.Duration(burst-1)
	}
	return l
}

// admit reports whether a request that arrived at a time is let through, and how long a refused one has to wait.
func (l *limiter) admit(arrived time.Time) (wait time.Duration, ok bool) {
	if l.interval == 0 {
		return 0, true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.full.Before(arrived) {
		l.full = arrived
	}
	if early := l.full.Sub(arrived) - l.slack; early > 0 {
		return early, false
	}
	l.full = l.full.Add(l.interval)
	return 0, true
}

// retryAfter writes a wait as the header says it; empty: no header.
func (l *limiter) retryAfter(wait time.Duration) string {
	switch l.say {
	case RetryNone:
		return ""
	case RetryFloor:
		return strconv.Itoa(int(wait / time.Second))
	case RetryDate:
		return time.Now().Add(wait + time.Second - 1).UTC().Format(http.TimeFormat)
	default:
		return ceilSeconds(wait)
	}
}

func ceilSeconds(d time.Duration) string { return strconv.Itoa(int(math.Ceil(d.Seconds()))) }
