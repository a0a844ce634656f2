package unom

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/collectortest"
	"kaisen/collector/unom/api"
	"kaisen/schema"
)

// start runs a collector until the returned function is called, which waits for its end.
func start(t *testing.T, u *Collector) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- u.Run(ctx) }()
	return func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// A started service polls every line at once, then once an interval each, and never all together.
func TestPollsAreSpreadOverTheInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const lines = 60
		c := &fakeCarrier{lines: listed(lines)}
		for i := range lines {
			c.used(lineNo(i), 1)
		}
		u := newUnom(c, &collectortest.Sink{}, func(cfg *settings) {
			cfg.Jobs = map[string]collector.JobConfig{JobLines: {Interval: time.Hour}, JobTraffic: {Interval: 15 * time.Minute}}
		})
		defer start(t, u)()
		synctest.Wait()
		if n := c.calls("traffic"); n != lines {
			t.Fatalf("%d polls at the start, want %d", n, lines)
		}
		time.Sleep(30 * time.Minute) // the first two intervals move each line to its own place
		most, before := 0, c.calls("traffic")
		for range 60 {
			was := c.calls("traffic")
			time.Sleep(time.Minute)
			most = max(most, c.calls("traffic")-was)
		}
		if n := c.calls("traffic") - before; n < 4*lines-lines/10 || n > 4*lines+lines/10 {
			t.Errorf("%d polls in an hour, want about %d", n, 4*lines)
		}
		if most > lines/4 {
			t.Errorf("%d polls in one minute: they are not spread", most)
		}
	})
}

// When the budget is too short for the interval no line starves: each waits for one round of the others, not two.
func TestOldestFirstWhenTheBudgetIsShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const lines = 40
		c := &fakeCarrier{lines: listed(lines)}
		var mu sync.Mutex
		last, longest := make(map[string]time.Time), time.Duration(0)
		for i := range lines {
			number := lineNo(i)
			c.used(number, 1)
			tell := c.traffic[number]
			c.traffic[number] = func() (carrier.Answer[api.Traffic], error) {
				mu.Lock()
				if before, ok := last[number]; ok {
					longest = max(longest, time.Since(before))
				}
				last[number] = time.Now()
				mu.Unlock()
				time.Sleep(time.Second) // 4 workers: a round of 40 lines takes 10 s, the interval is 5 s
				return tell()
			}
		}
		u := newUnom(c, &collectortest.Sink{}, func(cfg *settings) {
			cfg.Jobs = map[string]collector.JobConfig{JobLines: {Interval: time.Hour}, JobTraffic: {Interval: 5 * time.Second}}
		})
		defer start(t, u)()
		time.Sleep(10 * time.Minute)
		if n := c.calls("traffic"); n < 2000 {
			t.Errorf("%d polls in ten minutes, want some 2,100", n)
		}
		mu.Lock()
		defer mu.Unlock()
		if longest > 14*time.Second {
			t.Errorf("a line waited %s; a round takes 10 s, and some 2 s between runs", longest)
		}
		if behind := u.Behind(time.Now().Add(-10*time.Minute), time.Now())[JobTraffic]; behind < 3*time.Second || behind > 10*time.Second {
			t.Errorf("behind by %s; a round of some 12 s in an interval of 5 s is 7 s behind", behind)
		}
	})
}

// A restarted service does not ask again for what an earlier one has just asked.
func TestARestartGoesOnWhereItStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCarrier{lines: listed(2)}
		c.used(lineNo(0), 1)
		c.used(lineNo(1), 1)
		u := newUnom(c, &collectortest.Sink{}, func(cfg *settings) {
			cfg.Jobs = map[string]collector.JobConfig{JobLines: {Interval: time.Hour}, JobTraffic: {Interval: 15 * time.Minute}}
		})
		key := func(i int) schema.LineKey {
			return schema.LineKey{Source: "hq", ContractID: contract, LineNo: lineNo(i)}
		}
		u.Restore(schema.State{
			Lines:   []schema.Line{{LineKey: key(0), State: schema.LineActive}, {LineKey: key(1), State: schema.LineActive}},
			Traffic: []schema.TrafficSample{{LineKey: key(0), Scope: schema.ScopeLine, ReceivedAt: time.Now().Add(-time.Minute)}},
		})
		defer start(t, u)()
		time.Sleep(time.Minute)
		if a, b := c.calls("traffic "+lineNo(0)), c.calls("traffic "+lineNo(1)); a != 0 || b != 1 {
			t.Errorf("asked %d and %d times, want 0 for the line just asked and 1 for the other", a, b)
		}
	})
}

// A carrier that is away is left alone for a while, not asked for every line in turn.
func TestACarrierThatIsAwayIsNotHammered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCarrier{lines: listed(500)}
		down := func() (carrier.Answer[api.Traffic], error) {
			return carrier.Answer[api.Traffic]{}, &carrier.Error{Kind: carrier.KindNetwork}
		}
		c.traffic = make(map[string]func() (carrier.Answer[api.Traffic], error))
		for i := range 500 {
			c.traffic[lineNo(i)] = down
		}
		u := newUnom(c, &collectortest.Sink{}, func(cfg *settings) {
			cfg.Jobs = map[string]collector.JobConfig{JobLines: {Interval: time.Hour}, JobTraffic: {Interval: 15 * time.Minute}}
		})
		defer start(t, u)()
		time.Sleep(10 * time.Minute)
		if n := c.calls("traffic"); n > 10*(24+4) {
			t.Errorf("%d polls in ten minutes of silence", n)
		}
	})
}
