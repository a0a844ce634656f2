package app

import "github.com/prometheus/client_golang/prometheus"

// sourceSeries registers metrics, and remembers those that forget series: what is shown of a source has to end with it, while the
// counters of the others go on.
type sourceSeries struct {
	prometheus.Registerer
	forgetful []forgetful
}

// forgetful is every metric with labels of the library's own, and those of kaisen's that are made at the scrape.
type forgetful interface {
	DeletePartialMatch(labels prometheus.Labels) int
}

// MustRegister implements prometheus.Registerer.
func (s *sourceSeries) MustRegister(metrics ...prometheus.Collector) {
	for _, metric := range metrics {
		if f, is := metric.(forgetful); is {
			s.forgetful = append(s.forgetful, f)
		}
	}
	s.Registerer.MustRegister(metrics...)
}

// forget ends what is shown of a source, or of a contract of it; "": of the source as a whole.
func (s *sourceSeries) forget(source, contract string) {
	labels := prometheus.Labels{"source": source}
	if contract != "" {
		labels["contract_id"] = contract
	}
	for _, metric := range s.forgetful {
		metric.DeletePartialMatch(labels)
	}
}
