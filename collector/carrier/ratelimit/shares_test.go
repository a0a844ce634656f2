package ratelimit

import (
	"context"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kaisen/internal/racetest"
)

// crowd asks on behalf of flows, and counts what of each was sent.
type crowd struct {
	transport *Transport
	mu        sync.Mutex
	sent      map[string]int
	order     []string
	at        []time.Time
	group     sync.WaitGroup
}

// newCrowd sends so many requests a second; an answer takes 30 ms.
func newCrowd(cfg Config) *crowd {
	c := &crowd{sent: make(map[string]int)}
	c.transport = newFake(cfg, func(req *http.Request) (*http.Response, error) {
		call := req.Context().Value(callKey{}).(*Call)
		c.mu.Lock()
		c.sent[call.Flow.Name]++
		c.order, c.at = append(c.order, call.Flow.Name), append(c.at, time.Now())
		c.mu.Unlock()
		if err := latency(req.Context(), 30*time.Millisecond); err != nil {
			return nil, err
		}
		return reply(http.StatusOK), nil
	})
	return c
}

// asks has so many workers ask until ctx ends, each thinking as long between two requests.
func (c *crowd) asks(ctx context.Context, of Flow, workers int, thinks time.Duration) {
	for range workers {
		c.group.Go(func() {
			for ctx.Err() == nil {
				_ = ask(request(WithCall(ctx, &Call{Operation: "traffic", Flow: of}), "/"), c.transport)
				_ = latency(ctx, thinks)
			}
		})
	}
}

// count is how many were sent so far.
func (c *crowd) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.order)
}

// within is the most requests that left in any time that long.
func (c *crowd) within(window time.Duration) int {
	most := 0
	for from, to := 0, 0; to < len(c.at); to++ {
		for c.at[to].Sub(c.at[from]) >= window {
			from++
		}
		most = max(most, to-from+1)
	}
	return most
}

func (c *crowd) part(name string) float64 { return float64(c.sent[name]) / float64(len(c.order)) }

func busyConfig() Config {
	return Config{Limit: Limit{RequestsPerSecond: 20, Burst: 5, MaxInFlight: 8}, Timeout: 30 * time.Second}
}

// Jobs that have more to ask than may be sent get what their shares say, however many requests of each wait, and together no
// more than the limit.
func TestSharesHoldUnderSaturation(t *testing.T) {
	random := rand.New(rand.NewPCG(14, 4))
	for range racetest.Fewer(12, 2) {
		flows, sum := make([]Flow, 2+random.IntN(4)), 0.
		for i := range flows {
			flows[i] = Flow{Name: string(rune('a' + i)), Share: []float64{0.5, 1, 2, 3, 10}[random.IntN(5)]}
			sum += flows[i].Share
		}
		synctest.Test(t, func(t *testing.T) {
			c := newCrowd(busyConfig())
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
			defer cancel()
			for _, of := range flows {
				c.asks(ctx, of, 9+random.IntN(40), 0)
			}
			c.group.Wait()
			for _, of := range flows {
				if got, want := c.part(of.Name), of.Share/sum; math.Abs(got-want) > 0.05*want {
					t.Errorf("%+v: flow %s has %.3f of the requests, want %.3f", flows, of.Name, got, want)
				}
			}
			if got := c.within(10 * time.Second); got > 20*10+5 {
				t.Errorf("%d requests within 10 s, want at most %d", got, 20*10+5)
			}
			if used := float64(len(c.order)) / (20 * 300); used < 0.98 {
				t.Errorf("%.3f of the limit used", used)
			}
		})
	}
}

// What a job leaves of its share goes to the others, by theirs; and one that asks little waits little, whoever else asks.
func TestUnusedSharesFlowOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(busyConfig())
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		c.asks(ctx, Flow{Name: "idle", Share: 100}, 1, time.Second)
		c.asks(ctx, Flow{Name: "one", Share: 1}, 30, 0)
		c.asks(ctx, Flow{Name: "two", Share: 2}, 10, 0)
		c.group.Wait()
		if got := float64(c.sent["idle"]) / 600; got < 0.85 {
			t.Errorf("who asks once a second was sent %.2f times a second", got)
		}
		if ratio := float64(c.sent["two"]) / float64(c.sent["one"]); math.Abs(ratio-2) > 0.1 {
			t.Errorf("shares 1 and 2 have %d and %d", c.sent["one"], c.sent["two"])
		}
		if used := float64(len(c.order)) / (20 * 600); used < 0.98 {
			t.Errorf("%.3f of the limit used", used)
		}
	})
}

// A job that was idle has saved nothing up: it gets its share from then on, and the others theirs.
func TestIdlenessSavesNothingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(busyConfig())
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
		defer cancel()
		c.asks(ctx, Flow{Name: "always"}, 20, 0)
		time.Sleep(19 * time.Minute)
		c.asks(ctx, Flow{Name: "late"}, 20, 0)
		c.group.Wait()
		if got := c.sent["late"]; math.Abs(float64(got)-600) > 30 {
			t.Errorf("%d of the last minute's 1,200 requests are the late job's, want half", got)
		}
	})
}

// What a person asks goes first, and takes a fifth at most while others wait, however much it is.
func TestTheFrontGoesFirstWithinBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(busyConfig())
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		c.asks(ctx, Flow{Name: "job"}, 100, 0)
		time.Sleep(time.Minute)
		arrived := time.Now()
		_ = ask(request(WithCall(ctx, &Call{Flow: Flow{Name: "person", Front: true}}), "/"), c.transport)
		if took := time.Since(arrived); took > 200*time.Millisecond { // others had to wait 5 s
			t.Errorf("one question took %v", took)
		}
		c.asks(ctx, Flow{Name: "person", Front: true}, 50, 0)
		before := c.count()
		c.group.Wait()
		persons := 0
		for _, name := range c.order[before:] {
			if name == "person" {
				persons++
			}
		}
		if got := float64(persons) / float64(len(c.order)-before); got > 0.21 || got < 0.19 {
			t.Errorf("those in front have %.3f of the requests, want a fifth", got)
		}
		if !slices.Contains(c.order[before:before+frontEvery+frontCredit], "job") {
			t.Error("the job was shut out")
		}
	})
}

// While nobody else waits, those in front have everything.
func TestTheFrontAloneIsNotHeldBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(busyConfig())
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		c.asks(ctx, Flow{Name: "person", Front: true}, 10, 0)
		c.group.Wait()
		if used := float64(len(c.order)) / (20 * 60); used < 0.98 {
			t.Errorf("%.3f of the limit used", used)
		}
	})
}

// At a pace of a request in minutes, whoever holds the turn lets those in front go before it.
func TestTheFrontOvertakesWhoeverHoldsTheTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(dailyConfig(t.TempDir(), 480)) // a request in three minutes, ten of them at once
		time.Sleep(16 * time.Hour)                   // an hour after midnight in Tokyo
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		c.asks(ctx, Flow{Name: "job"}, 5, 0)
		time.Sleep(10 * time.Minute)
		arrived := time.Now()
		_ = ask(request(WithCall(ctx, &Call{Flow: Flow{Name: "person", Front: true}}), "/"), c.transport)
		if took := time.Since(arrived); took > time.Second {
			t.Errorf("one question took %v", took)
		}
		cancel()
		c.group.Wait()
	})
}

// Whoever gives up frees its place, in every flow and in front, and the turn is not lost.
func TestGivingUpLosesNoTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(1, 2))
		c := newCrowd(busyConfig())
		var group sync.WaitGroup
		for range 500 {
			of := Flow{Name: string(rune('a' + random.IntN(3))), Front: random.IntN(4) == 0}
			patience := time.Duration(random.IntN(int(20 * time.Second)))
			group.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				_ = ask(request(WithCall(ctx, &Call{Flow: of}), "/"), c.transport)
			})
		}
		group.Wait()
		if q := &c.transport.account.queue; q.held || q.waits() || c.transport.account.inFlight != 0 {
			t.Errorf("held %v, waiting %v, %d in flight after the end", q.held, q.waits(), c.transport.account.inFlight)
		}
		if len(c.order) < 150 {
			t.Errorf("%d requests were sent", len(c.order))
		}
	})
}
