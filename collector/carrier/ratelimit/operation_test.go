package ratelimit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kaisen/internal/racetest"
)

// asking sends every request as one of the operation, about an item that comes again after 500.
func asking(base http.RoundTripper, operation string) http.RoundTripper {
	var mu sync.Mutex
	n := 0
	return forwarding(func(req *http.Request) (*http.Response, error) {
		if req.Context().Value(callKey{}) == nil {
			mu.Lock()
			n++
			call := &Call{Operation: operation, Item: fmt.Sprint(n % 500)}
			mu.Unlock()
			req = req.WithContext(WithCall(req.Context(), call))
		}
		return base.RoundTrip(req)
	})
}

// forwarding is what stands before a Transport.
type forwarding func(*http.Request) (*http.Response, error)

func (f forwarding) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// A limit of the account is found as well by the complaints of operations as by those of the account: one operation
// alone, and three side by side.
func TestOperationsFindTheAccountsLimit(t *testing.T) {
	cases := []struct {
		operations, rate, size int
		rejected               float64 // of the requests, at most
		used                   float64 // of the limit, at least
	}{
		{1, 100, 10, 0, 0.99},
		{1, 100, 1, 0.002, 0.93},
		{1, 20, 1, 0.01, 0.9},
		{3, 100, 10, 0, 0.99},
		{3, 100, 1, 0.02, 0.9},
		{3, 20, 1, 0.06, 0.9}, // each operation tries for itself whether there is more
		{3, 20, 10, 0.06, 0.9},
	}
	for _, c := range cases[len(cases)-racetest.Fewer(len(cases), 2):] {
		t.Run(fmt.Sprintf("%d operations, %d a second, bucket of %d", c.operations, c.rate, c.size), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := testConfig()
				cfg.Burst = 10
				bucket := newBucket(float64(c.rate), c.size)
				transport := newFake(cfg, behind(bucket))
				ctx, cancel := context.WithCancel(t.Context())
				var group sync.WaitGroup
				for i := range c.operations {
					for worker := range 8 {
						group.Go(func() {
							for n := worker; ctx.Err() == nil; n += 8 { // a request that was refused comes again, as itself
								call := &Call{Operation: fmt.Sprint("operation", i), Item: fmt.Sprint(n % 500)}
								_ = ask(request(WithCall(ctx, call), "/"), transport)
							}
						})
					}
				}
				period := time.Minute
				if c.rate < 100 { // there are fewer answers to learn from
					period = 3 * time.Minute
				}
				time.Sleep(period)
				synctest.Wait()
				before, refusedBefore := bucket.counts()
				time.Sleep(period)
				synctest.Wait()
				taken, refused := bucket.counts()
				taken, refused = taken-before, refused-refusedBefore
				cancel()
				group.Wait()
				rejected, used := float64(refused)/float64(taken+refused), float64(taken)/period.Seconds()/float64(c.rate)
				t.Logf("%.2f %% rejected, %.3f of the limit used; account at %.1f a second", 100*rejected, used, transport.account.pacer.rate)
				if rejected > c.rejected {
					t.Errorf("%.2f %% rejected, want at most %.2f %%", 100*rejected, 100*c.rejected)
				}
				if used < c.used {
					t.Errorf("%.3f of the limit used, want at least %.2f", used, c.used)
				}
			})
		})
	}
}

// told is a log that can be read.
type told struct {
	mu    sync.Mutex
	lines []string
}

func (l *told) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, string(line))
	return len(line), nil
}

// count is how many lines have all the words.
func (l *told) count(words ...string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, line := range l.lines {
		if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(line, word) }) {
			n++
		}
	}
	return n
}

// A pause is told once when it begins and once when it ends, at info, with its reason, however often it is prolonged.
func TestPausesAreTold(t *testing.T) {
	for name, c := range map[string]struct {
		answer func() *http.Response
		reason string
	}{
		"asked for":   {func() *http.Response { return reply(http.StatusTooManyRequests, "Retry-After", "7") }, "429"},
		"fruitless":   {func() *http.Response { return reply(http.StatusTooManyRequests) }, "429"},
		"maintenance": {func() *http.Response { return reply(http.StatusServiceUnavailable) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := new(told)
				end := time.Now().Add(40 * time.Second)
				transport := newFake(testConfig(), func(*http.Request) (*http.Response, error) {
					if time.Now().Before(end) {
						return c.answer(), nil
					}
					return reply(http.StatusOK), nil
				})
				transport.logger = slog.New(slog.NewTextHandler(log, nil))
				go sweep(t, asking(transport, "session"), "http://carrier.test/", 4, 20)
				time.Sleep(39 * time.Second)
				synctest.Wait()
				states := transport.States()
				if len(states) != 2 || states[0].Paused || !states[1].Paused || states[1].Operation != "session" || states[1].Reason != c.reason {
					t.Errorf("states %+v, want session paused alone", states)
				}
				if n := log.count("level=INFO", "requests wait", "operation=session", "until="); n != 1 {
					t.Errorf("the beginning is told %d times:\n%s", n, strings.Join(log.lines, ""))
				}
				time.Sleep(3 * time.Minute)
				if n := log.count("level=INFO", "the pause is over", "operation=session", "lasted="); n != 1 {
					t.Errorf("the end is told %d times:\n%s", n, strings.Join(log.lines, ""))
				}
				for _, state := range transport.States() {
					if state.Paused {
						t.Errorf("state %+v after the end", state)
					}
				}
			})
		})
	}
}

// A request that gives up at the account's gate leaves the probe of its operation to another.
func TestGivenUpProbeOfAnOperation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var slow bool
		transport := newFake(testConfig(), func(req *http.Request) (*http.Response, error) {
			if slow {
				slow = false
				return nil, latency(req.Context(), time.Hour)
			}
			if req.URL.Path == "/down" {
				return reply(http.StatusServiceUnavailable), nil
			}
			return reply(http.StatusOK), nil
		})
		send := func(ctx context.Context, path string) (int, error) {
			resp, err := transport.RoundTrip(request(WithCall(ctx, &Call{Operation: "session", Item: path}), path))
			if err != nil {
				return 0, err
			}
			return resp.StatusCode, resp.Body.Close()
		}
		if status, err := send(t.Context(), "/down"); status != http.StatusServiceUnavailable || err != nil {
			t.Fatal(status, err)
		}
		time.Sleep(20 * time.Second)
		slow = true
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := send(ctx, "/"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		start := time.Now()
		if status, err := send(t.Context(), "/"); status != http.StatusOK || err != nil || time.Since(start) > time.Second {
			t.Errorf("%d, %v after %v, want the next probe at once", status, err, time.Since(start))
		}
	})
}
