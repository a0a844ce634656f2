package exporter

import "github.com/prometheus/client_golang/prometheus"

// registration stands for the fleet on kaisen's own registry: it claims the names of the fleet's families, so that
// nothing else can register them and make /metrics invalid, and it collects what the fleet has to say of itself.
type registration struct {
	fleet       *Fleet
	claimed     []*prometheus.Desc
	notExported *prometheus.Desc
}

func newRegistration(f *Fleet) *registration {
	r := &registration{
		fleet: f,
		notExported: prometheus.NewDesc("kaisen_lines_not_exported",
			"Lines that have no series on /metrics because the cap on exported lines is reached.", nil, nil),
	}
	for _, family := range families() {
		labels := append(family.subject[:len(family.subject):len(family.subject)], family.labels...)
		r.claimed = append(r.claimed, prometheus.NewDesc(family.name, family.help, labels, nil))
	}
	return r
}

// Describe implements prometheus.Collector.
func (r *registration) Describe(descs chan<- *prometheus.Desc) {
	for _, desc := range r.claimed {
		descs <- desc
	}
	descs <- r.notExported
}

// Collect implements prometheus.Collector.
func (r *registration) Collect(metrics chan<- prometheus.Metric) {
	metrics <- prometheus.MustNewConstMetric(r.notExported, prometheus.GaugeValue, float64(r.fleet.notExported()))
}
