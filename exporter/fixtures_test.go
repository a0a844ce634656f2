package exporter

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/exporter/fleet"
	"kaisen/exporter/fleet/fleettest"
	"kaisen/exporter/linelabel"
)

// Accept headers as Prometheus sends them, shortened to one format each.
const (
	acceptText        = "text/plain;version=0.0.4"
	acceptOpenMetrics = "application/openmetrics-text;version=1.0.0"
	acceptProtobuf    = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
)

// scrapeOf is a handler of a fleet with an empty registry of its own.
func scrapeOf(f *fleet.Fleet) *scrape {
	return newScrape(f.Exposition(), prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
}

// get scrapes, and decodes gzip as it must.
func get(t *testing.T, handler http.Handler, accept, encoding string) (body []byte, contentType string) {
	t.Helper()
	request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	request.Header.Set("Accept", accept)
	request.Header.Set("Accept-Encoding", encoding)
	response := httptest.NewRecorder()
	handler.ServeHTTP(response, request)
	if response.Code != http.StatusOK {
		t.Fatalf("status %d: %s", response.Code, response.Body)
	}
	body = response.Body.Bytes()
	if got := response.Header().Get("Content-Encoding"); got != strings.TrimPrefix(encoding, "identity") {
		t.Fatalf("Content-Encoding %q, want %q", got, encoding)
	}
	if encoding == "gzip" {
		body = fleettest.Gunzip(t, body)
	}
	return body, response.Header().Get("Content-Type")
}

// shown is what a fleet shows now, in plain text.
func shown(t *testing.T, f *fleet.Fleet) fleettest.Series {
	t.Helper()
	f.Exposition().Render()
	body, contentType := get(t, scrapeOf(f), acceptText, "identity")
	return fleettest.Parse(t, body, contentType)
}

// awkwardFleet has several blocks, both scopes, sessions, logs, and labels that need escaping.
func awkwardFleet(lines int) *fleet.Fleet {
	f := fleet.New(fleet.DefaultConfig())
	for _, b := range fleettest.Awkward(lines) {
		f.Write(b)
	}
	f.Exposition().Render()
	return f
}

// labelsOf makes labels with a key that does not change.
func labelsOf(t testing.TB, form linelabel.Form) linelabel.Labels {
	t.Helper()
	file := filepath.Join(t.TempDir(), "line_label.key")
	if err := os.WriteFile(file, []byte("0123456789abcdef0123456789abcdef\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	labels, err := linelabel.New(form, file, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return labels
}
