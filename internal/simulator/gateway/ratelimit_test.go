package gateway_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kaisen/internal/simulator"
	"kaisen/internal/simulator/simulatortest"
)

// Whatever a client does, no span lets through more than burst + span × rps; and one that keeps to the pace is
// never refused, tokens included.
func TestRateLimitIsStrict(t *testing.T) {
	for _, limit := range []struct {
		rps   float64
		burst int
	}{{100, 10}, {100, 1}, {3, 1}, {0.5, 2}, {7, 50}} {
		t.Run(fmt.Sprintf("%v rps burst %d", limit.rps, limit.burst), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := simulatortest.Frozen(simulatortest.Noon())
				cfg.RPS, cfg.Burst = limit.rps, limit.burst
				c := simulatortest.NewClient(t, cfg) // its token is the first request
				admitted := []time.Time{time.Now()}
				pace := time.Duration(float64(time.Second) / limit.rps)
				for i := range 400 {
					time.Sleep(pace * time.Duration(i%7) / 4)
					if c.Do("GET", simulatortest.Base+"N000000001", "").Code == 200 {
						admitted = append(admitted, time.Now())
					}
				}
				for i := range admitted {
					for j := i; j < len(admitted); j++ {
						most := float64(limit.burst) + admitted[j].Sub(admitted[i]).Seconds()*limit.rps + 1e-6
						if n := j - i + 1; float64(n) > most {
							t.Fatalf("%d requests let through in %s", n, admitted[j].Sub(admitted[i]))
						}
					}
				}
				time.Sleep(time.Duration(limit.burst) * pace)
				for range limit.burst - 1 {
					c.Do("GET", simulatortest.Base+"N000000001", "")
				}
				for range 200 {
					time.Sleep(pace)
					if w := c.Do("GET", simulatortest.Base+"N000000001", ""); w.Code != 200 {
						t.Fatalf("%d at the right pace", w.Code)
					}
				}
			})
		})
	}
}

func TestRetryAfter(t *testing.T) {
	for _, test := range []struct {
		say  simulator.RetryAfter
		rps  float64
		want string
	}{
		{simulator.RetryCeil, 100, "1"}, {simulator.RetryCeil, 0.4, "3"}, {simulator.RetryFloor, 100, "0"},
		{simulator.RetryFloor, 0.4, "2"}, {simulator.RetryNone, 100, ""}, {simulator.RetryDate, 0.4, "Sat, 01 Jan 2000 00:00:03 GMT"},
	} {
		t.Run(fmt.Sprint(test.say, test.rps), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // the bubble's time begins at 2000-01-01
				cfg := simulatortest.Frozen(simulatortest.Noon())
				cfg.RPS, cfg.Burst, cfg.RetryAfter = test.rps, 1, test.say
				c := simulatortest.NewClient(t, cfg)
				w := c.Do("GET", simulatortest.Base+"N000000001", "")
				if w.Code != 429 || w.Header().Get("Retry-After") != test.want {
					t.Errorf("%d, Retry-After %q, want 429 and %q", w.Code, w.Header().Get("Retry-After"), test.want)
				}
				if body := simulatortest.Read(t, w.Body.String()); body["errorCode"] != "429" || body["requestId"] == nil {
					t.Errorf("not in the gateway's shape: %s", w.Body)
				}
				if date := w.Header().Get("Date"); date != simulatortest.Noon().UTC().Format(http.TimeFormat) {
					t.Errorf("Date %s is not the virtual time", date)
				}
			})
		})
	}
}

// Latency is in real time, whatever the virtual clock does, and refusals do not wait for it.
func TestLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := simulatortest.Frozen(simulatortest.Noon())
		cfg.Latency, cfg.Jitter, cfg.RPS, cfg.Burst = 30*time.Millisecond, 10*time.Millisecond, 1, 3
		c := simulatortest.NewClient(t, cfg)
		for _, want := range []struct {
			code     int
			min, max time.Duration
		}{{200, 30 * time.Millisecond, 40 * time.Millisecond}, {200, 30 * time.Millisecond, 40 * time.Millisecond}, {429, 0, 0}} {
			before := time.Now()
			w := c.Do("GET", simulatortest.Base+"N000000001", "")
			if took := time.Since(before); w.Code != want.code || took < want.min || took > want.max {
				t.Errorf("%d after %s, want %d after %s to %s", w.Code, took, want.code, want.min, want.max)
			}
		}
		stats := c.Carrier.Stats()
		if stats.Rejected != 1 || stats.Total != 4 || stats.Requests["contract"]["429"] != 1 || stats.Requests["token"]["201"]+stats.Requests["token"]["200"] != 1 {
			t.Errorf("stats: %+v", stats)
		}
	})
}

func TestVirtualClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := simulatortest.Frozen(simulatortest.Noon())
		cfg.Speed = 60
		c := simulatortest.NewClient(t, cfg)
		time.Sleep(2 * time.Second)
		if got := c.Carrier.Now(); !got.Equal(simulatortest.Noon().Add(2 * time.Minute)) {
			t.Errorf("2 s at speed 60: %s", got)
		}
		w := c.Do("POST", "/_sim/clock", `{"now":"2026-05-01T00:00:00+09:00","advance":"-1h","speed":0}`)
		time.Sleep(time.Hour)
		want := `{"now":"2026-04-30T23:00:00+09:00","speed":0}`
		if got := strings.TrimSpace(w.Body.String()); got != want {
			t.Errorf("after POST: %s, want %s", got, want)
		}
		if got := strings.TrimSpace(c.Do("GET", "/_sim/clock", "").Body.String()); got != want {
			t.Errorf("frozen: %s, want %s", got, want)
		}
		w = c.Do("POST", "/_sim/clock", `{"now":"9999-01-01T00:00:00Z","advance":"soon","speed":-1}`)
		for _, mistake := range []string{"advance \\\"soon\\\"", "speed -1", "year 9999"} {
			if w.Code != 400 || !strings.Contains(w.Body.String(), mistake) {
				t.Errorf("%d %s lacks %s", w.Code, w.Body, mistake)
			}
		}
	})
}
