package carrier

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// Whether the carrier answers an account is said from what it does, with the time since when and its own words.
func TestStanding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var token, status atomic.Int64
		token.Store(http.StatusUnauthorized)
		cfg := testConfig()
		cfg.MaxAttempts, cfg.Zone = 1, time.UTC
		client, _ := newClientWithMetrics(t, cfg, roundTrip(func(req *http.Request) (*http.Response, error) {
			switch {
			case req.Method != http.MethodPost:
				return reply(int(status.Load()), `{"responseHeader":{"errorMessage":"line 090-1234-5678\nis refused"}}`), nil
			case token.Load() == http.StatusCreated:
				return reply(http.StatusCreated, goodToken), nil
			}
			return reply(int(token.Load()), `{"error":"invalid_client"}`), nil
		}))
		const patience = 15 * time.Minute
		expect := func(when, begins string) {
			t.Helper()
			got := ""
			if err := client.Standing(patience); err != nil {
				got = err.Error()
			}
			if begins == "" && got != "" || !strings.HasPrefix(got, begins) || strings.ContainsAny(got, "\n") || strings.Contains(got, "1234") {
				t.Errorf("%s: %q, want %q", when, got, begins)
			}
		}
		ask := func() { _, _ = client.Get(t.Context(), "traffic", "/", nil) }
		source := "source " + cfg.Source + ": "
		expect("nothing asked yet", "")
		ask()
		const start = "2000-01-01 00:00:00 UTC"
		expect("a secret that is refused", source+"the carrier has given no token since "+start+": token: unauthorised (HTTP 401): ")
		time.Sleep(time.Minute)
		ask()
		expect("a minute later", source+"the carrier has given no token since "+start+": ")
		token.Store(http.StatusCreated)
		status.Store(http.StatusForbidden)
		time.Sleep(time.Minute)
		ask()
		expect("let in and refused all the same", source+"the carrier has answered nothing well since the start at "+start+": traffic: not allowed (HTTP 403): line 090****5678 is refused")
		status.Store(http.StatusOK)
		ask()
		expect("answered", "")
		answered := time.Now()
		status.Store(http.StatusInternalServerError)
		for range 14 {
			time.Sleep(time.Minute)
			ask()
			expect("a failure after "+time.Since(answered).String(), "")
		}
		time.Sleep(10 * time.Hour)
		expect("asked nothing for hours", "")
		ask()
		expect("asked again", source+"the carrier has answered nothing well since "+answered.UTC().Format("2006-01-02 15:04:05 MST")+": traffic: server error (HTTP 500)")
		status.Store(http.StatusOK)
		ask()
		expect("answered again", "")
	})
}

// Who gave up asking, or has no requests left today, has learnt nothing of the carrier; who is still asking has not, either.
func TestStandingOfUnaskedQuestions(t *testing.T) {
	var s Client
	s.standing.begin()
	if err := s.Standing(time.Hour); err == nil || !strings.Contains(err.Error(), "the first answer of the carrier is awaited since ") {
		t.Errorf("waiting for the first answer: %v", err)
	}
	for range 2 {
		s.standing.end(&Error{Kind: KindUsedUp}, false)
		s.standing.end(&Error{Kind: KindNetwork}, true)
		if err := s.Standing(0); err != nil {
			t.Errorf("nothing was asked: %v", err)
		}
		s.standing.end(nil, false)
	}
}
