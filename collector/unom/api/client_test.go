package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/goleak"

	"kaisen/collector/carrier"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve is a client of a carrier that answers with api behind a token.
func serve(t *testing.T, api http.HandlerFunc) (*Client, *carrier.Client, *prometheus.Registry) {
	t.Helper()
	const date = "Tue, 31 Dec 2013 11:30:00 GMT" // of one carrier, whose answers have one clock
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", date)
		_, _ = io.WriteString(w, `{"accessToken":"t","expiresIn":"3599"}`)
	})
	mux.HandleFunc("/v2/unom/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", date)
		api(w, r)
	})
	server := httptest.NewServer(mux)
	transport := &http.Transport{}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
	})
	cfg := carrier.DefaultConfig()
	cfg.Source, cfg.BaseURL, cfg.TokenURL = "hq", server.URL, server.URL+"/token"
	cfg.ClientID, cfg.ClientSecret, cfg.RequestsPerSecond, cfg.Inspect = "id", "secret", 0, Inspect
	reg := prometheus.NewRegistry()
	c, err := carrier.New(cfg, transport, carrier.NewMetrics(reg), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return New(c, tokyo), c, reg
}

func TestCallsAskWhatTheDocumentSays(t *testing.T) {
	const contract, line = "N123456789", "09012345678"
	query := LogQuery{Start: jst(2017, 2, 2, 12, 20, 30).UTC(), End: jst(2017, 2, 3, 12, 20, 30)}
	byLine, byID := query, query
	byLine.LineNo, byID.AuthID = line, "userId@domainName"
	var asked string
	var body []byte
	c, _, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = strings.TrimPrefix(r.URL.RequestURI(), "/v2/unom/contracts/N123456789")
		_, _ = w.Write(body)
	})
	wants := documentedAnswers()
	for _, call := range []struct {
		example, want string
		ask           func(context.Context) (any, error)
	}{
		{"contract", "", func(ctx context.Context) (any, error) { a, err := c.Contract(ctx, contract); return a.Value, err }},
		{"lines", "/lines", func(ctx context.Context) (any, error) { a, err := c.Lines(ctx, contract); return a.Value, err }},
		{"traffic", "/lines/09012345678/traffic", func(ctx context.Context) (any, error) {
			a, err := c.Traffic(ctx, contract, line)
			return a.Value, err
		}},
		{"data_share_traffic", "/lines/09012345678/dataShare/traffic", func(ctx context.Context) (any, error) {
			a, err := c.DataShareTraffic(ctx, contract, line)
			return a.Value, err
		}},
		{"data_share", "/dataShare", func(ctx context.Context) (any, error) { a, err := c.DataShare(ctx, contract); return a.Value, err }},
		{"session", "/lines/09012345678/session", func(ctx context.Context) (any, error) {
			a, err := c.Session(ctx, contract, line)
			return a.Value, err
		}},
		{"authentications", "/authentications?startTime=20170202122030&endTime=20170203122030", func(ctx context.Context) (any, error) {
			a, err := c.Authentications(ctx, contract, query)
			return a.Value, err
		}},
		{"authentications", "/authentications?startTime=20170202122030&endTime=20170203122030&lineNoSearchKey=09012345678", func(ctx context.Context) (any, error) {
			a, err := c.Authentications(ctx, contract, byLine)
			return a.Value, err
		}},
		{"sessions", "/sessions?startTime=20170202122030&endTime=20170203122030&authSearchKey=userId@domainName", func(ctx context.Context) (any, error) {
			a, err := c.Sessions(ctx, contract, byID)
			return a.Value, err
		}},
	} {
		body = example(t, call.example)
		got, err := call.ask(t.Context())
		if err != nil {
			t.Errorf("%s: %v", call.example, err)
		}
		if diff := cmp.Diff(wants[call.example], got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", call.example, diff)
		}
		if asked != call.want {
			t.Errorf("%s asked for %s, want %s", call.example, asked, call.want)
		}
	}
}

func TestAnswerKeepsWhatItWasMadeOf(t *testing.T) {
	const body = `{"trafficToday": "18446744073709551616", "limitStatus2": "0"}`
	c, _, reg := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
	got, err := c.Traffic(t.Context(), "N123456789", "09012345678")
	if err != nil {
		t.Fatal(err)
	}
	observed := time.Date(2013, 12, 31, 11, 30, 0, 0, time.UTC)
	if string(got.Payload) != body || got.Status != 200 || !got.ObservedAt.Equal(observed) || time.Since(got.ReceivedAt) > time.Minute {
		t.Errorf("answer %+v", got)
	}
	const want = `
		# HELP kaisen_parse_warnings_total Odd values met in answers that were decoded all the same.
		# TYPE kaisen_parse_warnings_total counter
		kaisen_parse_warnings_total{field="trafficToday",operation="traffic",reason="saturated"} 1
	`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "kaisen_parse_warnings_total"); err != nil {
		t.Error(err)
	}
}

func TestMalformedAnswersKeepTheirPayload(t *testing.T) {
	for _, body := range []string{"", "<html>", `{"trafficToday": "-1"}`, `{"lineNo": "09099999999", "trafficToday": 1}`} {
		c, _, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
		_, err := c.Traffic(t.Context(), "N123456789", "09012345678")
		var failure *carrier.Error
		if !errors.As(err, &failure) || failure.Kind != carrier.KindMalformed || string(failure.Payload) != body {
			t.Errorf("%q: %v with payload %q", body, err, failure.Payload)
		}
		if !strings.HasPrefix(err.Error(), "contract N123456789, line 090****5678: traffic: malformed answer (HTTP 200): ") {
			t.Errorf("%q: error %q", body, err)
		}
		if strings.Contains(err.Error(), "09099999999") {
			t.Errorf("error %q tells a whole line number", err)
		}
	}
}

func TestNoShareGroup(t *testing.T) {
	c, _, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"responseHeader":{"errorCode":"404","errorMessage":"The Requested lineGroup is not found."}}`)
	})
	_, err := c.DataShareTraffic(t.Context(), "N123456789", "09012345678")
	if kind, _ := carrier.KindOf(err); kind != KindNoShareGroup {
		t.Errorf("error %v, want no share group", err)
	}
}

func TestTooManySessionRequestsCountAsThrottled(t *testing.T) {
	c, account, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"resultCode": 2}`) })
	got, err := c.Session(t.Context(), "N123456789", "09012345678")
	if err != nil || got.Value.ResultCode != ResultTooMany || got.Value.Connected.Known {
		t.Errorf("session %+v, error %v", got.Value, err)
	}
	if n := account.Stats().Throttled; n != 1 {
		t.Errorf("%d counted as throttled, want 1", n)
	}
}

// A quota on call 26 is that call's: call 03 keeps its pace.
func TestTooManySessionRequestsLeaveTrafficAlone(t *testing.T) {
	c, account, reg := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body := `{"trafficToday": 1}`
		if strings.HasSuffix(r.URL.Path, "/session") {
			body = `{"resultCode": "2"}`
		}
		_, _ = io.WriteString(w, body)
	})
	for n := range 12 {
		line := fmt.Sprintf("0901234567%d", n%10)
		if _, err := c.Traffic(t.Context(), "N123456789", line); err != nil {
			t.Fatal(err)
		}
		if n < 5 {
			if _, err := c.Session(t.Context(), "N123456789", line); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := account.Stats().Throttled; n != 5 {
		t.Errorf("%d counted as throttled, want 5", n)
	}
	slowed := 0
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			switch rate := metric.GetGauge().GetValue(); family.GetName() {
			case "kaisen_rate_limit_requests_per_second":
				if !math.IsInf(rate, 1) {
					t.Errorf("the account is at %v a second", rate)
				}
			case "kaisen_rate_limit_operation_requests_per_second":
				slowed++
				if name := metric.GetLabel()[0].GetValue(); name != "session" || math.IsInf(rate, 1) {
					t.Errorf("%s is at %v a second", name, rate)
				}
			}
		}
	}
	if slowed != 1 {
		t.Errorf("%d operations are slowed down, want one", slowed)
	}
}
