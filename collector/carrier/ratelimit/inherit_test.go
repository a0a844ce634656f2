package ratelimit

import (
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// TestATransportGoesOnWhereAnotherStopped: however often one takes the place of another, all of them together ask no more than a
// server's bucket allows.
func TestATransportGoesOnWhereAnotherStopped(t *testing.T) {
	for name, next := range map[string]func(Limit) Limit{
		"the limit as it was": func(l Limit) Limit { return l },
		"another burst":       func(l Limit) Limit { l.Burst ^= 1; return l },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := testConfig()
				cfg.RequestsPerSecond, cfg.Burst = 10, 20
				server := newBucket(10, 21)
				now := newFake(cfg, behind(server))
				for range 10 {
					for range 12 {
						if err := ask(request(t.Context(), "/"), now); err != nil {
							t.Fatal(err)
						}
					}
					cfg.Limit = next(cfg.Limit)
					following := newFake(cfg, behind(server))
					if err := following.Inherit(now); err != nil {
						t.Fatal(err)
					}
					now = following
				}
				if server.refused > 0 {
					t.Errorf("%d requests were too many", server.refused)
				}
			})
		})
	}
}

// A pause that the server asked for holds for the next Transport too, and so does the pace that its complaints have taught.
func TestAPauseIsInherited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, answers := time.Now(), newTimes()
		base := func(*http.Request) (*http.Response, error) {
			if answers.note() == 1 {
				return reply(http.StatusTooManyRequests, "Retry-After", "60"), nil
			}
			return reply(http.StatusOK), nil
		}
		before := newFake(testConfig(), base)
		if resp, err := before.RoundTrip(request(t.Context(), "/")); err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
		after := newFake(testConfig(), base)
		if err := after.Inherit(before); err != nil {
			t.Fatal(err)
		}
		if err := ask(request(t.Context(), "/"), after); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(began); waited < time.Minute {
			t.Errorf("asked again after %s", waited)
		}
	})
}

// What was spent of the day stays spent, also where the account has another name now.
func TestTheDaysBudgetIsInherited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		folder := t.TempDir()
		toMidnight()
		time.Sleep(time.Hour)
		named := func(name string) *Transport {
			cfg := dailyConfig(folder, 10)
			cfg.Daily.Ledger, cfg.Daily.AtOnce = NewFileLedger(folder, name), true
			return newFake(cfg, func(*http.Request) (*http.Response, error) { return reply(http.StatusOK), nil })
		}
		sent, now := 0, named("hq")
		for i := range 20 {
			resp, err := now.RoundTrip(request(t.Context(), "/"))
			if err != nil {
				var used *PausedError
				if !errors.As(err, &used) || !used.Daily {
					t.Fatal(err)
				}
				continue
			}
			_ = resp.Body.Close()
			sent++
			following := named([]string{"hq", "tokyo"}[i/4%2])
			if err := following.Inherit(now); err != nil {
				t.Fatal(err)
			}
			now = following
		}
		if sent != 10 {
			t.Errorf("%d requests, 10 are allowed in a day", sent)
		}
	})
}
