package carrier

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"kaisen/collector/carrier/ratelimit"
)

// sweep asks n times with so many workers, and is how long it took.
func sweep(t *testing.T, c *Client, workers, n int) time.Duration {
	t.Helper()
	start := time.Now()
	var next atomic.Int64
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for next.Add(1) <= int64(n) {
				if _, err := c.Get(t.Context(), "traffic", "/", nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	return time.Since(start)
}

func TestRetryAfterPausesTheAccount(t *testing.T) {
	for name, header := range map[string]func(now time.Time) []string{
		"seconds": func(time.Time) []string { return []string{"Retry-After", "7"} },
		"date": func(now time.Time) []string {
			skewed := now.Add(-3 * time.Hour) // the carrier's clock, by which the date is meant
			return []string{
				"Date", skewed.UTC().Format(http.TimeFormat), "Retry-After", skewed.Add(7 * time.Second).UTC().Format(http.TimeFormat),
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				arrivals := newTimes()
				c := newClient(t, testConfig(), func(*http.Request) (*http.Response, error) {
					if arrivals.note() == 1 {
						return reply(http.StatusTooManyRequests, "", header(time.Now())...), nil
					}
					return reply(http.StatusOK, "{}"), nil
				})
				withToken(t, c)
				arrivals.start = time.Now()
				sweep(t, c, 4, 4)
				got := arrivals.list()
				for i, at := range got[1:] {
					if at < 7*time.Second || at > 7200*time.Millisecond {
						t.Errorf("request %d left after %v, want 7 s", i+1, at)
					}
				}
				if len(got) != 5 {
					t.Errorf("%d requests for four answers and one 429", len(got))
				}
			})
		})
	}
}

func TestMaxWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig()
		cfg.MaxWait = time.Minute
		c := newClient(t, cfg, func(*http.Request) (*http.Response, error) {
			return reply(http.StatusTooManyRequests, "", "Retry-After", "90"), nil
		})
		withToken(t, c)
		start := time.Now()
		var group sync.WaitGroup
		for range 5 {
			group.Go(func() {
				_, err := c.Get(t.Context(), "traffic", "/", nil)
				if kind, _ := KindOf(err); kind != KindThrottled || !strings.Contains(err.Error(), "next request at") {
					t.Errorf("error %v, want one that says until when", err)
				}
			})
		}
		group.Wait()
		if took := time.Since(start); took > time.Second {
			t.Errorf("gave up after %v, want at once: the pause is longer than the wait allowed", took)
		}
		time.Sleep(45 * time.Second) // now it does not
		if _, err := c.Get(t.Context(), "traffic", "/", nil); err == nil || time.Since(start) < 90*time.Second {
			t.Errorf("error %v after %v, want the next 429", err, time.Since(start))
		}
	})
}

// resultCode 2 comes with status 200, and counts like a 429 of its operation.
func TestThrottledByAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, reg := newClientWithMetrics(t, testConfig(), roundTrip(func(*http.Request) (*http.Response, error) {
			return reply(http.StatusOK, goodToken), nil
		}))
		spec := RequestSpec{Method: http.MethodGet, Path: "/", Complaint: func([]byte) string { return "resultCode 2" }}
		for range 2 {
			if _, err := c.Do(t.Context(), "session", spec); err != nil {
				t.Fatal(err)
			}
		}
		if states := c.transport.States(); len(states) != 2 || states[0].Rate != 100 || states[1].Operation != "session" || states[1].Rate >= 100 {
			t.Errorf("states %+v after resultCode 2, want the operation alone slower than configured", states)
		}
		const want = `
			# HELP kaisen_api_throttled_total Answers with which the carrier asked for less: 429, 503, a gateway's 500 that speaks of a limit, resultCode 2.
			# TYPE kaisen_api_throttled_total counter
			kaisen_api_throttled_total{reason="resultCode 2",source="hq"} 2
		`
		if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "kaisen_api_throttled_total"); err != nil {
			t.Error(err)
		}
	})
}

// A sweep counts its own share of an account that others use as well.
func TestTallyCountsOneContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		requests := 0
		c := newClient(t, testConfig(), func(*http.Request) (*http.Response, error) {
			if requests++; requests == 2 {
				return reply(http.StatusTooManyRequests, ""), nil
			}
			return reply(http.StatusOK, "{}"), nil
		})
		var mine Tally
		for _, ctx := range []context.Context{t.Context(), WithTally(t.Context(), &mine), t.Context()} {
			if _, err := c.Get(ctx, "traffic", "/", nil); err != nil {
				t.Fatal(err)
			}
		}
		if mine.Requests.Load() != 2 || mine.Throttled.Load() != 1 {
			t.Errorf("tally of %d requests, %d throttled; want 2 and 1", mine.Requests.Load(), mine.Throttled.Load())
		}
		if got := (Stats{Requests: 5, Throttled: 1}); c.Stats() != got {
			t.Errorf("stats %+v of the account, want %+v", c.Stats(), got)
		}
	})
}

// The account's own counts are of everything that was sent and everything that asked for less.
func TestStatsCountTheAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked, refused atomic.Uint64
		c := newClient(t, testConfig(), func(*http.Request) (*http.Response, error) {
			if asked.Add(1)%7 == 0 {
				refused.Add(1)
				return reply(http.StatusTooManyRequests, ""), nil
			}
			return reply(http.StatusOK, "{}"), nil
		})
		sweep(t, c, 16, 50)
		if got := c.Stats(); got.Throttled != refused.Load() || got.Requests != uint64(51+refused.Load()) {
			t.Errorf("stats %+v after %d rejections", got, refused.Load())
		}
	})
}

// What an answer says about the budget stands in its status, but for maintenance, which the gateway words as it likes, and
// an error that comes with 200.
func TestVerdicts(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		want   ratelimit.Verdict
	}{
		"taken":             {200, `{"note":"System Maintenance"}`, ratelimit.Verdict{Wait: 7 * time.Second}},
		"a sorry page":      {200, "<html>System Maintenance</html>", ratelimit.Verdict{Outcome: ratelimit.Down, Reason: "maintenance page", Wait: 7 * time.Second}},
		"an error inside":   {200, `{"responseHeader":{"errorCode":"503","errorMessage":"busy"}}`, ratelimit.Verdict{Outcome: ratelimit.Throttled, Reason: "503", Wait: 7 * time.Second}},
		"a long answer":     {200, `{"responseHeader":"` + strings.Repeat("a", 5000) + `"}`, ratelimit.Verdict{Wait: 7 * time.Second}},
		"refused":           {404, "", ratelimit.Verdict{Wait: 7 * time.Second}},
		"too many":          {429, "maintenance", ratelimit.Verdict{Outcome: ratelimit.Throttled, Reason: "429", Wait: 7 * time.Second}},
		"busy":              {503, "busy", ratelimit.Verdict{Outcome: ratelimit.Throttled, Reason: "503", Wait: 7 * time.Second}},
		"maintenance":       {503, `{"responseHeader":{"errorCode":"503","errorMessage":"System Maintainance"}}`, ratelimit.Verdict{Outcome: ratelimit.Down, Reason: "503", Wait: 7 * time.Second}},
		"its right name":    {503, "<html>System Maintenance</html>", ratelimit.Verdict{Outcome: ratelimit.Down, Reason: "503", Wait: 7 * time.Second}},
		"broken over lines": {503, "System Main-\ntainance", ratelimit.Verdict{Outcome: ratelimit.Down, Reason: "503", Wait: 7 * time.Second}},
		"in Japanese":       {503, "メンテナンス中", ratelimit.Verdict{Outcome: ratelimit.Down, Reason: "503", Wait: 7 * time.Second}},
		"a gateway's quota": {500, `{"fault":{"faultstring":"Rate limit quota violation. Quota limit  exceeded. Identifier : _default",
			"detail":{"errorcode":"policies.ratelimit.QuotaViolation"}}}`, throttledBy("500")},
		"its spike arrest": {500, `{"fault":{"faultstring":"Spike arrest violation. Allowed rate : 10ps",
			"detail":{"errorcode":"policies.ratelimit.SpikeArrestViolation"}}}`, throttledBy("500")},
		"a raised fault":        {500, `{"fault":{"faultstring":"Raising fault. Fault name : Quota-Exceeded"}}`, throttledBy("500")},
		"behind another":        {502, `<html>Too Many Requests</html>`, throttledBy("502")},
		"maintenance, IPoE":     {500, `{"errors":[{"errorCode":"5000102","errorMessage":"メンテナンス中"}]}`, ratelimit.Verdict{Outcome: ratelimit.Down, Reason: "500", Wait: 7 * time.Second}},
		"a server's error":      {500, `{"responseHeader":{"errorCode":"500","errorMessage":"Internal Server Error"}}`, ratelimit.Verdict{Wait: 7 * time.Second}},
		"a gateway's bad proxy": {502, `{"fault":{"faultstring":"Raising fault. Fault name : Unknown-Resource"}}`, ratelimit.Verdict{Wait: 7 * time.Second}},
		"over 254 orders":       {400, "Too many requests.", ratelimit.Verdict{Wait: 7 * time.Second}},
	} {
		if failure := Classify(c.status, []byte(c.body)); failure != nil {
			if got := failure.Kind == KindThrottled; got != (c.want.Outcome == ratelimit.Throttled) {
				t.Errorf("%s: %s", name, failure.Kind)
			}
			if got := failure.Kind == KindMaintenance; got != (c.want.Outcome == ratelimit.Down) {
				t.Errorf("%s: %s", name, failure.Kind)
			}
		}
		resp := reply(c.status, c.body, "Retry-After", "7")
		if got := verdictOf(resp); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
		if body, err := readBody(resp); string(body) != c.body || err != nil {
			t.Errorf("%s: the body afterwards is %q, error %v", name, body, err)
		}
	}
}

func throttledBy(reason string) ratelimit.Verdict {
	return ratelimit.Verdict{Outcome: ratelimit.Throttled, Reason: reason, Wait: 7 * time.Second}
}
