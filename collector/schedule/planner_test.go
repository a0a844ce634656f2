package schedule

import (
	"math"
	"testing"
	"time"
)

func start() time.Time { return time.Date(2026, 11, 2, 0, 0, 0, 0, DefaultConfig().Zone) }

func planner(t *testing.T, jobs ...Job) *Planner {
	t.Helper()
	config := DefaultConfig()
	config.Jobs = jobs
	p, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// drive asks whoever is next until a time, and answers at once.
func drive(p *Planner, now, end time.Time, asked func(h Target, at time.Time)) {
	for {
		h, due, ok := p.Next(now)
		if !ok || due.After(end) {
			return
		}
		if due.After(now) {
			now = due
		}
		if again, _, _ := p.Next(now); again != h {
			continue
		}
		p.Began(now, h)
		asked(h, now)
	}
}

// TestEveryIntervalWhenTheBudgetSuffices: everybody once an interval, no more.
func TestEveryIntervalWhenTheBudgetSuffices(t *testing.T) {
	p := planner(t, Job{Name: "traffic", Interval: 10 * time.Minute})
	p.SetBudget(start(), 1)
	for range 100 {
		p.Add(start(), 0, Spec{})
	}
	asked := map[Target]int{}
	drive(p, start(), start().Add(time.Hour), func(h Target, at time.Time) {
		asked[h]++
		p.Answered(at, h, Answer{At: at})
	})
	for h, n := range asked {
		if n < 6 || n > 9 { // more often until they are understood
			t.Errorf("target %d was asked %d times", h, n)
		}
	}
	if len(asked) != 100 {
		t.Errorf("%d targets were asked", len(asked))
	}
}

// TestWithoutTargetsOrBudget: nobody is next.
func TestWithoutTargetsOrBudget(t *testing.T) {
	p := planner(t, Job{Name: "traffic", Interval: time.Minute})
	if _, _, ok := p.Next(start()); ok {
		t.Error("without targets somebody is next")
	}
	p.Add(start(), 0, Spec{})
	p.SetBudget(start(), 0)
	if _, _, ok := p.Next(start()); ok {
		t.Error("without a budget somebody is next")
	}
	p.SetBudget(start(), math.Inf(1))
	if _, due, ok := p.Next(start()); !ok || due.After(start()) {
		t.Error("with one nobody is")
	}
}
