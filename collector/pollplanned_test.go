package collector_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector"
	"kaisen/collector/collectortest"
	"kaisen/collector/schedule"
	"kaisen/schema"
)

// askedItem is an item of a plan, as a job has them.
type askedItem struct {
	*collector.PollState
	name string
}

// plannedFleet is a job that asks items by a plan, with a list of them that changes.
type plannedFleet struct {
	mu    sync.Mutex
	items []askedItem
	asked map[string]int
	ask   func(context.Context, askedItem) error // nil: every question is answered at once
	plan  *collector.Plan
}

func (f *plannedFleet) list() []askedItem {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]askedItem(nil), f.items...)
}

func (f *plannedFleet) add(names ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, name := range names {
		f.items = append(f.items, askedItem{collector.NewPollState(name), name})
	}
}

func (f *plannedFleet) drop(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, item := range f.items {
		if item.name == name {
			f.items = append(f.items[:i], f.items[i+1:]...)
			return
		}
	}
}

func (f *plannedFleet) restore(item askedItem) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.items = append(f.items, item)
}

func (f *plannedFleet) times(name string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked[name]
}

// run asks the items by a plan for some time, at an interval of five minutes and so many requests a second.
func (f *plannedFleet) run(t *testing.T, rate float64, lasts time.Duration) {
	t.Helper()
	const job = "items"
	account := collector.Account{Source: "hq", Workers: 4, Adaptive: true, Rate: func() float64 { return rate }, Zone: time.UTC,
		Jobs: map[string]collector.JobConfig{job: {Interval: 5 * time.Minute}}}
	e := collector.NewEngine(account, collectortest.Deps(new(collectortest.Sink), prometheus.NewRegistry()), time.Now, nil)
	f.plan = e.NewPlan(job, 0)
	f.asked = make(map[string]int)
	known := collector.Known[askedItem]{
		Spec:    func(askedItem) schedule.Spec { return schedule.Spec{} },
		History: func(askedItem) schedule.History { return schedule.History{} },
	}
	e.Prepare(nil, collector.Job{Name: job, Endless: true, Sweep: func(ctx context.Context, s *collector.Sweep, _ bool) {
		collector.PollPlanned(ctx, e, s, f.plan, f.list, known, func(ctx context.Context, _ *collector.Sweep, item askedItem) error {
			f.mu.Lock()
			f.asked[item.name]++
			f.mu.Unlock()
			if f.ask == nil {
				return nil
			}
			return f.ask(ctx, item)
		})
	}})
	ctx, cancel := context.WithTimeout(t.Context(), lasts)
	defer cancel()
	if err := e.Run(ctx); err != nil {
		t.Error(err)
	}
}

// An item that leaves its list while it is asked is in the plan until that has ended, whatever the answer is, and is not
// asked again, also where the answer took so long that it would be due. One that comes back meanwhile is asked on.
func TestAnItemLeavesItsListWhileItIsAsked(t *testing.T) {
	for name, failure := range map[string]error{"answered": nil, "failed": errors.New("failed")} {
		for _, takes := range []time.Duration{25 * time.Second, 95 * time.Second} {
			t.Run(name+" after "+takes.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { leavesWhileAsked(t, failure, takes) })
			})
		}
	}
}

func leavesWhileAsked(t *testing.T, failure error, takes time.Duration) {
	f := new(plannedFleet)
	f.add("stays", "leaves", "returns")
	began := time.Now()
	f.ask = func(ctx context.Context, item askedItem) error {
		f.plan.Learn(item, aboutToBeUsedUp(began))
		if f.times(item.name) != 12 || item.name == "stays" {
			return nil
		}
		f.drop(item.name)
		time.Sleep(takes) // lists have been read without it
		if item.name == "returns" {
			f.restore(item)
		}
		return failure
	}
	f.run(t, 10, 3*time.Hour)
	if n := f.times("leaves"); n != 12 {
		t.Errorf("the item that left was asked %d times", n)
	}
	if n := f.times(""); n != 0 {
		t.Errorf("%d questions were about nobody", n)
	}
	for _, name := range []string{"stays", "returns"} {
		if n := f.times(name); n < 20 {
			t.Errorf("item %s was asked %d times", name, n)
		}
	}
}

// aboutToBeUsedUp are the figures of who has used 1 MB a second for a while, and has volume for half an hour: it is asked
// every minute or so.
func aboutToBeUsedUp(since time.Time) schedule.Answer {
	const perSecond, volume = 1_000_000, 1_800_000_000
	now := time.Now()
	used := uint64(now.Sub(since).Seconds() * perSecond)
	return schedule.Answer{At: now, Month: used, Today: used, Remaining: schema.Some(volume - min(volume, used)), Restriction: schema.RestrictionNone}
}
