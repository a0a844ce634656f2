package collector

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/schema"
)

// Metrics are the collector's own: how the jobs go, and what the inventory holds. One serves all accounts.
type Metrics struct {
	duration    *prometheus.GaugeVec
	lastSuccess *prometheus.GaugeVec
	items       *prometheus.GaugeVec
	lines       *prometheus.GaugeVec
	truncated   *prometheus.GaugeVec

	orders  *orderGauges
	behind  *prometheus.Desc
	resting *prometheus.Desc

	mu      sync.Mutex
	watched []watched
	since   map[watched]time.Time // when each started; what it missed before is not its lag
}

// watched is a collector as its metrics see it.
type watched interface {
	account() string                                      // the label source
	behind(since, now time.Time) map[string]time.Duration // by job
	resting() map[string]bool                             // by job, of those that may have to rest
}

// NewMetrics registers the collector's metrics.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		vec := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
		reg.MustRegister(vec)
		return vec
	}
	m := &Metrics{
		duration:    gauge("kaisen_job_duration_seconds", "How long the last finished sweep of a job took.", "source", "job"),
		lastSuccess: gauge("kaisen_job_last_success_timestamp_seconds", "When a sweep of a job last ended with nothing left undone.", "source", "job"),
		items:       gauge("kaisen_job_items", "Items of the last finished sweep of a job: lines, or contracts for lists and logs, and orders. Left are those that the interval had no time for.", "source", "job", "outcome"),
		lines:       gauge("kaisen_lines", "Lines in the inventory: active ones are polled, not_found were answered 404, removed left the carrier's list.", "source", "contract_id", "state"),
		truncated:   gauge("kaisen_inventory_truncated", "1 if the carrier's list of lines was cut at 1,000 rows.", "source", "contract_id"),
		orders:      newOrderGauges(),
		behind: prometheus.NewDesc("kaisen_job_behind_seconds",
			"How far the item that waited longest is past its job's interval; 0 if all are in time.", []string{"source", "job"}, nil),
		resting: prometheus.NewDesc("kaisen_job_resting",
			"1 while the carrier does not answer the job at this time of day or week; 0 otherwise.", []string{"source", "job"}, nil),
		since: make(map[watched]time.Time),
	}
	reg.MustRegister(m, m.orders)
	return m
}

func (m *Metrics) watch(w watched) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.watched = append(m.watched, w)
}

func (m *Metrics) started(w watched, at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.since[w] = at
}

// finished shows the run of a job.
func (m *Metrics) finished(s schema.Sweep, left int64, success bool) {
	m.duration.WithLabelValues(s.Source, s.Job).Set(s.FinishedAt.Sub(s.StartedAt).Seconds())
	m.items.WithLabelValues(s.Source, s.Job, "ok").Set(float64(s.OK))
	m.items.WithLabelValues(s.Source, s.Job, "failed").Set(float64(s.Failed))
	m.items.WithLabelValues(s.Source, s.Job, "left").Set(float64(left))
	if success {
		m.lastSuccess.WithLabelValues(s.Source, s.Job).Set(float64(s.FinishedAt.UnixMilli()) / 1000)
	}
}

// countLines shows what the inventory holds; every state is present, so that a 0 can be told from an absence.
func (m *Metrics) countLines(u *Unom) {
	for _, contract := range u.cfg.Contracts {
		counts := u.fleet.count(contract)
		for _, state := range []schema.LineState{schema.LineActive, schema.LineNotFound, schema.LineRemoved} {
			m.lines.WithLabelValues(u.cfg.Source, contract, string(state)).Set(float64(counts[state]))
		}
	}
}

// Describe and Collect show how far behind each job is at the time of the scrape, and which ones rest.
func (m *Metrics) Describe(descs chan<- *prometheus.Desc) {
	descs <- m.behind
	descs <- m.resting
}

// Collect implements prometheus.Collector.
func (m *Metrics) Collect(metrics chan<- prometheus.Metric) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	for _, w := range m.watched {
		since, running := m.since[w]
		if !running {
			continue
		}
		for job, behind := range w.behind(since, now) {
			metrics <- prometheus.MustNewConstMetric(m.behind, prometheus.GaugeValue, behind.Seconds(), w.account(), job)
		}
		for job, resting := range w.resting() {
			metrics <- prometheus.MustNewConstMetric(m.resting, prometheus.GaugeValue, boolToFloat(resting), w.account(), job)
		}
	}
}

// behind is how far each job's oldest item is past its interval: a line for the jobs that poll lines, the whole job
// for the others.
func (u *Unom) behind(since, now time.Time) map[string]time.Duration {
	behind := make(map[string]time.Duration)
	for _, job := range []string{JobLines, JobAuthentications, JobSessions, JobContract, JobProducts, JobOrders} {
		if u.on(job) {
			behind[job] = u.behindWhole(job, since, now)
		}
	}
	polls := map[string]int{JobTraffic: pollTraffic, JobDataShare: pollDataShare, JobSession: pollSession}
	for job := range polls {
		if u.cfg.Jobs[job].Interval > 0 {
			behind[job] = 0
		}
	}
	u.fleet.each(func(l *line) {
		for job, poll := range polls {
			interval := u.cfg.Jobs[job].Interval
			if interval > 0 && (poll != pollDataShare || l.share().V.InPool()) {
				behind[job] = max(behind[job], l.behind(poll, interval, since, now))
			}
		}
	})
	return behind
}
