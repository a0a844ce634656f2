package carrier

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"kaisen/collector/carrier/ratelimit"
	"kaisen/internal/wait/waittest"
)

// dated is a client of a carrier whose answers, the token's too, are as far ahead of our clock as ahead says of the path.
func dated(t *testing.T, ahead func(path string, n int) time.Duration) (*Client, *bytes.Buffer, *int) {
	t.Helper()
	n := new(int)
	text := new(bytes.Buffer)
	cfg := testConfig()
	cfg.Limit = ratelimit.Limit{RequestsPerSecond: 100, Burst: 1, MaxInFlight: 8}
	client, err := New(cfg, roundTrip(func(req *http.Request) (*http.Response, error) {
		*n++
		date := time.Now().Add(ahead(req.URL.Path, *n)).UTC().Format(http.TimeFormat)
		if req.Method == http.MethodPost {
			return reply(http.StatusCreated, goodToken, "Date", date), nil
		}
		return reply(200, `{}`, "Date", date), nil
	}), NewMetrics(prometheus.NewPedanticRegistry()), slog.New(slog.NewTextHandler(text, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return client, text, n
}

// off is how far an answer about path is dated from our clock, to the minute.
func off(t *testing.T, c *Client, path string) time.Duration {
	t.Helper()
	time.Sleep(time.Second)
	got, err := c.Get(t.Context(), "traffic", path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return time.Until(got.ObservedAt).Round(time.Minute)
}

const day = 24 * time.Hour

// TestOneDateOutOfBounds: whatever one answer says of the time, and however often that one says it, it is dated by the
// others, counted and told.
func TestOneDateOutOfBounds(t *testing.T) {
	for _, odd := range []time.Duration{4 * day, -4 * day, 31 * day, 2 * time.Hour, -20 * time.Minute, 75 * 365 * day, -150 * 365 * day} {
		for _, own := range []time.Duration{0, -90 * day, 3 * time.Hour} { // how far our own clock is behind the carrier's
			t.Run(fmt.Sprintf("%s own %s", odd, own), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					client, text, requests := dated(t, func(path string, _ int) time.Duration {
						if path == "/odd" {
							return own + odd
						}
						return own
					})
					for range 3 {
						if got := off(t, client, "/x"); got != own {
							t.Fatalf("a good answer is %s off, want %s", got, own)
						}
					}
					before, odds := *requests, 0
					for i := range 40 {
						path := "/x"
						if i%5 == 0 {
							path, odds = "/odd", odds+1
						}
						got := off(t, client, path)
						if path == "/x" && got != own {
							t.Errorf("answer %d: a good one is %s off, want %s", i, got, own)
						}
						if own == 0 && got != 0 {
							t.Errorf("answer %d to %s is %s off", i, path, got)
						}
					}
					if own != 0 {
						return // nobody but the answers knows better: one that repeats itself may be believed for once
					}
					if got := time.Until(client.Now()).Abs(); got > time.Second {
						t.Errorf("the carrier's clock is %s off", got)
					}
					if got := testutil.ToFloat64(client.metrics.dates.WithLabelValues("hq", "traffic")); got != float64(odds) {
						t.Errorf("%v counted of %d", got, odds)
					}
					if got := strings.Count(text.String(), "out of bounds"); got != odds {
						t.Errorf("%d of %d in the log:\n%s", got, odds, text)
					}
					if extra := *requests - before - 40; extra > 2*odds {
						t.Errorf("%d requests more than were asked for", extra)
					}
				})
			})
		}
	}
}

// TestClockThatAllAnswersAgreeOn: our own clock may be wrong, from the beginning or later on.
func TestClockThatAllAnswersAgreeOn(t *testing.T) {
	for _, ahead := range []time.Duration{0, 3 * time.Hour, -3 * time.Hour, 4 * day, 400 * day, 56 * 365 * day} {
		synctest.Test(t, func(t *testing.T) {
			moved := time.Duration(0)
			client, _, requests := dated(t, func(string, int) time.Duration { return ahead + moved })
			for i := range 5 {
				if got := off(t, client, "/x"); got != ahead {
					t.Errorf("%s: answer %d is %s off", ahead, i, got)
				}
			}
			if !client.Settled() || *requests != 6 {
				t.Errorf("settled %v after %d requests", client.Settled(), *requests)
			}
			moved = 2 * day // somebody has set the clock
			wrong := 0
			for range 400 {
				if off(t, client, "/x") != ahead+moved {
					wrong++
				}
			}
			if most := 320; wrong > most || ahead.Abs() > clockTolerance && wrong > 0 {
				t.Errorf("%s: %d answers after the clock was set are dated as before", ahead, wrong)
			}
		})
	}
}

// TestFirstDateIsOutOfBounds: nothing but our own clock is there to hold against it, and one more answer.
func TestFirstDateIsOutOfBounds(t *testing.T) {
	for _, at := range []int{1, 2} { // the token's, or the answer's
		synctest.Test(t, func(t *testing.T) {
			client, _, _ := dated(t, func(_ string, n int) time.Duration {
				if n == at {
					return 4 * day
				}
				return 0
			})
			for i := range 3 {
				if got := off(t, client, "/x"); got != 0 {
					t.Errorf("answer %d is %s off where request %d is odd", i, got, at)
				}
			}
		})
	}
}

// TestDatesThatAgreeOnNothing ask for little more.
func TestDatesThatAgreeOnNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, text, requests := dated(t, func(_ string, n int) time.Duration { return time.Duration(n*n) * day })
		for range 600 {
			if got := off(t, client, "/x"); got != 0 {
				t.Fatalf("%s off", got)
			}
		}
		if *requests > 601+62 || strings.Count(text.String(), "out of bounds") > tellsAnHour {
			t.Errorf("%d requests, %d lines of log", *requests, strings.Count(text.String(), "\n"))
		}
	})
}

// TestAllAnswersAreOfAnImpossibleTime: no agreement makes 2100 or 9999 believable.
func TestAllAnswersAreOfAnImpossibleTime(t *testing.T) {
	for _, year := range []int{2100, 9999, 1816} {
		synctest.Test(t, func(t *testing.T) {
			ahead := newClock(slog.New(slog.DiscardHandler)).skewOf(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC), time.Now())
			client, _, _ := dated(t, func(string, int) time.Duration { return ahead })
			for range 20 {
				if got := off(t, client, "/x"); got != 0 {
					t.Fatalf("%d: %s off", year, got)
				}
			}
		})
	}
}

// TestTheMachinesClockIsSet: that says nothing of the carrier's, which stays where it was from the first moment on, for who
// asks what day it is too; and after a sleep of the machine's the first answer is believed.
func TestTheMachinesClockIsSet(t *testing.T) {
	for _, ahead := range []time.Duration{0, 2 * time.Hour} { // the carrier's before
		for _, by := range []time.Duration{-9 * time.Hour, 9 * time.Hour} {
			c := newClock(slog.New(slog.DiscardHandler))
			now := time.Now()
			for range 3 {
				c.believe(now.Add(ahead).Round(0), now)
			}
			set := waittest.Set(now.Add(time.Minute), by)
			carrier := now.Add(ahead + time.Minute).Round(0)
			if at := c.at(set); at.Round(0).Sub(carrier).Abs() > time.Second {
				t.Errorf("set by %v: the carrier's clock is %v, not %v", by, at, carrier)
			}
			if believed, _ := c.believe(carrier, set); !believed {
				t.Errorf("set by %v: an answer of the time it is is not believed", by)
			}
			odd := carrier.Add(by)
			if believed, _ := c.believe(odd, set); believed {
				t.Errorf("set by %v: an answer that is as far off is believed", by)
			}
			asleep := newClock(slog.New(slog.DiscardHandler))
			for range 3 {
				asleep.believe(now.Add(ahead).Round(0), now)
			}
			awake := waittest.Set(now.Add(time.Minute), by.Abs())
			date := now.Add(ahead + time.Minute + by.Abs()).Round(0)
			if believed, _ := asleep.believe(date, awake); !believed || asleep.at(awake).Round(0).Sub(date).Abs() > time.Second {
				t.Errorf("after a sleep of %v: believed %v, the carrier's clock is %v, not %v", by.Abs(), believed, asleep.at(awake), date)
			}
		}
	}
}

// TestAChangeIsNotAskedAgain for the sake of its date.
func TestAChangeIsNotAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, _, requests := dated(t, func(_ string, n int) time.Duration { return time.Duration(n) * day })
		got, err := client.Do(t.Context(), "order", RequestSpec{Method: http.MethodPut, Path: "/x"})
		if err != nil || *requests != 2 || time.Until(got.ObservedAt).Abs() > time.Second || got.Said.IsZero() {
			t.Errorf("%+v, %v after %d requests", got, err, *requests)
		}
	})
}

// BenchmarkClock is what a Date costs an answer beyond its parsing.
func BenchmarkClock(b *testing.B) {
	c := newClock(slog.New(slog.DiscardHandler))
	received := time.Now()
	date := received.Truncate(time.Second)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			c.believe(date, received)
		}
	})
}
