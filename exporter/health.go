package exporter

import (
	"cmp"
	"maps"
	"slices"
	"time"

	dto "github.com/prometheus/client_model/go"

	"kaisen/exporter/fleet"
	"kaisen/exporter/page"
	"kaisen/schema"
)

// healthOf reads from kaisen's own metrics, as gathered, how kaisen does, and which version it is. A metric that is not there
// leaves its place empty: the page is as old as the metrics' names, not the other way round.
func healthOf(own []*dto.MetricFamily) (health page.Health, version string) {
	reader := healthReader{jobs: make(map[[2]string]*page.Job), budgets: make(map[string]*page.Budget)}
	for _, family := range own {
		for _, metric := range family.GetMetric() {
			reader.take(family.GetName(), metric)
		}
	}
	health.Store = reader.store
	for _, job := range slices.SortedFunc(maps.Values(reader.jobs), func(a, b *page.Job) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Name, b.Name))
	}) {
		health.Jobs = append(health.Jobs, *job)
	}
	for _, source := range slices.Sorted(maps.Keys(reader.budgets)) {
		health.Budgets = append(health.Budgets, *reader.budgets[source])
	}
	return health, reader.version
}

type healthReader struct {
	jobs    map[[2]string]*page.Job
	budgets map[string]*page.Budget
	store   page.Store
	version string
}

func (h *healthReader) take(name string, metric *dto.Metric) {
	value := metric.GetGauge().GetValue() + metric.GetCounter().GetValue()
	switch name {
	case "kaisen_build_info":
		h.version = labelOf(metric, "version")
	case "kaisen_job_last_success_timestamp_seconds":
		h.job(metric).LastSuccess = timeOf(value)
	case "kaisen_job_duration_seconds":
		h.job(metric).Took = schema.Some(seconds(value))
	case "kaisen_job_behind_seconds":
		h.job(metric).Behind = schema.Some(seconds(value))
	case "kaisen_job_items":
		switch labelOf(metric, "outcome") {
		case "failed":
			h.job(metric).Failed = int(value)
		case "left":
			h.job(metric).Left = int(value)
		}
	case "kaisen_rate_limit_requests_per_second":
		h.budget(metric).Rate = value
	case "kaisen_rate_limit_wait_seconds_total":
		h.budget(metric).Waited = seconds(value)
	case "kaisen_api_throttled_total":
		if value > 0 {
			b := h.budget(metric)
			b.Throttled = append(b.Throttled, fleet.Count{Name: labelOf(metric, "reason"), Lines: int(value)})
		}
	case "kaisen_spool_bytes":
		h.store.Waiting = uint64(value)
	case "kaisen_spool_oldest_timestamp_seconds":
		h.store.Oldest = timeOf(value)
	case "kaisen_spool_full":
		h.store.Full = value > 0
	case "kaisen_spool_thinned_rows_total":
		h.store.Thinned += uint64(value)
	case "kaisen_store_errors_total":
		h.store.Errors += uint64(value)
	case "kaisen_dead_letters_total":
		h.store.DeadLetters += uint64(value)
	}
}

func (h *healthReader) job(of *dto.Metric) *page.Job {
	key := [2]string{labelOf(of, "source"), labelOf(of, "job")}
	return entry(h.jobs, key, page.Job{Source: key[0], Name: key[1]})
}

func (h *healthReader) budget(of *dto.Metric) *page.Budget {
	source := labelOf(of, "source")
	return entry(h.budgets, source, page.Budget{Source: source})
}

// entry is what a map has of a key, fresh where it has nothing yet.
func entry[K comparable, V any](of map[K]*V, key K, fresh V) *V {
	if of[key] == nil {
		of[key] = &fresh
	}
	return of[key]
}

// labelOf is the value of a label of a gathered metric.
func labelOf(metric *dto.Metric, name string) string {
	for _, pair := range metric.GetLabel() {
		if pair.GetName() == name {
			return pair.GetValue()
		}
	}
	return ""
}

func seconds(value float64) time.Duration { return time.Duration(value * float64(time.Second)) }

// timeOf is a gauge of seconds since 1970, of which 0 is never.
func timeOf(value float64) time.Time {
	if value <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(value * 1000))
}
