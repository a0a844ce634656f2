package carrier

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics are the self-metrics of all accounts of a process; the accounts differ by the label source.
type Metrics struct {
	requests  *prometheus.CounterVec
	duration  *prometheus.HistogramVec
	throttled *prometheus.CounterVec
	waited    *prometheus.CounterVec
	warnings  *prometheus.CounterVec
	budgets   *budgets
	dates     *prometheus.CounterVec
}

// NewMetrics registers the metrics; it panics like every MustRegister if they are registered already.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kaisen_api_requests_total",
			Help: "Requests sent to the carrier by the status of the answer, or a word where there was none.",
		}, []string{"source", "operation", "code"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:                            "kaisen_api_request_duration_seconds",
			Help:                            "Time from a request's departure to the end of its answer, without the wait in the budget.",
			Buckets:                         []float64{0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30},
			NativeHistogramBucketFactor:     1.1,
			NativeHistogramMaxBucketNumber:  100,
			NativeHistogramMinResetDuration: time.Hour,
		}, []string{"source", "operation"}),
		throttled: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kaisen_api_throttled_total",
			Help: "Answers with which the carrier asked for less: 429, 503, a gateway's 500 that speaks of a limit, resultCode 2.",
		}, []string{"source", "reason"}),
		waited: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kaisen_rate_limit_wait_seconds_total",
			Help: "Time that requests spent waiting in the request budget.",
		}, []string{"source"}),
		warnings: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kaisen_parse_warnings_total",
			Help: "Odd values met in answers that were decoded all the same.",
		}, []string{"operation", "field", "reason"}),
		dates: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kaisen_api_dates_rejected_total",
			Help: "Answers whose Date header was out of the bounds of the account's other answers and of kaisen's own clock, by which they were dated.",
		}, []string{"source", "operation"}),
	}
	m.budgets = newBudgets()
	reg.MustRegister(m.requests, m.duration, m.throttled, m.budgets, m.waited, m.warnings, m.dates)
	return m
}

// tallies are the metrics of an account's requests: to look them up for each request takes as long as to count it.
type tallies struct {
	mu  sync.Mutex
	all map[[2]string]sent // by operation and code
}

// sent is the requests of an operation that had a code.
type sent struct {
	count    prometheus.Counter
	duration prometheus.Observer
}

// observe counts one request that was sent. Code is the HTTP status as text, or a word.
func (t *tallies) observe(m *Metrics, source, operation, code string, took time.Duration) {
	of := [2]string{operation, code}
	t.mu.Lock()
	s, known := t.all[of]
	if !known {
		s = sent{m.requests.WithLabelValues(source, operation, code), m.duration.WithLabelValues(source, operation)}
		t.all[of] = s
	}
	t.mu.Unlock()
	s.count.Inc()
	s.duration.Observe(took.Seconds())
}

// Tally counts what was sent on behalf of one context: a sweep's own share of an account that several jobs use.
type Tally struct {
	Requests  atomic.Uint64 // sent, tokens included
	Throttled atomic.Uint64 // answers that asked for less
}

type tallyKey struct{}

// WithTally makes every request under the context count into t.
func WithTally(ctx context.Context, t *Tally) context.Context {
	return context.WithValue(ctx, tallyKey{}, t)
}

// tallyOf is the tally of a context, or one that nobody reads.
func tallyOf(ctx context.Context) *Tally {
	if t, ok := ctx.Value(tallyKey{}).(*Tally); ok {
		return t
	}
	return new(Tally)
}
