package app

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kaisen/collector/unom"
	"kaisen/internal/config"
)

// What the database remembers of an account does not make it ready: the carrier must let it in, and answer.
func TestReadinessIsWhatTheCarrierSays(t *testing.T) {
	t.Parallel()
	r := newFixture(t, nil)
	r.sweep()
	var refuses atomic.Bool
	target, err := url.Parse(r.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	forward := httputil.NewSingleHostReverseProxy(target)
	carrier := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if refuses.Load() {
			http.Error(w, `{"responseHeader":{"errorMessage":"09012345678 is not for you"}}`, http.StatusForbidden)
			return
		}
		forward.ServeHTTP(w, req)
	}))
	t.Cleanup(carrier.Close)
	source := &r.cfg.Sources[0]
	source.BaseURL, source.TokenURL = carrier.URL, carrier.URL+"/v1/oauth/accesstokens"
	source.Jobs = map[string]config.Job{unom.JobLines: {Interval: config.Duration(time.Second)}, unom.JobTraffic: {Interval: config.Duration(time.Second)}}
	said := func(address string) (status int, text string) {
		answer, err := http.Get(address + "/-/ready")
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(body)
	}

	right := source.ClientSecret
	source.ClientSecret = config.NewSecret("hunter2-hunter2")
	address, end := runUntil(t, r.app())
	const noToken = "kaisen is not ready: source hq: the carrier has given no token since "
	r.eventually("the secret is refused", func() bool {
		status, text := said(address)
		if status == http.StatusOK || strings.Contains(text, "hunter2") {
			t.Fatalf("with a secret that is refused: %d %s", status, text)
		}
		return strings.HasPrefix(text, noToken) && strings.Contains(text, "check client_id and client_secret")
	})
	end()

	source.ClientSecret = right
	a := r.app()
	a.accounts[0].patience = 50 * time.Millisecond
	address, end = runUntil(t, a)
	defer end()
	r.eventually("it is ready", func() bool { status, _ := said(address); return status == http.StatusOK })
	refuses.Store(true)
	r.eventually("everything is refused", func() bool {
		status, text := said(address)
		return status == http.StatusServiceUnavailable && strings.HasPrefix(text, "kaisen is not ready: source hq: the carrier has answered nothing well since 20") &&
			strings.Contains(text, "090****5678 is not for you") && !strings.Contains(text, "09012345678")
	})
	refuses.Store(false)
	r.eventually("it is answered again", func() bool { status, _ := said(address); return status == http.StatusOK })
}

// runUntil is run until end, or the end of the test.
func runUntil(t *testing.T, a *App) (address string, end func()) {
	t.Helper()
	if err := a.Listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	return "http://" + a.server.Addr().String(), func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the service ended with %v", err)
		}
	}
}

// Who waits for kaisen to be ready is told what was in the way.
func TestWaitReadySaysWhatWasInTheWay(t *testing.T) {
	r := newFixtureOn(t, "http://kaisen@127.0.0.1:1/kaisen", nil)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	a := r.app()
	if err := a.outbox.Open(); err != nil {
		t.Fatal(err)
	}
	defer a.outbox.Close()
	const want = "the database is not open yet\nsource hq is not watched yet: what the database remembers comes first"
	if err := a.WaitReady(ctx); err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
}

// The carrier may fail for as long as the alerts on it look back, and for three questions in any case.
func TestPatience(t *testing.T) {
	for _, test := range []struct {
		intervals []time.Duration
		want      time.Duration
	}{
		{nil, 15 * time.Minute},
		{[]time.Duration{0, time.Second}, 15 * time.Minute},
		{[]time.Duration{24 * time.Hour, 0, time.Hour}, 3 * time.Hour},
	} {
		source := config.Source{Jobs: map[string]config.Job{}}
		for i, interval := range test.intervals {
			source.Jobs[string(rune('a'+i))] = config.Job{Interval: config.Duration(interval)}
		}
		if got := patienceOf(source.JobConfigs()); got != test.want {
			t.Errorf("%v: %s, want %s", test.intervals, got, test.want)
		}
	}
}
