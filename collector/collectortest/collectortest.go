// Package collectortest has what the tests of collectors of every kind need. It is no part of kaisen.
package collectortest

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector"
	"kaisen/schema"
)

// Sink keeps what it is given.
type Sink struct {
	Fail func() error // nil: accept

	mu   sync.Mutex
	rows schema.Batch
}

// Write implements collector.Sink.
func (s *Sink) Write(_ context.Context, b schema.Batch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Fail != nil {
		if err := s.Fail(); err != nil {
			return err
		}
	}
	s.rows.Append(b)
	return nil
}

// All returns every row it was given.
func (s *Sink) All() schema.Batch {
	s.mu.Lock()
	defer s.mu.Unlock()
	var copied schema.Batch
	copied.Append(s.rows)
	return copied
}

// LogRows implements collector.LogFinder.
func (s *Sink) LogRows(_ context.Context, _, contract, log string, from, to time.Time) (found schema.State, _ error) {
	all := s.All()
	within := func(of string, at time.Time) bool { return of == contract && !at.Before(from) && at.Before(to) }
	for _, row := range all.Authentications {
		if log == "authentications" && within(row.ContractID, row.EventTime) {
			found.Authentications = append(found.Authentications, row)
		}
	}
	for _, row := range all.SessionEvents {
		if log == "session_events" && within(row.ContractID, row.EventTime) {
			found.SessionEvents = append(found.SessionEvents, row)
		}
	}
	return found, nil
}

// Deps are what a collector needs that writes into a sink, registers its metrics, and logs to nobody.
func Deps(sink collector.Sink, reg prometheus.Registerer) collector.Deps {
	stored, _ := sink.(collector.LogFinder)
	return collector.Deps{Sink: sink, Metrics: collector.NewMetrics(reg), Log: slog.New(slog.DiscardHandler), Logs: stored}
}

// Gauges are the gauges of some names: name, labels and value, in Prometheus's order.
func Gauges(t testing.TB, from prometheus.Gatherer, names ...string) (lines []string) {
	t.Helper()
	families, err := from.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if !slices.Contains(names, family.GetName()) {
			continue
		}
		for _, m := range family.GetMetric() {
			line := family.GetName()
			for _, label := range m.GetLabel() {
				line += " " + label.GetName() + "=" + label.GetValue()
			}
			lines = append(lines, line+" "+strconv.FormatFloat(m.GetGauge().GetValue(), 'f', -1, 64))
		}
	}
	return lines
}
