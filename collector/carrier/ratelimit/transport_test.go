package ratelimit

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// behind is a carrier behind a strict bucket, 30 ms away.
func behind(b *bucket, header ...string) roundTrip {
	return func(req *http.Request) (*http.Response, error) {
		if !b.take() {
			return reply(http.StatusTooManyRequests, header...), nil
		}
		if err := latency(req.Context(), 30*time.Millisecond); err != nil {
			return nil, err
		}
		return reply(http.StatusOK), nil
	}
}

func TestRequestsLeaveAtTheInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig()
		cfg.RequestsPerSecond = 10
		departures := newTimes()
		c := newFake(cfg, func(*http.Request) (*http.Response, error) {
			departures.note()
			return reply(http.StatusOK), nil
		})
		departures.start = time.Now()
		go sweep(t, c, "http://carrier.test/", 1, 3)
		for _, step := range []struct {
			wait time.Duration
			want int
		}{{0, 1}, {99 * time.Millisecond, 1}, {4 * time.Millisecond, 2}, {99 * time.Millisecond, 2}, {4 * time.Millisecond, 3}} {
			time.Sleep(step.wait)
			synctest.Wait()
			if got := len(departures.list()); got != step.want {
				t.Errorf("%d requests after %v, want %d", got, time.Since(departures.start), step.want)
			}
		}
	})
}

func TestStrictBucketNeverRejects(t *testing.T) {
	for _, c := range []struct {
		client, server int
		header         []string
		rejected       int
		ratio          float64
	}{
		{10, 10, nil, 0, 1.02},
		{2, 2, nil, 0, 1.02},
		{1, 1, nil, 0, 1.06},
		{10, 1, nil, 9, 1.06},
		{10, 1, []string{"Retry-After", "1"}, 9, 1.15},
	} {
		t.Run(fmt.Sprintf("%d before %d %v", c.client, c.server, c.header), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := testConfig()
				cfg.Burst = c.client
				bucket := newBucket(100, c.server)
				transport := newFake(cfg, behind(bucket, c.header...))
				took := sweep(t, transport, "http://carrier.test/", 16, 1000)
				if bucket.refused > c.rejected {
					t.Errorf("%d rejected, want at most %d", bucket.refused, c.rejected)
				}
				if ratio := took.Seconds() / 10; ratio > c.ratio {
					t.Errorf("took %.3f times the ideal, want at most %.2f", ratio, c.ratio)
				}
			})
		})
	}
}

func TestRateConvergesBelowTheConfiguredOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig()
		cfg.Burst = 10
		bucket := newBucket(20, 1)
		c := newFake(cfg, behind(bucket))
		sweep(t, c, "http://carrier.test/", 16, 500)
		before := bucket.refused
		took := sweep(t, c, "http://carrier.test/", 16, 2000)
		if rejected := bucket.refused - before; rejected > 20 {
			t.Errorf("%d of 2,000 rejected after the rate was found, want at most 1 %%", rejected)
		}
		if ratio := took.Seconds() / 100; ratio > 1.15 {
			t.Errorf("took %.3f times the ideal, want at most 1.15", ratio)
		}
		if got := c.account.pacer.sequence; got != uint64(2500+bucket.refused) {
			t.Errorf("%d sent after %d rejections", got, bucket.refused)
		}
	})
}

func TestInFlightIsBoundedUntilTheBodyIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig()
		cfg.RequestsPerSecond, cfg.MaxInFlight = 0, 3
		c := newFake(cfg, func(*http.Request) (*http.Response, error) { return reply(http.StatusOK), nil })
		var open []*http.Response
		for range 3 {
			resp, err := c.RoundTrip(request(t.Context(), "/"))
			if err != nil {
				t.Fatal(err)
			}
			open = append(open, resp)
		}
		entered := make(chan struct{})
		go func() {
			if resp, err := c.RoundTrip(request(t.Context(), "/")); err == nil {
				_ = resp.Body.Close()
			}
			close(entered)
		}()
		synctest.Wait()
		select {
		case <-entered:
			t.Fatal("a fourth request left while three answers were open")
		default:
		}
		_ = open[1].Body.Close()
		_ = open[1].Body.Close() // once is enough, twice is no more
		<-entered
		if c.account.inFlight != 2 {
			t.Errorf("%d in flight, want 2", c.account.inFlight)
		}
	})
}

func TestRequestsLeaveInOrderAndMayGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var order []string
		c := newFake(testConfig(), func(req *http.Request) (*http.Response, error) {
			mu.Lock()
			defer mu.Unlock()
			order = append(order, req.URL.Path)
			return reply(http.StatusOK), nil
		})
		var group sync.WaitGroup
		var want []string
		for i := range 30 {
			path := fmt.Sprintf("/%02d", i)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if i%3 == 2 {
				time.AfterFunc(5*time.Millisecond, cancel) // while it waits, in line or at its head
			} else {
				want = append(want, path)
			}
			group.Go(func() {
				err := ask(request(ctx, path), c)
				if canceled := errors.Is(err, context.Canceled); canceled != (ctx.Err() != nil) {
					t.Errorf("%s: error %v", path, err)
				}
			})
			synctest.Wait() // so that they come in this order
		}
		group.Wait()
		if !slices.Equal(order, want) {
			t.Errorf("order %v, want %v", order, want)
		}
		if c.account.inFlight != 0 || c.account.queue.held {
			t.Errorf("%d in flight, turn held: %v, after the end", c.account.inFlight, c.account.queue.held)
		}
	})
}

// A dial that hangs holds the turn of a strict pace for a second, not for as long as it hangs.
func TestHangingDialDoesNotStopTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig()
		c := newFake(cfg, nil)
		c.base = hanging{}
		for range 2 {
			go func() { _, _ = c.RoundTrip(request(t.Context(), "/")) }()
		}
		time.Sleep(1500 * time.Millisecond)
		synctest.Wait()
		c.mu.Lock()
		inFlight := c.account.inFlight
		c.mu.Unlock()
		if inFlight != 2 {
			t.Errorf("%d under way after 1.5 s, want 2", inFlight)
		}
	})
}

// hanging never writes a request, and ends with its context.
type hanging struct{}

func (hanging) RoundTrip(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}
