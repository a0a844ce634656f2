package ratelimit

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// person waits for so long.
const person = 20 * time.Second

// visits puts a question of so many requests, if it is let in, and returns how long that took.
func (c *crowd) visits(ctx context.Context, requests int) (took time.Duration, err error) {
	operations := make([]string, requests)
	for i := range operations {
		operations[i] = "traffic"
	}
	began := time.Now()
	visit, err := c.transport.Visit(person, operations...)
	if err != nil {
		return 0, err
	}
	defer visit.End()
	for range requests {
		call := &Call{Operation: "traffic", Flow: Flow{Name: "person", Front: true, Visit: visit}}
		if err := ask(request(WithCall(ctx, call), "/"), c.transport); err != nil {
			return 0, err
		}
	}
	return time.Since(began), nil
}

// atOnce puts so many questions in the same moment, and returns how long those took that were let in, and how long the others
// were told to wait.
func (c *crowd) atOnce(t *testing.T, questions, requests int) (took, told []time.Duration) {
	var mu sync.Mutex
	var all sync.WaitGroup
	began := time.Now()
	for range questions {
		all.Go(func() {
			needed, err := c.visits(t.Context(), requests)
			var held *HeldError
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.As(err, &held) && time.Since(began) == 0:
				told = append(told, held.Wait)
			case err != nil:
				t.Errorf("after %v: %v", time.Since(began), err)
			default:
				took = append(took, needed)
			}
		})
	}
	all.Wait()
	return took, told
}

// Where the day is spent as fast as it goes, of 14 questions at once those are let in that a person has the patience for, and take
// no longer; the others are refused in the same moment, and are let in after what they were told to wait.
func TestQuestionsThatWouldWaitAreRefusedAtOnce(t *testing.T) {
	for _, requests := range []int{1, 2} {
		synctest.Test(t, func(t *testing.T) {
			c := newCrowd(dailyConfig(t.TempDir(), 480)) // a request in three minutes
			time.Sleep(16 * time.Hour)                   // an hour after midnight in Tokyo
			ctx, cancel := context.WithCancel(t.Context())
			c.asks(ctx, Flow{Name: "job"}, 5, 0)
			time.Sleep(time.Hour)
			took, told := c.atOnce(t, 14, requests)
			if len(took) != (frontCredit-1)/requests || len(told) != 14-len(took) { // whoever yields takes back what its turn earned
				t.Errorf("of %d requests: %d questions took %v, the others were told %v", requests, len(took), took, told)
			}
			for _, needed := range took {
				if needed > person {
					t.Errorf("a question that was let in took %v", needed)
				}
			}
			for _, wait := range told {
				if wait < 3*time.Minute || wait > 2*time.Hour {
					t.Errorf("told to wait %v", wait)
				}
			}
			time.Sleep(told[0])
			if needed, err := c.visits(ctx, requests); err != nil || needed > person {
				t.Errorf("after %v, as told: took %v, %v", told[0], needed, err)
			}
			cancel()
			c.group.Wait()
			if c.transport.promised != 0 {
				t.Errorf("%d requests are promised after the end", c.transport.promised)
			}
		})
	}
}

// A question that has the turn already, and waits for a slot, is not counted a second time against those after it.
func TestAQuestionThatHasTheTurnIsCountedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := dailyConfig(t.TempDir(), 480)
		cfg.MaxInFlight = 1
		c := newCrowd(cfg)
		time.Sleep(16 * time.Hour)
		ctx, cancel := context.WithCancel(t.Context())
		c.asks(ctx, Flow{Name: "job"}, 5, 0)
		time.Sleep(time.Hour)
		for before := c.count(); c.count() == before; { // until the only slot is taken
			time.Sleep(10 * time.Millisecond)
		}
		var letIn atomic.Int32
		for range 6 {
			c.group.Go(func() {
				if _, err := c.visits(ctx, 1); err == nil {
					letIn.Add(1)
				}
			})
			synctest.Wait()
		}
		time.Sleep(person)
		if got := letIn.Load(); got != frontCredit-1 {
			t.Errorf("%d questions were let in one after another, want %d as at once", got, frontCredit-1)
		}
		cancel()
		c.group.Wait()
	})
}

// Where requests of a second are what is short, a question is let in as long as it does not wait for longer than a person does,
// and what is told is what it takes.
func TestQuestionsWaitAsLongAsIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := busyConfig()
		cfg.RequestsPerSecond, cfg.Burst = 1, 1
		c := newCrowd(cfg)
		ctx, cancel := context.WithCancel(t.Context())
		c.asks(ctx, Flow{Name: "job"}, 8, 0)
		time.Sleep(10 * time.Minute)
		took, told := c.atOnce(t, 14, 1)
		if len(took) < 6 || len(told) < 4 {
			t.Errorf("questions took %v, the others were told %v", took, told)
		}
		for _, needed := range took {
			if needed > person+time.Second {
				t.Errorf("a question that was let in took %v", needed)
			}
		}
		_, err := c.transport.Visit(-1, "traffic")
		if err == nil || !strings.Contains(err.Error(), "requests a second, 1 now") {
			t.Error(err)
		}
		cancel()
		c.group.Wait()
	})
}

// A hundred questions a minute, refused or not, leave the job four fifths of what is sent, by the second and by the day.
func TestQuestionsNeverStarveTheRest(t *testing.T) {
	for name, cfg := range map[string]Config{"second": {Limit: Limit{RequestsPerSecond: 1, Burst: 1, MaxInFlight: 8}, Timeout: person}, "day": dailyConfig(t.TempDir(), 2400)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCrowd(cfg)
				time.Sleep(16 * time.Hour)
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Hour)
				defer cancel()
				c.asks(ctx, Flow{Name: "job"}, 5, 0)
				time.Sleep(time.Hour)
				before, job := c.count(), c.of("job")
				for ctx.Err() == nil {
					c.group.Go(func() { _, _ = c.visits(ctx, 1) })
					_ = latency(ctx, 600*time.Millisecond)
				}
				c.group.Wait()
				all := c.count() - before
				if got := float64(c.of("job")-job) / float64(all); got < 0.79 || got > 0.9 || all < 390 {
					t.Errorf("the job has %.3f of %d requests, want four fifths", got, all)
				}
			})
		})
	}
}

// of is how many were sent of a flow so far.
func (c *crowd) of(name string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sent[name]
}

// A pause that the carrier asked for, of the account or of the operation, and a day that is used up refuse a question at once,
// and say so; another operation, and another account, are not concerned.
func TestPausesRefuseQuestions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var refuses bool
		transport := newFake(busyConfig(), func(req *http.Request) (*http.Response, error) {
			if refuses && req.Context().Value(callKey{}).(*Call).Operation == "traffic" {
				return reply(http.StatusTooManyRequests, "Retry-After", "90"), nil
			}
			return reply(http.StatusOK), nil
		})
		send := func(operation string) {
			resp, err := transport.RoundTrip(request(WithCall(t.Context(), &Call{Operation: operation}), "/"))
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
		}
		send("lines")
		refuses = true
		send("traffic")
		_, err := transport.Visit(person, "traffic")
		var held *HeldError
		if !errors.As(err, &held) || held.By != HeldByPause || held.Wait != 90*time.Second || !strings.Contains(err.Error(), "asked for a pause (429), for 1m30s") {
			t.Errorf("error %v", err)
		}
		if _, err := transport.Visit(person, "lines", "traffic"); err == nil {
			t.Error("a question is let in of which one operation is paused")
		}
		visit, err := transport.Visit(person, "lines")
		if err != nil {
			t.Error("another operation:", err)
		}
		visit.End()
		time.Sleep(held.Wait - person)
		if visit, err = transport.Visit(person, "traffic"); err != nil {
			t.Error("as long before the end as a person waits:", err)
		}
		visit.End()

		c := newCrowd(dailyConfig(t.TempDir(), 2))
		time.Sleep(16 * time.Hour)
		if _, err := c.visits(t.Context(), 2); err != nil {
			t.Fatal(err)
		}
		if _, err := c.visits(t.Context(), 1); !errors.As(err, &held) || held.By != HeldByUsedUp || held.Wait < 22*time.Hour {
			t.Errorf("a day that is used up: %v", err)
		}
	})
}
