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

// vitals reads from kaisen's own metrics, as gathered, how kaisen does, and which version it is. A metric that is not there
// leaves its place empty: the page is as old as the metrics' names, not the other way round.
func vitals(own []*dto.MetricFamily) (health page.Health, version string) {
	v := vitalSigns{jobs: make(map[[2]string]*page.Job), budgets: make(map[string]*page.Budget)}
	for _, family := range own {
		for _, metric := range family.GetMetric() {
			value := metric.GetGauge().GetValue() + metric.GetCounter().GetValue()
			if family.GetName() == "kaisen_build_info" {
				version = labelOf(metric, "version")
			}
			v.job(family.GetName(), metric, value)
			v.budget(family.GetName(), metric, value)
			v.storage(family.GetName(), value)
		}
	}
	return v.health(), version
}

type vitalSigns struct {
	jobs    map[[2]string]*page.Job
	budgets map[string]*page.Budget
	store   page.Store
}

func (v *vitalSigns) job(metric string, of *dto.Metric, value float64) {
	at := func() *page.Job {
		key := [2]string{labelOf(of, "source"), labelOf(of, "job")}
		if v.jobs[key] == nil {
			v.jobs[key] = &page.Job{Source: key[0], Name: key[1]}
		}
		return v.jobs[key]
	}
	switch metric {
	case "kaisen_job_last_success_timestamp_seconds":
		at().LastSuccess = timeOf(value)
	case "kaisen_job_duration_seconds":
		at().Took = schema.Some(seconds(value))
	case "kaisen_job_behind_seconds":
		at().Behind = schema.Some(seconds(value))
	case "kaisen_job_items":
		switch labelOf(of, "outcome") {
		case "failed":
			at().Failed = int(value)
		case "left":
			at().Left = int(value)
		}
	}
}

func (v *vitalSigns) budget(metric string, of *dto.Metric, value float64) {
	at := func() *page.Budget {
		source := labelOf(of, "source")
		if v.budgets[source] == nil {
			v.budgets[source] = &page.Budget{Source: source}
		}
		return v.budgets[source]
	}
	switch metric {
	case "kaisen_rate_limit_requests_per_second":
		at().Rate = value
	case "kaisen_rate_limit_wait_seconds_total":
		at().Waited = seconds(value)
	case "kaisen_api_throttled_total":
		if value > 0 {
			at().Throttled = append(at().Throttled, fleet.Count{Name: labelOf(of, "reason"), Lines: int(value)})
		}
	}
}

func (v *vitalSigns) storage(metric string, value float64) {
	switch metric {
	case "kaisen_spool_bytes":
		v.store.Waiting = uint64(value)
	case "kaisen_spool_oldest_timestamp_seconds":
		v.store.Oldest = timeOf(value)
	case "kaisen_spool_full":
		v.store.Full = value > 0
	case "kaisen_spool_thinned_rows_total":
		v.store.Thinned += uint64(value)
	case "kaisen_store_errors_total":
		v.store.Errors += uint64(value)
	case "kaisen_dead_letters_total":
		v.store.DeadLetters += uint64(value)
	}
}

func (v *vitalSigns) health() page.Health {
	health := page.Health{Store: v.store}
	for _, job := range slices.SortedFunc(maps.Values(v.jobs), func(a, b *page.Job) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Name, b.Name))
	}) {
		health.Jobs = append(health.Jobs, *job)
	}
	for _, source := range slices.Sorted(maps.Keys(v.budgets)) {
		health.Budgets = append(health.Budgets, *v.budgets[source])
	}
	return health
}

func seconds(value float64) time.Duration { return time.Duration(value * float64(time.Second)) }

// timeOf is a gauge of seconds since 1970, of which 0 is never.
func timeOf(value float64) time.Time {
	if value <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(value * 1000))
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
