package prometheus

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"kaisen/internal/porttest"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// scrape builds kaisen, runs its demo until every job has swept once, and returns the labels of each metric.
func scrape(t *testing.T) map[string]map[string]bool {
	t.Helper()
	program := filepath.Join(t.TempDir(), "kaisen")
	build := exec.Command("go", "build", "-o", program, "kaisen/cmd/kaisen")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	address := porttest.Address(t)
	demo := exec.CommandContext(ctx, program, "demo", "--lines=60", "--exporter.listen="+address, "--store.listen="+porttest.Address(t), "--store.listen_native=")
	demo.Cancel = func() error { return demo.Process.Signal(os.Interrupt) }
	demo.WaitDelay = 20 * time.Second
	var said bytes.Buffer
	demo.Stdout, demo.Stderr = &said, &said
	if err := demo.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = demo.Wait() }() // it ends by our signal
	defer func() { cancel(); <-ended }()
	for {
		if families := families(ctx, "http://"+address+"/metrics"); swept(families) {
			return labelsOf(families)
		}
		select {
		case <-ended:
			t.Fatalf("the demo ended before every job had swept once:\n%s", said.String())
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// families is what /metrics shows; nothing while nobody answers.
func families(ctx context.Context, address string) map[string]*dto.MetricFamily {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil
	}
	defer response.Body.Close()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	found, err := parser.TextToMetricFamilies(response.Body)
	if err != nil {
		return nil
	}
	return found
}

// swept reports whether each job that has to keep an interval has a sweep behind it.
func swept(families map[string]*dto.MetricFamily) bool {
	jobs, done := families["kaisen_job_behind_seconds"], families["kaisen_job_last_success_timestamp_seconds"]
	return jobs != nil && done != nil && len(done.GetMetric()) >= len(jobs.GetMetric()) && families["kaisen_orders"] != nil
}

func labelsOf(families map[string]*dto.MetricFamily) map[string]map[string]bool {
	labels := map[string]map[string]bool{}
	for name, family := range families {
		labels[name] = map[string]bool{}
		for _, metric := range family.GetMetric() {
			for _, pair := range metric.GetLabel() {
				labels[name][pair.GetName()] = true
			}
		}
	}
	return labels
}
