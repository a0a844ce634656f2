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
)

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

func TestMaintenancePausesAndProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const body = `{"responseHeader":{"errorCode":"503","errorMessage":"System Maintainance"}}`
		arrivals := newTimes()
		back := time.Now().Add(10*time.Second + 2*time.Minute)
		c := newClient(t, testConfig(), func(req *http.Request) (*http.Response, error) {
			arrivals.note()
			down := time.Now().Before(back)
			if err := latency(req.Context(), time.Second); err != nil {
				return nil, err
			}
			if down {
				return reply(http.StatusServiceUnavailable, body), nil
			}
			return reply(http.StatusOK, "{}"), nil
		})
		withToken(t, c)
		arrivals.start = time.Now()
		sweep(t, c, 4, 20)
		// Four were under way before the first answer. Then one probe each after 15, 30, 60 and 120 s, counted from the
		// answer before, and when the last of them is answered, all others.
		got := arrivals.list()
		probes := []time.Duration{16, 47, 108, 229}
		for i, want := range probes {
			if at := got[4+i].Truncate(time.Second); at != want*time.Second {
				t.Errorf("probe %d left after %v, want %d s", i, got[4+i], want)
			}
		}
		for i, at := range got[8:] {
			if at < 230*time.Second {
				t.Errorf("request %d left after %v, before the probe was answered", 8+i, at)
			}
		}
		if want := 4 + 3 + 20; len(got) != want {
			t.Errorf("%d requests, want %d", len(got), want)
		}
	})
}

func TestProbeThatIsGivenUpLeavesItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int64
		cfg := testConfig()
		cfg.Timeout = 5 * time.Second
		arrivals := newTimes()
		c := newClient(t, cfg, func(req *http.Request) (*http.Response, error) {
			arrivals.note()
			switch n.Add(1) {
			case 1:
				return reply(http.StatusServiceUnavailable, "<html>System Maintenance</html>"), nil
			case 2: // the first probe hangs: a carrier that does not answer is not back
				return nil, latency(req.Context(), time.Hour)
			}
			return reply(http.StatusOK, "{}"), nil
		})
		withToken(t, c)
		arrivals.start = time.Now()
		sweep(t, c, 3, 3)
		got := arrivals.list()
		if at := got[2].Round(time.Second); at != (15+5+30)*time.Second {
			t.Errorf("second probe after %v, want 50 s", at)
		}
	})
}

func TestPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig()
		cfg.Patience = time.Minute
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
					t.Errorf("error %v, want one that tells until when", err)
				}
			})
		}
		group.Wait()
		if took := time.Since(start); took > time.Second {
			t.Errorf("gave up after %v, want at once: the pause outlasts the patience", took)
		}
		time.Sleep(45 * time.Second) // now it does not
		if _, err := c.Get(t.Context(), "traffic", "/", nil); err == nil || time.Since(start) < 90*time.Second {
			t.Errorf("error %v after %v, want the next 429", err, time.Since(start))
		}
	})
}

// resultCode 2 comes with status 200, and counts like a 429.
func TestThrottledByAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, reg := newClientWithMetrics(t, testConfig(), roundTrip(func(*http.Request) (*http.Response, error) {
			return reply(http.StatusOK, goodToken), nil
		}))
		for range 2 {
			got, err := c.Get(t.Context(), "session", "/", nil)
			if err != nil {
				t.Fatal(err)
			}
			c.Throttled(got, "resultCode 2")
		}
		if rate := c.budget.pacer.rate; rate >= 100 {
			t.Errorf("rate %v after resultCode 2, want less than configured", rate)
		}
		const want = `
			# HELP kaisen_api_throttled_total Answers with which the carrier asked for less: 429, 503, resultCode 2.
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
