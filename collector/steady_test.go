package collector

import (
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"kaisen/collector/schedule"
	"kaisen/internal/wait/waittest"
)

type steadyItem struct{ *PollState }

// sets are what happens to a machine's clock: nothing, an RTC in local time that is put right, and the other way round.
func sets() []time.Duration { return []time.Duration{0, -9 * time.Hour, 9 * time.Hour} }

// machine is a clock that is set by so much after an hour.
func machine(by time.Duration) func(passed time.Duration) time.Time {
	began := time.Now()
	return func(passed time.Duration) time.Time {
		now := began.Add(passed)
		if passed >= time.Hour {
			now = waittest.Set(now, by)
		}
		return now
	}
}

// evenly checks that times are an interval apart, more or less.
func evenly(t *testing.T, asked []time.Duration, least, most time.Duration) {
	t.Helper()
	for i := range asked[1:] {
		if gap := asked[i+1] - asked[i]; gap < least || gap > most {
			t.Errorf("asked after %v and again after %v", asked[i], asked[i+1])
		}
	}
	if last := asked[len(asked)-1]; last < 12*time.Hour-most {
		t.Errorf("not asked any more after %v", last)
	}
}

// A machine's clock that is set changes nothing in when an item is asked about, one that an earlier process asked too.
func TestAnItemIsAskedWhateverTheClockSays(t *testing.T) {
	const interval = 15 * time.Minute
	for _, by := range sets() {
		t.Run(fmt.Sprint(by), func(t *testing.T) {
			clock := machine(by)
			fresh, restored := NewPollState("fresh"), NewPollState("restored")
			restored.Restored(0, clock(-time.Hour).Round(0))
			items := []steadyItem{{fresh}, {restored}}
			asked := map[*PollState][]time.Duration{}
			for passed := time.Duration(0); passed < 12*time.Hour; passed += interval {
				now := clock(passed)
				polls, _ := queue(items, 0, interval, now, true)
				for _, poll := range polls {
					at := passed + max(0, poll.At.Sub(now))
					poll.Item.Polled(0, clock(at))
					asked[poll.Item.PollState] = append(asked[poll.Item.PollState], at)
				}
			}
			evenly(t, asked[fresh], interval/2, interval*3/2)
			evenly(t, asked[restored], interval/2, interval*3/2)
		})
	}
}

// What a clock that was ahead has left in the database keeps nobody waiting longer than the interval.
func TestAnItemOfTheFutureIsAskedWithinItsInterval(t *testing.T) {
	const interval = 15 * time.Minute
	item, now := NewPollState("item"), time.Now()
	item.Polled(0, now.Add(9*time.Hour))
	if wait := item.due(0, interval, now).Sub(now); wait < 0 || wait > interval {
		t.Errorf("asked after %v", wait)
	}
}

// A plan goes on as before when the machine's clock is set, and so does what it says of when a question comes.
func TestAPlanGoesOnWhateverTheClockSays(t *testing.T) {
	const interval = 15 * time.Minute
	var without []time.Duration
	for _, by := range sets() {
		t.Run(fmt.Sprint(by), func(t *testing.T) {
			clock := machine(by)
			e := &Engine{Account: Account{Adaptive: true, Zone: time.UTC, Jobs: map[string]JobConfig{"traffic": {Interval: interval}}},
				Deps: Deps{Log: slog.New(slog.DiscardHandler)}, plans: map[string]*Plan{}}
			p, item := e.NewPlan("traffic", 0), steadyItem{NewPollState("item")}
			known := Known[steadyItem]{Spec: func(steadyItem) schedule.Spec { return schedule.Spec{} },
				History: func(steadyItem) schedule.History { return schedule.History{} }}
			var asked []time.Duration
			for passed := time.Duration(0); passed < 12*time.Hour; {
				now := clock(passed)
				begin(p, now, []steadyItem{item}, known)
				target, due, ok := p.next(now, 1)
				if wait := due.Sub(now); !ok || wait > 0 {
					passed += min(max(wait, time.Second), lookAgain)
					continue
				}
				p.began(now, target)
				p.ended(target, now, false)
				asked = append(asked, passed)
				passed += time.Second
			}
			evenly(t, asked, 0, 4*interval)
			if by == 0 {
				without = asked
			} else if !slices.EqualFunc(asked, without, func(a, b time.Duration) bool { return (a - b).Abs() < 11*time.Second }) {
				t.Errorf("asked %d times, and %d times without", len(asked), len(without))
			}
		})
	}
}
