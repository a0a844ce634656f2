package collector

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector/schedule"
)

// planMetrics show how the jobs go whose items are asked by a plan.
type planMetrics struct {
	targets, oldest, bound, budget *prometheus.Desc
	delay                          *prometheus.HistogramVec
}

func newPlanMetrics() planMetrics {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, append([]string{"source", "job"}, labels...), nil)
	}
	return planMetrics{
		targets: desc("kaisen_schedule_targets", "What a job with an adaptive schedule asks about, by why it is asked when it is: lines, or share groups.", "class"),
		oldest:  desc("kaisen_schedule_oldest_seconds", "The age of the last answer of whom an adaptive schedule asked longest ago, of those that are answered."),
		bound:   desc("kaisen_schedule_bound_seconds", "The age at which an adaptive schedule asks about whom it has no other reason to: more than max_age where the budget is too short for that."),
		budget:  desc("kaisen_schedule_requests_per_second", "The requests that an adaptive schedule counts on: what other jobs leave of the account's. +Inf is no limit."),
		delay: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "kaisen_schedule_crossing_delay_seconds",
			Help:    "From when a line or share group crossed a threshold (near its cap, critical, used up, restriction ended), as its use between two answers says, to the answer that showed it.",
			Buckets: []float64{30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400},
		}, []string{"source", "job"}),
	}
}

func (m planMetrics) describe(descs chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{m.targets, m.oldest, m.bound, m.budget} {
		descs <- desc
	}
}

func (m planMetrics) collect(metrics chan<- prometheus.Metric, source, job string, plan *Plan, now time.Time) {
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		metrics <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, append([]string{source, job}, labels...)...)
	}
	summary, counts := plan.summary(now)
	for _, class := range schedule.Classes() { // every class is present, so that a 0 is not an absence
		gauge(m.targets, float64(counts[class]), class.String())
	}
	gauge(m.budget, summary.Budget)
	for _, of := range summary.Jobs {
		gauge(m.oldest, of.Oldest.Seconds())
		gauge(m.bound, of.Bound.Seconds())
	}
}

// crossed shows how late an answer was that is the first to show a threshold crossed.
func (m *Metrics) crossed(source, job string, crossing schedule.Crossing, seen time.Time) {
	m.plans.delay.WithLabelValues(source, job).Observe(max(0, seen.Sub(crossing.Estimated).Seconds()))
}
