package collector

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/schema"
)

// Metrics show how the jobs go, and the orders. One serves all accounts.
type Metrics struct {
	duration    *prometheus.GaugeVec
	lastSuccess *prometheus.GaugeVec
	items       *prometheus.GaugeVec

	orders    *orderGauges
	behind    *prometheus.Desc
	suspended *prometheus.Desc
	plans     planMetrics

	mu      sync.Mutex
	watched map[string]watchedEngine // by source, those that run
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
		items:       gauge("kaisen_job_items", "Items of the last finished sweep of a job: lines, or contracts for lists and logs, and orders. Left are those that the interval had no time for, resting those that the carrier does not answer for now.", "source", "job", "outcome"),
		orders:      newOrderGauges(),
		behind: prometheus.NewDesc("kaisen_job_behind_seconds",
			"How far the item that waited longest is past its job's interval; 0 if all are in time.", []string{"source", "job"}, nil),
		suspended: prometheus.NewDesc("kaisen_job_resting",
			"1 while the carrier does not answer the job at this time of day or week, or the requests of the day are used up; 0 otherwise.", []string{"source", "job"}, nil),
		plans:   newPlanMetrics(),
		watched: make(map[string]watchedEngine),
	}
	reg.MustRegister(m, m.orders, m.plans.delay)
	return m
}

// watchedEngine is an engine that runs.
type watchedEngine struct {
	*Engine
	since time.Time // it runs; what it missed before is not its lag
}

// started shows an engine from now on, in place of an earlier one of the same source.
func (m *Metrics) started(e *Engine, at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.watched[e.Source] = watchedEngine{e, at}
	for job := range e.plans { // from 0 on, or the first crossing would be no increase
		m.plans.delay.WithLabelValues(e.Source, job)
	}
}

// finished shows the run of a job.
func (m *Metrics) finished(s schema.Sweep, left, resting int64, success bool) {
	m.duration.WithLabelValues(s.Source, s.Job).Set(s.FinishedAt.Sub(s.StartedAt).Seconds())
	m.items.WithLabelValues(s.Source, s.Job, "ok").Set(float64(s.OK))
	m.items.WithLabelValues(s.Source, s.Job, "failed").Set(float64(s.Failed))
	m.items.WithLabelValues(s.Source, s.Job, "left").Set(float64(left))
	m.items.WithLabelValues(s.Source, s.Job, "resting").Set(float64(resting))
	if success {
		m.lastSuccess.WithLabelValues(s.Source, s.Job).Set(float64(s.FinishedAt.UnixMilli()) / 1000)
	}
}

// Describe and Collect show how far behind each job is at the time of the scrape, and which ones are suspended.
func (m *Metrics) Describe(descs chan<- *prometheus.Desc) {
	descs <- m.behind
	descs <- m.suspended
	m.plans.describe(descs)
}

// Collect implements prometheus.Collector.
func (m *Metrics) Collect(metrics chan<- prometheus.Metric) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	for _, e := range m.watched {
		for job, behind := range e.Behind(e.since, now) {
			metrics <- prometheus.MustNewConstMetric(m.behind, prometheus.GaugeValue, behind.Seconds(), e.Source, job)
		}
		for job, plan := range e.plans {
			m.plans.collect(metrics, e.Source, job, plan, now)
		}
		for job, suspended := range e.suspended() {
			metrics <- prometheus.MustNewConstMetric(m.suspended, prometheus.GaugeValue, Indicator(suspended), e.Source, job)
		}
	}
}

// DeletePartialMatch shows an account no more, as metrics of the library's own forget their series.
func (m *Metrics) DeletePartialMatch(labels prometheus.Labels) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	source := labels["source"]
	if _, has := m.watched[source]; !has || len(labels) > 1 {
		return 0
	}
	delete(m.watched, source)
	return 1
}

// Indicator is a condition as the value of a gauge: 1 or 0.
func Indicator(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
