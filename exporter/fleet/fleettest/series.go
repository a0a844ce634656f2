package fleettest

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
)

// Series is an exposition, read: the series as Prometheus writes them, name{label="value"}, and their values.
type Series map[string]float64

// Gunzip reads a stream of exactly one member, checksums included.
func Gunzip(t *testing.T, stream []byte) []byte {
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

// Parse reads an exposition with Prometheus's own parser, the one for its content type.
func Parse(t *testing.T, body []byte, contentType string) Series {
	t.Helper()
	if strings.HasPrefix(contentType, "application/vnd.google.protobuf") {
		return parseProtobuf(t, body)
	}
	parser, err := textparse.New(body, contentType, labels.NewSymbolTable(), textparse.ParserOptions{})
	if err != nil {
		t.Fatal(err)
	}
	found := make(Series)
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

// Protobuf is what a gatherer gives to a scrape in protobuf, read.
func Protobuf(t *testing.T, from prometheus.Gatherer) Series {
	t.Helper()
	families, err := from.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var body bytes.Buffer
	encoder := expfmt.NewEncoder(&body, expfmt.FmtProtoDelim)
	for _, family := range families {
		if err := encoder.Encode(family); err != nil {
			t.Fatal(err)
		}
	}
	return parseProtobuf(t, body.Bytes())
}

func parseProtobuf(t *testing.T, body []byte) Series {
	t.Helper()
	found := make(Series)
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

func (m Series) add(t *testing.T, ls labels.Labels, value float64) {
	t.Helper()
	name := ls.Get(model.MetricNameLabel)
	key := name + ls.MatchLabels(false, model.MetricNameLabel).String()
	if _, twice := m[key]; twice {
		t.Fatalf("%s comes twice", key)
	}
	m[key] = value
}

// Of keeps the series of a family.
func (m Series) Of(name string) Series {
	kept := make(Series)
	for key, value := range m {
		if strings.HasPrefix(key, name+"{") {
			kept[key] = value
		}
	}
	return kept
}

// Key writes the key of a series with labels given as name, value, name, value. An empty label is none.
func Key(name string, pairs ...string) string {
	builder := labels.NewBuilder(labels.EmptyLabels())
	for i := 0; i < len(pairs); i += 2 {
		builder.Set(pairs[i], pairs[i+1])
	}
	return name + builder.Labels().String()
}

// Names are the families that have series, without their prefix, in alphabetical order.
func (m Series) Names() string {
	families := make(map[string]bool)
	for key := range m {
		name, _, _ := strings.Cut(key, "{")
		families[strings.TrimPrefix(name, "kaisen_")] = true
	}
	return strings.Join(slices.Sorted(maps.Keys(families)), " ")
}
