package carrier

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/goleak"

	"kaisen/collector/carrier/ratelimit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// What every API's errors have in common, and how often each is asked for.
func TestErrors(t *testing.T) {
	for name, c := range map[string]struct {
		status   int
		body     string
		kind     Kind
		code     string
		requests int
	}{
		"unknown 404":       {404, `{"errorCode":"404","errorMessage":"Not Found"}`, KindNotFound, "404", 1},
		"URL":               {404, `{"fault":{"faultstring":"Raising fault. Fault name : Unknown-Resource"}}`, KindNotFound, "", 1},
		"forbidden":         {403, `{"errorCode":403,"errorMessage":"Forbidden"}`, KindNotAllowed, "403", 1},
		"bad request":       {400, `{"errorCode":"400","errorMessage":"Too many requests."}`, KindInvalidRequest, "400", 1},
		"token":             {401, `{"error":"invalid_token","error_description":"expired"}`, KindUnauthorised, "invalid_token", 2},
		"server":            {500, `{"errorCode":"500"}`, KindServer, "500", 4},
		"gateway":           {502, `<html>Bad Gateway</html>`, KindServer, "", 4},
		"gateway's timeout": {504, ``, KindServer, "", 4},
		"not implemented":   {501, ``, KindServer, "", 1},
		"throttled":         {429, `{"errorCode":"429","errorMessage":"slow down"}`, KindThrottled, "429", 12},
		"unavailable":       {503, `{"errorCode":503,"errorMessage":"busy"}`, KindThrottled, "503", 12},
		"redirect":          {302, ``, KindNotFound, "", 1},
		"gone":              {410, ``, KindInvalidRequest, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				requests := 0
				client := newClient(t, testConfig(), func(*http.Request) (*http.Response, error) {
					requests++
					return reply(c.status, c.body, "Date", "Tue, 31 Dec 2013 11:30:00 GMT"), nil
				})
				_, err := client.Get(t.Context(), "traffic", "/x", nil)
				var failure *Error
				if !errors.As(err, &failure) {
					t.Fatalf("error %v, want an *Error", err)
				}
				if failure.Kind != c.kind || failure.Code != c.code || failure.Operation != "traffic" {
					t.Errorf("%s, code %q, operation %s; want %s, code %q", failure.Kind, failure.Code, failure.Operation, c.kind, c.code)
				}
				if string(failure.Payload) != c.body || !failure.ObservedAt.Equal(time.Date(2013, 12, 31, 11, 30, 0, 0, time.UTC)) {
					t.Errorf("payload %q at %v", failure.Payload, failure.ObservedAt)
				}
				if requests != c.requests {
					t.Errorf("%d requests, want %d", requests, c.requests)
				}
			})
		})
	}
}

func TestErrorTexts(t *testing.T) {
	for want, err := range map[string]*Error{
		"traffic: no such line (HTTP 404): 090****5678 is not there": {
			Operation: "traffic", Kind: "no such line", Status: 404, Message: "09012345678 is not there",
		},
		"lines: no answer: context canceled": {Operation: "lines", Err: context.Canceled},
		"lines: malformed answer (HTTP 200): N123456789, 20131231": {
			Operation: "lines", Kind: KindMalformed, Status: 200, Message: "N123456789, 20131231",
		},
	} {
		if got := err.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if _, ok := KindOf(io.EOF); ok {
		t.Error("io.EOF has a kind")
	}
	if kind, ok := KindOf(fmt.Errorf("line: %w", &Error{Kind: KindTooLarge})); !ok || kind != KindTooLarge {
		t.Errorf("kind %v, %v of a wrapped error", kind, ok)
	}
}

// broken is a body that ends before its time.
type broken struct{ io.Reader }

func (broken) Close() error { return nil }

func TestAnswersThatAreNotComplete(t *testing.T) {
	tooLong := strings.Repeat(" ", maxBody+1)
	for name, c := range map[string]struct {
		answer   func(*http.Request) (*http.Response, error)
		kind     Kind
		word     string
		requests int
	}{
		"reset": {func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }, KindNetwork, "network", 4},
		"timeout": {func(req *http.Request) (*http.Response, error) {
			return nil, latency(req.Context(), time.Hour)
		}, KindNetwork, "timeout", 1},
		"reset in the middle of the time": {func(req *http.Request) (*http.Response, error) {
			return nil, cmp.Or(latency(req.Context(), testConfig().Timeout*2/5), io.ErrUnexpectedEOF)
		}, KindNetwork, "network", 3},
		"cut off": {func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, ContentLength: 9, Body: broken{strings.NewReader("{")}}, nil
		}, KindNetwork, "network", 4},
		"cut off, chunked": {func(*http.Request) (*http.Response, error) {
			body := io.MultiReader(strings.NewReader("{"), iotest.ErrReader(io.ErrUnexpectedEOF))
			return &http.Response{StatusCode: 200, ContentLength: -1, Body: broken{body}}, nil
		}, KindNetwork, "network", 4},
		"too large": {func(*http.Request) (*http.Response, error) {
			return reply(200, tooLong), nil
		}, KindTooLarge, "too_large", 1},
		"too large, chunked": {func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, ContentLength: -1, Body: broken{strings.NewReader(tooLong)}}, nil
		}, KindTooLarge, "too_large", 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := testConfig()
				cfg.MaxInFlight = 1
				requests, over := 0, false
				client := newClient(t, cfg, func(req *http.Request) (*http.Response, error) {
					if over {
						return reply(200, "{}"), nil
					}
					requests++
					return c.answer(req)
				})
				_, err := client.Get(t.Context(), "traffic", "/", nil)
				if kind, _ := KindOf(err); kind != c.kind || requests != c.requests {
					t.Errorf("%v after %d requests, want %v after %d", err, requests, c.kind, c.requests)
				}
				got := testutil.ToFloat64(client.metrics.requests.WithLabelValues("hq", "traffic", c.word))
				if got != float64(requests) {
					t.Errorf("%v requests counted under %s, want %d", got, c.word, requests)
				}
				over = true
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				if _, err := client.Get(ctx, "traffic", "/", nil); err != nil {
					t.Errorf("a request is in flight after the end: the next one waits, %v", err)
				}
			})
		})
	}
}

func TestReplyTellsTheCarriersTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		date := "Tue, 31 Dec 2013 11:30:00 GMT"
		c := newClient(t, testConfig(), func(req *http.Request) (*http.Response, error) {
			if req.Header.Get("Authorization") != "Bearer token-1" || req.Header.Get("User-Agent") != "kaisen" {
				t.Errorf("headers %v", req.Header)
			}
			if got := req.URL.String(); got != "http://carrier.test/v2/x?a=b+c" {
				t.Errorf("asked for %s", got)
			}
			return reply(200, "<html>", "Date", date), nil
		})
		if got := c.Now(); !got.Equal(time.Now()) {
			t.Errorf("clock %v before any answer, want the local one", got)
		}
		want := time.Date(2013, 12, 31, 11, 30, 0, 0, time.UTC)
		got, err := c.Get(t.Context(), "traffic", "/v2/x", url.Values{"a": {"b c"}})
		if err != nil || !got.ObservedAt.Equal(want) || !got.ReceivedAt.Equal(time.Now()) || string(got.Body) != "<html>" {
			t.Errorf("reply %+v, error %v", got, err)
		}
		time.Sleep(time.Minute)
		if now := c.Now(); !now.Equal(want.Add(time.Minute)) {
			t.Errorf("the carrier's clock is %v, want %v", now, want.Add(time.Minute))
		}
		date = "yesterday"
		got, err = c.Get(t.Context(), "traffic", "/v2/x", url.Values{"a": {"b c"}})
		if err != nil || !got.ObservedAt.Equal(time.Now()) {
			t.Errorf("observed at %v, error %v; want the local clock", got.ObservedAt, err)
		}
	})
}

func TestConfigListsAllProblems(t *testing.T) {
	_, err := New(Config{Source: "hq", BaseURL: "ftp://x", Limit: ratelimit.Limit{RequestsPerSecond: -1}}, nil, nil, nil)
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		"source hq", "base_url", "token_url", "token_style", "client_id", "client_secret", "requests_per_second",
		"burst", "max_in_flight", "timeout", "max attempts",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not speak of %s", err, want)
		}
	}
}

// The real transport reuses its connections, and the metrics are what promtool likes.
func TestRealTransport(t *testing.T) {
	connections := map[string]bool{}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connections[r.RemoteAddr] = true // one request at a time
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, goodToken)
			return
		}
		_, _ = io.WriteString(w, `{}`)
	}))
	server.Start()
	defer server.Close()
	cfg := testConfig()
	cfg.BaseURL, cfg.TokenURL, cfg.RequestsPerSecond = server.URL+"/", server.URL, 0
	transport := NewTransport(cfg.MaxInFlight)
	defer transport.CloseIdleConnections()
	c, reg := newClientWithMetrics(t, cfg, transport)
	for range 5 {
		if _, err := c.Get(t.Context(), "traffic", "/", nil); err != nil {
			t.Fatal(err)
		}
	}
	if len(connections) != 1 {
		t.Errorf("%d connections, want 1", len(connections))
	}
	c.Warned("traffic", []Warning{{Field: "trafficToday", Reason: "saturated"}})
	c.countThrottled(&requestState{tally: new(Tally)}, "429")
	problems, err := testutil.GatherAndLint(reg)
	if err != nil || len(problems) > 0 {
		t.Errorf("metrics: %v %v", problems, err)
	}
	for name, want := range map[string]int{
		"kaisen_api_requests_total": 3, "kaisen_api_request_duration_seconds": 2, "kaisen_api_throttled_total": 1,
		"kaisen_rate_limit_requests_per_second": 1, "kaisen_rate_limit_paused": 1, "kaisen_rate_limit_wait_seconds_total": 1, "kaisen_parse_warnings_total": 1,
	} {
		if got, err := testutil.GatherAndCount(reg, name); err != nil || got != want {
			t.Errorf("%d series of %s (error %v), want %d", got, name, err, want)
		}
	}
}
