package exporter

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
)

// seriesMap is an exposition, read: the series as Prometheus writes them, name{label="value"}, and their values.
type seriesMap map[string]float64

// Accept headers as Prometheus sends them, shortened to one format each.
const (
	acceptText        = "text/plain;version=0.0.4"
	acceptOpenMetrics = "application/openmetrics-text;version=1.0.0"
	acceptProtobuf    = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
)

// scrapeOf is a handler of a fleet with an empty registry of its own.
func scrapeOf(f *Fleet) *scrape {
	return newScrape(f, prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
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
		body = gunzip(t, body)
	}
	return body, response.Header().Get("Content-Type")
}

// gunzip reads a stream of exactly one member, checksums included.
func gunzip(t *testing.T, stream []byte) []byte {
	t.Helper()
	source := bytes.NewReader(stream)
	reader, err := gzip.NewReader(source)
	if err != nil {
		t.Fatal(err)
	}
	reader.Multistream(false)
	plain, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	if source.Len() != 0 {
		t.Fatalf("%d bytes behind the gzip member", source.Len())
	}
	return plain
}

// parse reads an exposition with Prometheus's own parser, the one for its content type.
func parse(t *testing.T, body []byte, contentType string) seriesMap {
	t.Helper()
	if strings.HasPrefix(contentType, "application/vnd.google.protobuf") {
		return parseProtobuf(t, body)
	}
	parser, err := textparse.New(body, contentType, labels.NewSymbolTable(), textparse.ParserOptions{})
	if err != nil {
		t.Fatal(err)
	}
	found := make(seriesMap)
	for {
		entry, err := parser.Next()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatalf("%v in %s", err, contentType)
		}
		if entry != textparse.EntrySeries {
			continue
		}
		var ls labels.Labels
		parser.Labels(&ls)
		_, at, value := parser.Series()
		if at != nil {
			t.Fatalf("%s has a timestamp", ls)
		}
		found.add(t, ls, value)
	}
}

func parseProtobuf(t *testing.T, body []byte) seriesMap {
	t.Helper()
	found := make(seriesMap)
	decoder := expfmt.NewDecoder(bytes.NewReader(body), expfmt.FmtProtoDelim)
	for {
		var family dto.MetricFamily
		err := decoder.Decode(&family)
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, metric := range family.GetMetric() {
			builder := labels.NewBuilder(labels.EmptyLabels())
			builder.Set(model.MetricNameLabel, family.GetName())
			for _, pair := range metric.GetLabel() {
				builder.Set(pair.GetName(), pair.GetValue())
			}
			found.add(t, builder.Labels(), metric.GetGauge().GetValue()+metric.GetCounter().GetValue())
		}
	}
}

func (m seriesMap) add(t *testing.T, ls labels.Labels, value float64) {
	t.Helper()
	name := ls.Get(model.MetricNameLabel)
	key := name + ls.MatchLabels(false, model.MetricNameLabel).String()
	if _, twice := m[key]; twice {
		t.Fatalf("%s comes twice", key)
	}
	m[key] = value
}

// shown is what a fleet shows now, in plain text.
func shown(t *testing.T, f *Fleet) seriesMap {
	t.Helper()
	f.render()
	body, contentType := get(t, scrapeOf(f), acceptText, "identity")
	return parse(t, body, contentType)
}

// of keeps the series of a family.
func (m seriesMap) of(name string) seriesMap {
	kept := make(seriesMap)
	for key, value := range m {
		if strings.HasPrefix(key, name+"{") {
			kept[key] = value
		}
	}
	return kept
}

// series writes the key of a series with labels given as name, value, name, value. An empty label is none.
func series(name string, pairs ...string) string {
	builder := labels.NewBuilder(labels.EmptyLabels())
	for i := 0; i < len(pairs); i += 2 {
		builder.Set(pairs[i], pairs[i+1])
	}
	return name + builder.Labels().String()
}
