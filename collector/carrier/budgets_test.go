package carrier

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// A pause stands in the notes and in the metrics for as long as it lasts, and no longer, though nothing is sent.
func TestPausesAreShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bad := map[string]string{"/traffic": "busy", "/session": "System Maintainance", "/lines": "System Maintainance"}
		var over atomic.Bool
		c, reg := newClientWithMetrics(t, fleetConfig(), roundTrip(func(req *http.Request) (*http.Response, error) {
			if body := bad[req.URL.Path]; body != "" && !over.Load() {
				return reply(503, body, "Retry-After", "90"), nil
			}
			return reply(http.StatusCreated, goodToken), nil
		}))
		tokyo := time.FixedZone("JST", 9*60*60)
		c.cfg.MaxAttempts, c.cfg.Zone = 1, tokyo
		if notes := c.Notes(); len(notes) > 0 {
			t.Errorf("notes %q of an account that was never asked for anything", notes)
		}
		for path := range bad {
			go func() { _, _ = c.Get(t.Context(), path[1:], path, nil) }()
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		notes := c.Notes()
		slices.Sort(notes)
		at := time.Now().Add(81 * time.Second).In(tokyo).Format("2006-01-02 15:04")
		if len(notes) != 2 || !strings.HasSuffix(notes[0], " JST") ||
			!strings.HasPrefix(notes[0], "source hq: the carrier asked for a pause (503), requests of traffic wait; the next at "+at) ||
			!strings.HasPrefix(notes[1], "source hq: the carrier is under maintenance (503), requests of lines and session wait; the next at "+at) {
			t.Errorf("notes %q", notes)
		}
		shown := func(want string) {
			t.Helper()
			const help = `
				# HELP kaisen_rate_limit_paused 1 while nothing is sent for an operation, or at all, because the carrier complained; the reason is that of the last complaint.
				# TYPE kaisen_rate_limit_paused gauge
			`
			if err := testutil.GatherAndCompare(reg, strings.NewReader(help+want), "kaisen_rate_limit_paused"); err != nil {
				t.Error(err)
			}
		}
		shown(`
			kaisen_rate_limit_paused{operation="all",reason="",source="hq"} 0
			kaisen_rate_limit_paused{operation="lines",reason="503",source="hq"} 1
			kaisen_rate_limit_paused{operation="session",reason="503",source="hq"} 1
			kaisen_rate_limit_paused{operation="traffic",reason="503",source="hq"} 1
		`)
		if until := pausedUntil(t, reg); len(until) != 3 || slices.ContainsFunc(until, func(at time.Time) bool { return time.Until(at) < 79*time.Second || time.Until(at) > 82*time.Second }) {
			t.Errorf("paused until %v at %v", until, time.Now())
		}
		over.Store(true)
		time.Sleep(90 * time.Second)
		synctest.Wait()
		if notes := c.Notes(); len(notes) > 0 {
			t.Errorf("notes %q after the end", notes)
		}
		shown(`
			kaisen_rate_limit_paused{operation="all",reason="",source="hq"} 0
			kaisen_rate_limit_paused{operation="traffic",reason="503",source="hq"} 0
		`)
		if until := pausedUntil(t, reg); len(until) > 0 {
			t.Errorf("paused until %v after the end", until)
		}
		if err := testutil.GatherAndCompare(reg, strings.NewReader(`
			# HELP kaisen_rate_limit_requests_per_second The request rate in force now: the configured one, or less after the carrier throttled. +Inf is no limit.
			# TYPE kaisen_rate_limit_requests_per_second gauge
			kaisen_rate_limit_requests_per_second{source="hq"} 5
		`), "kaisen_rate_limit_requests_per_second"); err != nil {
			t.Error(err)
		}
	})
}

// pausedUntil are the values of kaisen_api_paused_until_timestamp_seconds.
func pausedUntil(t *testing.T, reg prometheus.Gatherer) (all []time.Time) {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == "kaisen_api_paused_until_timestamp_seconds" {
			for _, m := range family.GetMetric() {
				all = append(all, time.UnixMilli(int64(1000*m.GetGauge().GetValue())))
			}
		}
	}
	return all
}
