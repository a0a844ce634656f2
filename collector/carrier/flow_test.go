package carrier

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"kaisen/collector/carrier/ratelimit"
)

// The requests of the day count tokens too. When they are used up, nothing is sent: the error says so, notes and gauges too,
// until midnight in Tokyo.
func TestTheRequestsOfTheDayAreUsedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig()
		cfg.DailyRequests, cfg.Zone, cfg.Ledger = 3, time.FixedZone("Asia/Tokyo", 9*3600), ratelimit.NewFileLedger(t.TempDir(), "hq")
		c, reg := newClientWithMetrics(t, cfg, roundTrip(func(*http.Request) (*http.Response, error) {
			return reply(http.StatusCreated, goodToken), nil
		}))
		shown := func(left string) {
			t.Helper()
			if err := testutil.GatherAndCompare(reg, strings.NewReader(`
				# HELP kaisen_rate_limit_daily_requests Requests that may be sent in a day of the carrier's, rate_limit.daily_requests; absent without such a limit.
				# TYPE kaisen_rate_limit_daily_requests gauge
				kaisen_rate_limit_daily_requests{source="hq"} 3
				# HELP kaisen_rate_limit_daily_remaining Requests of the carrier's day that are left; absent without rate_limit.daily_requests, and while they cannot be counted.
				# TYPE kaisen_rate_limit_daily_remaining gauge
				kaisen_rate_limit_daily_remaining{source="hq"} `+left+`
			`), "kaisen_rate_limit_daily_requests", "kaisen_rate_limit_daily_remaining"); err != nil {
				t.Error(err)
			}
		}
		shown("3")
		for i := range 2 {
			if _, err := c.Get(InFront(t.Context()), "traffic", "/traffic", nil); err != nil {
				t.Fatal(err)
			}
			if notes := c.Notes(); i == 0 && (len(notes) != 1 || !strings.Contains(notes[0], "what is left of it, 1 of 3 (rate_limit.daily_requests), is one every 14h59m")) {
				t.Errorf("notes %q while what is left is spread over the day", notes)
			}
		}
		shown("0")
		began := time.Now()
		_, err := c.Get(t.Context(), "traffic", "/traffic", nil)
		var failure *Error
		if !errors.As(err, &failure) || failure.Kind != KindUsedUp || failure.RetryAfter < 14*time.Hour || failure.RetryAfter > 15*time.Hour+time.Minute {
			t.Fatalf("error %#v", err)
		}
		if !strings.Contains(err.Error(), "daily_requests: 3") || time.Since(began) != 0 || c.Stats().Requests != 3 {
			t.Errorf("%v, after %v and %d requests", err, time.Since(began), c.Stats().Requests)
		}
		if notes := c.Notes(); len(notes) != 1 || !strings.Contains(notes[0], "all 3 requests of the day") {
			t.Errorf("notes %q", notes)
		}
		time.Sleep(failure.RetryAfter)
		shown("3")
		if notes := c.Notes(); len(notes) != 1 || !strings.Contains(notes[0], "what is left of it, 3 of 3") { // the last two were ahead of their time
			t.Errorf("notes %q on the next day", notes)
		}
	})
}

// Requests under a job's context have its share, what a person asks goes first, and tokens go with whoever needs them.
func TestContextsSayOnWhoseBehalf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		sent := map[string]int{}
		c := newClient(t, testConfig(), func(req *http.Request) (*http.Response, error) {
			mu.Lock()
			defer mu.Unlock()
			sent[req.URL.Path]++
			return reply(http.StatusOK, "{}"), latency(req.Context(), 10*time.Millisecond)
		})
		withToken(t, c)
		for job, share := range map[string]float64{"/one": 1, "/three": 3} {
			for range 20 {
				go func() {
					for range 100 {
						_, _ = c.Get(WithJob(t.Context(), job, share), "traffic", job, nil)
					}
				}()
			}
		}
		time.Sleep(10 * time.Second)
		began := time.Now()
		if _, err := c.Get(InFront(t.Context()), "traffic", "/person", nil); err != nil || time.Since(began) > 50*time.Millisecond {
			t.Errorf("what a person asks took %v: %v", time.Since(began), err)
		}
		mu.Lock()
		if ratio := float64(sent["/three"]) / float64(sent["/one"]); ratio < 2.85 || ratio > 3.15 {
			t.Errorf("shares 3 and 1: %v", sent)
		}
		mu.Unlock()
		time.Sleep(time.Minute)
	})
}
