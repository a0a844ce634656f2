package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"kaisen/collector/probing"
	"kaisen/collector/unom"
	"kaisen/collector/unom/readings"
	"kaisen/internal/simulator"
	"kaisen/schema"
)

// Under every reading and every trouble that the simulator has, a probe finds out what holds, or says that it could not:
// it never says what does not.
func TestProbeUnderEveryReading(t *testing.T) {
	for _, other := range simulator.Switches() {
		for _, value := range other.Values {
			t.Run(other.Name+"="+value, func(t *testing.T) {
				config, carrier, sent := probed(t, func(cfg *simulator.Config) {
					cfg.Readings = map[string]string{other.Name: value}
					cfg.Lines, cfg.Orders = 80, 2
				}, "")
				report := probeBriefly(t, config, isReading(other.Name))
				if sent() > probing.MostRequests {
					t.Errorf("%d requests", sent())
				}
				wrongReadings(t, report, carrier.Readings())
				// What remains of a course without a volume is told by lines of one, and the simulator has them under the other values.
				knowable := isReading(other.Name) && (other.Name != readings.RemainingNil || value != readings.RemainingUsedUp)
				if knowable && !slices.ContainsFunc(report.Findings, func(f probing.Finding) bool { return f.Reading == other.Name }) {
					t.Errorf("%s was not found out: %+v", other.Name, report.Unknown)
				}
			})
		}
	}
}

// probeBriefly probes an account, and interrupts a probe that may have to wait for an answer that never comes; one that ends by
// itself has the time that a busy machine takes.
func probeBriefly(t *testing.T, config string, ends bool) probing.Report {
	t.Helper()
	limit := 10 * time.Second
	if ends {
		limit = 2 * time.Minute
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	var out bytes.Buffer
	root := newRoot(strings.NewReader(""), &out, io.Discard)
	root.SetArgs([]string{"probe", "--config", config, "--format", "json"})
	failure := root.ExecuteContext(ctx)
	var result probeResult
	if err := json.Unmarshal(out.Bytes(), &result); err != nil || len(result.Accounts) != 1 {
		t.Fatalf("%v, %v in %s", failure, err, out.String())
	}
	return result.Accounts[0]
}

// wrongReadings reports findings that are not what the carrier means.
func wrongReadings(t *testing.T, r probing.Report, truth map[string]string) {
	t.Helper()
	for _, f := range r.Findings {
		if want := truth[f.Reading]; f.Value != want {
			t.Errorf("%s of %s is %s, and the carrier means %s: %s", f.Reading, f.Operation, f.Value, want, f.Evidence)
		}
	}
}

func isReading(name string) bool {
	return slices.ContainsFunc(unom.Kind().Readings, func(r schema.Reading) bool { return r.Name == name })
}
