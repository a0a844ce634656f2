package exporter

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"kaisen/schema"
)

// TestScrapesWhileWriting: a thousand scrapes of a fleet that changes all the time are valid, each with every line,
// and none shows half of a line.
func TestScrapesWhileWriting(t *testing.T) {
	const lines, scrapes = 70, 1000
	f := awkwardFleet(lines)
	handler := scrapeOf(f)
	ctx, stop := context.WithCancel(t.Context())
	var background sync.WaitGroup
	background.Go(func() { _ = f.Run(ctx) })
	background.Go(func() {
		random := rand.New(rand.NewPCG(1, 2))
		for n := 0; ctx.Err() == nil; n++ {
			sample := answer(fmt.Sprintf("090%08d", random.IntN(lines)), schema.ScopeLine)
			sample.MonthBytes = schema.Some(random.Uint64())
			sample.RemainingBytes = sample.MonthBytes // so the ratio is one half, whatever the moment
			f.Write(traffic(sample))
			if n%32 == 0 {
				f.render()
			}
		}
	})
	t.Run("scrapers", func(t *testing.T) { // returns once all of them are done
		for worker := range 4 {
			t.Run(fmt.Sprint(worker), func(t *testing.T) {
				t.Parallel()
				for n := range scrapes / 4 {
					accept := [...]string{acceptText, acceptOpenMetrics}[n%2]
					body, contentType := get(t, handler, accept, [...]string{"gzip", "identity"}[worker%2])
					if got := bytes.Count(body, []byte("\nkaisen_line_month_bytes{")); got != 2*lines {
						t.Errorf("scrape %d: %d month series, want %d", n, got, 2*lines)
					}
					if n%50 == 0 {
						checkHalves(t, parse(t, body, contentType))
					}
				}
			})
		}
	})
	stop()
	background.Wait()
}

// checkHalves: where remaining and month of a line are alike, its ratio is that of the same moment.
func checkHalves(t *testing.T, got seriesMap) {
	t.Helper()
	for key, ratio := range got.of("kaisen_line_remaining_ratio") {
		labels := strings.TrimPrefix(key, "kaisen_line_remaining_ratio")
		remaining, month := got["kaisen_line_remaining_bytes"+labels], got["kaisen_line_month_bytes"+labels]
		if want := remaining / (remaining + month); ratio != want {
			t.Errorf("%s is %v, want %v", key, ratio, want)
		}
	}
}

// TestBrokenOwnMetric: what is wrong with a metric of kaisen's own does not take the lines away.
func TestBrokenOwnMetric(t *testing.T) {
	broken := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		name := "kaisen_good"
		value := 1.0
		return []*dto.MetricFamily{
			{Name: &name, Type: dto.MetricType_GAUGE.Enum(), Metric: []*dto.Metric{{Gauge: &dto.Gauge{Value: &value}}}},
			{Name: &name, Type: dto.MetricType_HISTOGRAM.Enum(), Metric: []*dto.Metric{{Gauge: &dto.Gauge{Value: &value}}}},
		}, errors.New("a collector is broken")
	})
	var logged bytes.Buffer
	handler := newScrape(awkwardFleet(1), broken, slog.New(slog.NewTextHandler(&logged, nil)))
	body, contentType := get(t, handler, acceptText, "identity")
	if got := parse(t, body, contentType); len(got) != 1+28+5 || got["kaisen_good{}"] != 1 {
		t.Errorf("%d series, want the good one and the line's", len(got))
	}
	for _, want := range []string{"a collector is broken", "metric=kaisen_good"} {
		if !strings.Contains(logged.String(), want) {
			t.Errorf("log does not tell %q: %s", want, &logged)
		}
	}
}

// TestClientThatLeaves does not stop the next one.
func TestClientThatLeaves(t *testing.T) {
	handler := scrapeOf(awkwardFleet(5))
	for _, encoding := range []string{"identity", "gzip"} {
		request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		request.Header.Set("Accept-Encoding", encoding)
		handler.ServeHTTP(&gone{httptest.NewRecorder()}, request)
		if body, contentType := get(t, handler, acceptText, encoding); len(parse(t, body, contentType)) != 5*28+5 {
			t.Errorf("%s: the next scrape is not whole", encoding)
		}
	}
}

// gone is a client that closed its connection.
type gone struct{ *httptest.ResponseRecorder }

func (*gone) Write([]byte) (int, error) { return 0, http.ErrHandlerTimeout }

func TestAcceptsGzip(t *testing.T) {
	for field, want := range map[string]bool{
		"": false, "gzip": true, "GZIP": true, "deflate, gzip;q=0.5": true, "gzip;q=0": false, "gzip; q=0.0, *": false,
		"*": true, "*;q=0": false, "*;q=0, gzip": true, "identity": false, "zstd, br": false, "gzip;q=x": false,
	} {
		header := http.Header{}
		if field != "" {
			header.Set("Accept-Encoding", field)
		}
		if got := acceptsGzip(header); got != want {
			t.Errorf("%q: %t, want %t", field, got, want)
		}
	}
}

// TestNegotiation: what Prometheus and browsers ask for, and what they get.
func TestNegotiation(t *testing.T) {
	handler := scrapeOf(awkwardFleet(1))
	for accept, want := range map[string]string{
		"":                      "text/plain; version=0.0.4",
		"*/*":                   "text/plain; version=0.0.4", // curl
		"text/html,image/png":   "text/plain; version=0.0.4",
		acceptOpenMetrics:       "application/openmetrics-text; version=1.0.0",
		acceptText + ",*/*;q=0": "text/plain; version=0.0.4",
		"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.3": "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8",
	} {
		if _, got := get(t, handler, accept, "identity"); !strings.HasPrefix(got, want) {
			t.Errorf("%q: %s, want %s", accept, got, want)
		}
	}
}

// TestRenderingIsShared: scrapes that find nothing fresh wait for one rendering.
func TestRenderingIsShared(t *testing.T) {
	f := awkwardFleet(100)
	f.renderer.current.Load().asOf = time.Time{} // long ago
	var scrapers sync.WaitGroup
	snapshots := make([]*snapshot, 8)
	for i := range snapshots {
		scrapers.Go(func() { snapshots[i] = f.fresh() })
	}
	scrapers.Wait()
	for _, s := range snapshots {
		if s != snapshots[0] {
			t.Fatal("scrapes at the same moment rendered more than once")
		}
	}
}
