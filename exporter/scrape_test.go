package exporter

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"kaisen/exporter/fleet"
	"kaisen/exporter/fleet/fleettest"
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
	background.Go(func() { _ = f.Exposition().Run(ctx) })
	background.Go(func() {
		random := rand.New(rand.NewPCG(1, 2))
		for n := 0; ctx.Err() == nil; n++ {
			sample := fleettest.Answer(fmt.Sprintf("090%08d", random.IntN(lines)), schema.ScopeLine)
			sample.MonthBytes = schema.Some(random.Uint64())
			sample.RemainingBytes = sample.MonthBytes // so the ratio is one half, whatever the moment
			f.Write(fleettest.Traffic(sample))
			if n%32 == 0 {
				f.Exposition().Render()
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
						checkHalves(t, fleettest.Parse(t, body, contentType))
					}
				}
			})
		}
	})
	stop()
	background.Wait()
}

// checkHalves: where remaining and month of a line are alike, its ratio is that of the same moment.
func checkHalves(t *testing.T, got fleettest.Series) {
	t.Helper()
	for key, ratio := range got.Of("kaisen_line_remaining_ratio") {
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
	handler := newScrape(awkwardFleet(1).Exposition(), broken, slog.New(slog.NewTextHandler(&logged, nil)))
	body, contentType := get(t, handler, acceptText, "identity")
	if got := fleettest.Parse(t, body, contentType); len(got) != 1+29+15 || got["kaisen_good{}"] != 1 {
		t.Errorf("%d series, want the good one and the line's", len(got))
	}
	for _, want := range []string{"a collector is broken", "metric=kaisen_good"} {
		if !strings.Contains(logged.String(), want) {
			t.Errorf("log does not have %q: %s", want, &logged)
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
		if body, contentType := get(t, handler, acceptText, encoding); len(fleettest.Parse(t, body, contentType)) != 5*29+15 {
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

// TestExposition is the whole text of one line and its contract, byte for byte. A bubble's clock starts at
// 2000-01-01T00:00:00Z, 946684800.
func TestExposition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := fleet.New(fleet.DefaultConfig())
		now := time.Now()
		f.Write(schema.Batch{
			Lines:    []schema.Line{fleettest.Inventory("09012345678", schema.LineActive)},
			Traffic:  []schema.TrafficSample{fleettest.Answer("09012345678", schema.ScopeLine), {LineKey: fleettest.LineKey("09012345678"), Scope: schema.ScopeDataShare, ObservedAt: now.Add(-time.Minute), ReceivedAt: now, RemainingBytes: schema.Some[uint64](math.MaxUint64), Restriction: schema.RestrictionUnknown}},
			Sessions: []schema.SessionSample{{LineKey: fleettest.LineKey("09012345678"), ObservedAt: now.Add(1500 * time.Millisecond), ReceivedAt: now, SessionType: schema.SessionRoaming, Connected: schema.Some(true)}},
			Members:  []schema.DataShareMember{{LineKey: fleettest.LineKey("09012345678"), Status: schema.ShareRegistered, Member: true, ObservedAt: now}},
			Authentications: []schema.Authentication{
				{LineKey: fleettest.LineKey("09012345678"), SessionType: schema.SessionDomestic, Result: schema.AuthOK},
				{LineKey: fleettest.LineKey("09012345678"), SessionType: schema.SessionDomestic, Result: schema.AuthOK, Ordinal: 1},
			},
			SessionEvents: []schema.SessionEvent{{LineKey: fleettest.LineKey("09012345678"), SessionType: schema.SessionUnknown, Event: schema.SessionStop}},
		})
		f.Exposition().Render()
		body, contentType := get(t, scrapeOf(f), acceptText, "identity")
		if want := "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"; contentType != want {
			t.Errorf("content type %q, want %q", contentType, want)
		}
		var samples []string
		for line := range strings.Lines(string(body)) {
			if !strings.HasPrefix(line, "# HELP") {
				samples = append(samples, strings.TrimSuffix(line, "\n"))
			}
		}
		const line = `source="hq",contract_id="N123456789",line_no="09012345678"`
		const contract = `source="hq",contract_id="N123456789"`
		want := []string{
			`# TYPE kaisen_line_remaining_bytes gauge`,
			`kaisen_line_remaining_bytes{` + line + `,scope="line"} 1e+09`,
			`kaisen_line_remaining_bytes{` + line + `,scope="data_share"} 1.8446744073709552e+19`,
			`# TYPE kaisen_line_remaining_ratio gauge`,
			`kaisen_line_remaining_ratio{` + line + `,scope="line"} 0.25`,
			`# TYPE kaisen_line_month_bytes gauge`,
			`kaisen_line_month_bytes{` + line + `,scope="line"} 3e+09`,
			`# TYPE kaisen_line_today_bytes gauge`,
			`kaisen_line_today_bytes{` + line + `,scope="line"} 123456`,
			`# TYPE kaisen_line_limit_status gauge`,
			`kaisen_line_limit_status{` + line + `,scope="line",status="1"} 1`,
			`kaisen_line_limit_status{` + line + `,scope="line",status="2"} 0`,
			`# TYPE kaisen_line_restriction gauge`,
			`kaisen_line_restriction{` + line + `,scope="line",restriction="none"} 0`,
			`kaisen_line_restriction{` + line + `,scope="line",restriction="recent"} 1`,
			`kaisen_line_restriction{` + line + `,scope="line",restriction="monthly"} 0`,
			`kaisen_line_restriction{` + line + `,scope="line",restriction="monthly_and_recent"} 0`,
			`kaisen_line_restriction{` + line + `,scope="line",restriction="unknown"} 0`,
			`kaisen_line_restriction{` + line + `,scope="data_share",restriction="none"} 0`,
			`kaisen_line_restriction{` + line + `,scope="data_share",restriction="recent"} 0`,
			`kaisen_line_restriction{` + line + `,scope="data_share",restriction="monthly"} 0`,
			`kaisen_line_restriction{` + line + `,scope="data_share",restriction="monthly_and_recent"} 0`,
			`kaisen_line_restriction{` + line + `,scope="data_share",restriction="unknown"} 1`,
			`# TYPE kaisen_line_session_connected gauge`,
			`kaisen_line_session_connected{` + line + `} 1`,
			`# TYPE kaisen_line_session_roaming gauge`,
			`kaisen_line_session_roaming{` + line + `} 1`,
			`# TYPE kaisen_line_info gauge`,
			`kaisen_line_info{` + line + `,plan_code="T3001328",access="lte",sim_type="標準SIM",device_name="UNO SIM LTE SIM ",data_share="registered"} 1`,
			`# TYPE kaisen_line_observed_timestamp_seconds gauge`,
			`kaisen_line_observed_timestamp_seconds{` + line + `,job="traffic"} 9.466848e+08`,
			`kaisen_line_observed_timestamp_seconds{` + line + `,job="data_share"} 9.4668474e+08`,
			`kaisen_line_observed_timestamp_seconds{` + line + `,job="session"} 9.466848015e+08`,
			`# TYPE kaisen_data_share_remaining_bytes gauge`,
			`kaisen_data_share_remaining_bytes{` + contract + `} 1.8446744073709552e+19`,
			`# TYPE kaisen_data_share_restriction gauge`,
			`kaisen_data_share_restriction{` + contract + `,restriction="none"} 0`,
			`kaisen_data_share_restriction{` + contract + `,restriction="recent"} 0`,
			`kaisen_data_share_restriction{` + contract + `,restriction="monthly"} 0`,
			`kaisen_data_share_restriction{` + contract + `,restriction="monthly_and_recent"} 0`,
			`kaisen_data_share_restriction{` + contract + `,restriction="unknown"} 1`,
			`# TYPE kaisen_data_share_members gauge`,
			`kaisen_data_share_members{` + contract + `} 1`,
			`# TYPE kaisen_authentications_total counter`,
			`kaisen_authentications_total{` + contract + `,result="ok",session_type="domestic"} 2`,
			`kaisen_authentications_total{` + contract + `,result="ok",session_type="roaming"} 0`,
			`kaisen_authentications_total{` + contract + `,result="ng",session_type="domestic"} 0`,
			`kaisen_authentications_total{` + contract + `,result="ng",session_type="roaming"} 0`,
			`# TYPE kaisen_authentications_late_total counter`,
			`kaisen_authentications_late_total{` + contract + `,result="ok",session_type="domestic"} 0`,
			`kaisen_authentications_late_total{` + contract + `,result="ok",session_type="roaming"} 0`,
			`kaisen_authentications_late_total{` + contract + `,result="ng",session_type="domestic"} 0`,
			`kaisen_authentications_late_total{` + contract + `,result="ng",session_type="roaming"} 0`,
			`# TYPE kaisen_session_events_total counter`,
			`kaisen_session_events_total{` + contract + `,event="start",session_type="domestic"} 0`,
			`kaisen_session_events_total{` + contract + `,event="start",session_type="roaming"} 0`,
			`kaisen_session_events_total{` + contract + `,event="stop",session_type="domestic"} 0`,
			`kaisen_session_events_total{` + contract + `,event="stop",session_type="roaming"} 0`,
			`kaisen_session_events_total{` + contract + `,event="stop",session_type="unknown"} 1`,
		}
		if diff := cmp.Diff(want, samples); diff != "" {
			t.Errorf("exposition (-want +got):\n%s", diff)
		}
	})
}
