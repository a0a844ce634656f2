package exporter

import (
	"fmt"
	"log/slog"
	"math"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/schema"
)

// pageOf renders the page, its blanks and line breaks made one.
func pageOf(t *testing.T, f *Fleet, registry *prometheus.Registry, health Health) string {
	t.Helper()
	response := httptest.NewRecorder()
	newPage(f, registry, health, slog.New(slog.DiscardHandler)).ServeHTTP(response, httptest.NewRequest("GET", "/", nil))
	if response.Code != 200 || !strings.HasPrefix(response.Header().Get("Content-Type"), "text/html") {
		t.Fatalf("%d %s", response.Code, response.Body)
	}
	return strings.Join(strings.Fields(response.Body.String()), " ")
}

func TestPage(t *testing.T) {
	f := NewFleet(DefaultFleetConfig())
	for i := range 25 {
		sample := answer(fmt.Sprintf("0900000%04d", i), schema.ScopeLine)
		sample.MonthBytes, sample.RemainingBytes = schema.Some(uint64(100-i)*1e7), schema.Some(uint64(i)*1e7)
		sample.Restriction = schema.RestrictionNone
		if i == 0 {
			sample.Restriction = schema.RestrictionMonthly
		}
		f.Write(traffic(sample))
	}
	f.Write(traffic(answer("09000000000", schema.ScopeDataShare)))
	f.Write(schema.Batch{Lines: []schema.Line{inventory("09000009999", schema.LineActive)}})
	registry := prometheus.NewRegistry()
	success := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "kaisen_job_last_success_timestamp_seconds", Help: "."}, []string{"source", "job"})
	behind := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "kaisen_job_behind_seconds", Help: "."}, []string{"source", "job"})
	registry.MustRegister(success, behind)
	success.WithLabelValues("hq", "traffic").Set(float64(time.Now().Add(-10 * time.Minute).Unix()))
	behind.WithLabelValues("hq", "traffic").Set(90)
	behind.WithLabelValues("hq", "session").Set(0)

	got := pageOf(t, f, registry, Health{Notes: func() []string { return []string{"carrier <down>"} }})
	for _, want := range []string{
		"<dt>lines</dt><dd>26</dd>", "<dt>restriction none</dt><dd>24</dd>", "<dt>restriction monthly</dt><dd>1</dd>",
		"<dt>without a recent answer</dt><dd>1</dd>", "carrier &lt;down&gt;",
		`<td>09000000000</td><td>N123456789</td><td>hq</td>`, `<td class="n">190 MB</td><td class="n">810 MB</td><td>none</td>`, `<td class="warn">monthly</td>`,
		`<td>N123456789</td><td>hq</td><td class="n">1.00 GB</td><td class="n">0</td>`,
		`<td>hq</td><td>traffic</td><td>10 min ago</td><td>90 s</td>`, `<td>hq</td><td>session</td><td>not yet</td><td>0 s</td>`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page does not have %s", want)
		}
	}
	for _, tooMuch := range []string{"09000000020", "restriction recent", "left out by the cap", "Not ready", "<script"} {
		if strings.Contains(got, tooMuch) {
			t.Errorf("the page has %s", tooMuch)
		}
	}
	if first, second := strings.Index(got, "09000000000"), strings.Index(got, "09000000001"); first > second {
		t.Error("the nearest to the cap is not the first")
	}
}

// TestEmptyPage explains itself.
func TestEmptyPage(t *testing.T) {
	got := pageOf(t, NewFleet(DefaultFleetConfig()), prometheus.NewRegistry(), Health{})
	for _, want := range []string{"<dt>lines</dt><dd>0</dd>", "No line&#39;s remaining", "No job has run yet."} {
		if !strings.Contains(got, want) && !strings.Contains(got, strings.ReplaceAll(want, "&#39;", "'")) {
			t.Errorf("the page does not have %s", want)
		}
	}
}

func TestHumanBytes(t *testing.T) {
	for bytes, want := range map[uint64]string{
		0: "0 B", 999: "999 B", 1000: "1.00 kB", 9_994: "9.99 kB", 9_996: "10.0 kB", 99_940: "99.9 kB", 99_960: "100 kB",
		999_499: "999 kB", 999_500: "1.00 MB", 3_000_000_000: "3.00 GB", math.MaxUint64: "18.4 EB",
	} {
		if got := humanBytes(bytes); got != want {
			t.Errorf("%d: %s, want %s", bytes, got, want)
		}
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s", 119 * time.Second: "119 s", 2 * time.Minute: "2 min", 119 * time.Minute: "119 min", 2 * time.Hour: "2 h",
		47 * time.Hour: "47 h", 48 * time.Hour: "2 days",
	} {
		if got := span(d); got != want {
			t.Errorf("%s: %s, want %s", d, got, want)
		}
	}
}
