package collector_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/internal/racetest"
)

// TestPlansForgetNobody has two shards ask a fleet whose lists change while answers fail, singly and all together, and restart
// one of them in the midst of that. No stretch of time has more questions than the budget allows, and when things are well again each
// item is asked within max_age by the one process that owns it.
func TestPlansForgetNobody(t *testing.T) {
	for seed := range uint64(racetest.Fewer(4, 1)) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { newTroubledShards(t, seed).run(t) })
		})
	}
}

// troubledShards are two processes that share out a fleet.
type troubledShards struct {
	shards [2]*plannedFleet
	owns   [2]collector.Shard
	end    time.Time // of the trouble

	mu     sync.Mutex
	random *rand.Rand
	asked  []time.Time // each question
	last   map[string]time.Time
	named  int
}

const shardRate = 0.5 // requests a second of each

func newTroubledShards(t *testing.T, seed uint64) *troubledShards {
	t.Helper()
	f := &troubledShards{random: rand.New(rand.NewPCG(seed, 7)), last: map[string]time.Time{}, end: time.Now().Add(4 * time.Hour)}
	for i := range f.shards {
		f.owns[i] = collector.Shard{Index: i + 1, Count: 2}
		f.shards[i] = &plannedFleet{ask: func(_ context.Context, item askedItem) error { return f.ask(t, i, item) }}
	}
	for range 120 {
		f.discover()
	}
	return f
}

// discover adds an item to the list of the shard that owns it.
func (f *troubledShards) discover() {
	f.named++
	name := fmt.Sprintf("item %d", f.named)
	for i, shard := range f.owns {
		if shard.Owns(name) {
			f.shards[i].add(name)
		}
	}
}

// ask is the carrier. For an hour in the midst of the trouble it is away.
func (f *troubledShards) ask(t *testing.T, shard int, item askedItem) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	f.asked = append(f.asked, now)
	if !f.owns[shard].Owns(item.name) {
		t.Errorf("shard %d asks about %s", shard, item.name)
	}
	f.last[item.name] = now
	if left := f.end.Sub(now); left > time.Hour && left < 2*time.Hour {
		return &carrier.Error{Kind: carrier.KindNetwork}
	}
	if now.Before(f.end) && f.random.IntN(5) == 0 {
		return errors.New("failed")
	}
	return nil
}

// run is four hours of trouble, in which one shard restarts after two and a half, then enough for what failed to be asked again.
func (f *troubledShards) run(t *testing.T) {
	const calm = 6 * time.Hour
	whole := time.Until(f.end) + calm
	var running sync.WaitGroup
	running.Go(func() { f.shards[0].run(t, shardRate, whole) })
	running.Go(func() {
		f.shards[1].run(t, shardRate, 150*time.Minute)
		f.shards[1].restart()
		f.shards[1].run(t, shardRate, whole-150*time.Minute)
	})
	for time.Now().Before(f.end) {
		time.Sleep(time.Minute)
		f.mu.Lock()
		gone, which := fmt.Sprintf("item %d", 1+f.random.IntN(f.named)), f.random.IntN(4)
		f.mu.Unlock()
		if which == 0 {
			f.discover()
			f.shards[0].drop(gone)
			f.shards[1].drop(gone)
		}
	}
	running.Wait()
	for _, shard := range f.shards {
		for _, item := range shard.list() {
			if age := time.Since(f.last[item.name]); age > 20*time.Minute+5*time.Second {
				t.Errorf("%s was asked %s ago", item.name, age)
			}
		}
	}
	f.checkBudget(t)
}

// checkBudget looks at all stretches that begin and end with a question. Four questions of each shard may come at once, and
// the four of a process that begins.
func (f *troubledShards) checkBudget(t *testing.T) {
	slices.SortFunc(f.asked, time.Time.Compare)
	if len(f.asked) < 8000 {
		t.Errorf("only %d questions", len(f.asked))
	}
	for _, n := range []int{12, 13, 20, 50, 200, 1000} {
		for i := 0; i+n < len(f.asked); i++ {
			if span := f.asked[i+n].Sub(f.asked[i]); float64(n+1) > 12+2*shardRate*span.Seconds()+0.01 {
				t.Fatalf("%d questions within %s", n+1, span)
			}
		}
	}
}

// restart makes the items those of a new process, which knows from the database when the last answers were.
func (f *plannedFleet) restart() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, item := range f.items {
		again := askedItem{collector.NewPollState(item.name), item.name}
		again.Restored(0, item.LastPolled(0))
		f.items[i] = again
	}
}
