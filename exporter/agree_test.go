package exporter

import (
	"bytes"
	"log/slog"
	"os/exec"
	"strings"
	"testing"

	"kaisen/exporter/fleet"
	"kaisen/exporter/fleet/fleettest"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// ownRegistry is a registry as the service has it: with histograms, classic and native, and labels that need care.
func ownRegistry(t *testing.T, f *fleet.Fleet) *prometheus.Registry {
	t.Helper()
	registry := prometheus.NewRegistry()
	durations := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "kaisen_api_request_duration_seconds", Help: "Duration of \"requests\".", Buckets: []float64{.1, 1}, NativeHistogramBucketFactor: 1.1,
	}, []string{"source", "operation"})
	durations.WithLabelValues("hq", "traffic").Observe(.2)
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kaisen_api_requests_total", Help: "Requests."}, []string{"source"})
	requests.WithLabelValues("本社 \"A\"\\\n").Add(3)
	registry.MustRegister(durations, requests, collectors.NewGoCollector(), registration{f})
	return registry
}

// TestFormatsAgree: text, OpenMetrics and protobuf, plain and compressed, have the same series with the same values.
func TestFormatsAgree(t *testing.T) {
	f := awkwardFleet(200)
	handler := newScrape(f.Exposition(), prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
	body, contentType := get(t, handler, acceptText, "identity")
	want := fleettest.Parse(t, body, contentType)
	if len(want) != 200*29+7+8 {
		t.Errorf("%d series, want %d", len(want), 200*29+7+8)
	}
	for _, accept := range []string{acceptText, acceptOpenMetrics, acceptProtobuf} {
		for _, encoding := range []string{"identity", "gzip"} {
			body, contentType := get(t, handler, accept, encoding)
			if media, _, _ := strings.Cut(accept, ";"); !strings.HasPrefix(contentType, media) {
				t.Errorf("%s was asked for, %s came", accept, contentType)
			}
			if diff := cmp.Diff(want, fleettest.Parse(t, body, contentType)); diff != "" {
				t.Errorf("%s, %s (-plain text +this):\n%s", accept, encoding, diff)
			}
		}
	}
}

// TestOneExposition: kaisen's own metrics and the fleet's together are valid for both parsers there are, with nothing
// lost from either, native histograms in protobuf included.
func TestOneExposition(t *testing.T) {
	f := awkwardFleet(70)
	handler := newScrape(f.Exposition(), ownRegistry(t, f), slog.New(slog.DiscardHandler))
	for _, accept := range []string{acceptText, acceptOpenMetrics} {
		body, contentType := get(t, handler, accept, "gzip")
		got := fleettest.Parse(t, body, contentType)
		if fleet := fleettest.Parse(t, first(get(t, scrapeOf(f), accept, "gzip")), contentType); len(got) < len(fleet)+20 {
			t.Errorf("%s: %d series, of which the fleet alone has %d", accept, len(got), len(fleet))
		}
		if want := accept == acceptOpenMetrics; bytes.HasSuffix(body, []byte("\n# EOF\n")) != want {
			t.Errorf("%s: # EOF at the end: %t", accept, !want)
		}
	}
	body, _ := get(t, handler, acceptText, "identity")
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if got := len(families["kaisen_line_restriction"].GetMetric()); got != 700 {
		t.Errorf("expfmt finds %d restriction series, want 700", got)
	}
	protobuf, _ := get(t, handler, acceptProtobuf, "identity")
	if !hasNativeHistogram(t, protobuf) {
		t.Error("no native histogram in protobuf")
	}
}

func first(body []byte, _ string) []byte { return body }

func hasNativeHistogram(t *testing.T, protobuf []byte) bool {
	t.Helper()
	decoder := expfmt.NewDecoder(bytes.NewReader(protobuf), expfmt.FmtProtoDelim)
	for {
		var family dto.MetricFamily
		if decoder.Decode(&family) != nil {
			return false
		}
		if family.GetName() == "kaisen_api_request_duration_seconds" {
			return len(family.Metric[0].GetHistogram().GetPositiveSpan()) > 0
		}
	}
}

// TestPromtool: the linter that users would run finds nothing.
func TestPromtool(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Fatalf("%v: install promtool (Debian: apt-get install prometheus), or put the one of a Prometheus release in PATH", err)
	}
	f := awkwardFleet(3)
	body, _ := get(t, newScrape(f.Exposition(), ownRegistry(t, f), slog.New(slog.DiscardHandler)), acceptText, "identity")
	command := exec.Command(promtool, "check", "metrics")
	command.Stdin = bytes.NewReader(body)
	if out, err := command.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool check metrics: %v\n%s", err, out)
	}
}

// TestLint: client_golang's linter finds nothing in the fleet's families.
func TestLint(t *testing.T) {
	problems, err := testutil.GatherAndLint(awkwardFleet(2).Exposition())
	if err != nil || len(problems) > 0 {
		t.Errorf("lint: %v, %v", problems, err)
	}
}
