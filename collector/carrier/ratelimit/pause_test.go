package ratelimit

import (
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestMaintenancePausesAndProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		arrivals := newTimes()
		back := time.Now().Add(2 * time.Minute)
		c := newFake(testConfig(), func(req *http.Request) (*http.Response, error) {
			arrivals.note()
			down := time.Now().Before(back)
			if err := latency(req.Context(), time.Second); err != nil {
				return nil, err
			}
			if down {
				return reply(http.StatusServiceUnavailable), nil
			}
			return reply(http.StatusOK), nil
		})
		arrivals.start = time.Now()
		sweep(t, c, "http://carrier.test/", 4, 20)
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
		c := newFake(cfg, func(req *http.Request) (*http.Response, error) {
			arrivals.note()
			switch n.Add(1) {
			case 1:
				return reply(http.StatusServiceUnavailable), nil
			case 2: // the first probe hangs: a carrier that does not answer is not back
				return nil, latency(req.Context(), time.Hour)
			}
			return reply(http.StatusOK), nil
		})
		arrivals.start = time.Now()
		sweep(t, c, "http://carrier.test/", 3, 3)
		got := arrivals.list()
		if at := got[2].Round(time.Second); at != (15+5+30)*time.Second {
			t.Errorf("second probe after %v, want 50 s", at)
		}
	})
}
