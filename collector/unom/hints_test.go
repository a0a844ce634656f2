package unom

import (
	"math"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kaisen/collector/collectortest"
	"kaisen/collector/schedule"
	"kaisen/collector/unom/api"
	"kaisen/collector/unom/logs"
	"kaisen/internal/racetest"
	"kaisen/schema"
)

// planning is a collector of some lines whose traffic is planned, at a budget of a request in two seconds.
func planning(t *testing.T, c *fakeCarrier, lines int) *Collector {
	t.Helper()
	c.lines = listed(lines)
	for i := range lines {
		c.used(lineNo(i), 1000)
	}
	return newUnom(c, &collectortest.Sink{}, func(cfg *settings) {
		every(map[string]time.Duration{JobLines: time.Hour, JobTraffic: 15 * time.Minute, JobOrders: 0})(cfg)
		cfg.Adaptive, cfg.Rate = true, func() float64 { return 0.5 }
	})
}

// reason is why a line is asked when it is.
func reason(t *testing.T, u *Collector, i int) schedule.Reason {
	t.Helper()
	l, known := u.fleet.get(contract, lineNo(i))
	if !known {
		t.Fatalf("line %d is not known", i)
	}
	reason, planned := u.plans.traffic.Reason(l)
	if !planned {
		t.Fatalf("line %d is in no plan", i)
	}
	return reason
}

// logged is a row of the session log about a line, of now.
func logged(u *Collector, i int, session schema.SessionType, event schema.SessionEventKind) {
	logLines{u}.Saw(JobSessions, contract, logs.Row{LineNo: lineNo(i), At: time.Now().Unix(), Session: session, Outcome: string(event)})
}

// A line's own threshold of being near its cap is that which its plan looks out for.
func TestAPlanKnowsALinesOwnThreshold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCarrier{}
		u := planning(t, c, 3)
		for i := range 3 {
			c.greedy(lineNo(i), 1<<20, 6<<30)
		}
		var mu sync.Mutex
		own := map[string]float64{lineNo(0): 0.6, lineNo(1): 0}
		u.NearCap = func(key schema.LineKey) schema.Opt[float64] {
			mu.Lock()
			defer mu.Unlock()
			near, known := own[key.LineNo]
			return schema.Opt[float64]{V: near, Known: known}
		}
		defer start(t, u)()
		time.Sleep(time.Hour)
		for i, want := range []float64{0.6, 0.05, 0.2} { // no share left is never near: critical comes first
			if got := reason(t, u, i).Threshold; got != want {
				t.Errorf("line %d is watched for %v left, want %v", i, got, want)
			}
		}
		mu.Lock()
		own[lineNo(2)] = 0.3 // the file was edited
		mu.Unlock()
		time.Sleep(time.Minute)
		if got := reason(t, u, 2).Threshold; got < 0.296 || got > 0.304 {
			t.Errorf("the line is still watched for %v left", got)
		}
	})
}

// The session log says that a line is abroad, and then it is asked more often until it is home again.
func TestALineAbroadIsAskedMoreOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := planning(t, &fakeCarrier{}, 20)
		defer start(t, u)()
		time.Sleep(2 * time.Hour)
		before := reason(t, u, 4)
		logged(u, 4, schema.SessionRoaming, schema.SessionStart)
		time.Sleep(15 * time.Second)
		if is := reason(t, u, 4); is.Class != schedule.Roaming || is.Interval >= before.Interval {
			t.Errorf("abroad, it is %s, asked every %s; before every %s", is.Class, is.Interval, before.Interval)
		}
		logged(u, 4, schema.SessionRoaming, schema.SessionStop)
		time.Sleep(15 * time.Second)
		if is := reason(t, u, 4); is.Class == schedule.Roaming {
			t.Error("at home, it is planned as abroad")
		}
	})
}

// A line that was silent for a day is looked at soon when the session log says that it is connected.
func TestALineThatWakesIsAskedSoon(t *testing.T) {
	racetest.Skip(t)
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCarrier{}
		u := planning(t, c, 300) // a turn takes ten minutes
		defer start(t, u)()
		time.Sleep(26*time.Hour + 7*time.Minute)
		before := reason(t, u, 9)
		logged(u, 9, schema.SessionDomestic, schema.SessionStart)
		if is := reason(t, u, 9); is.Class != schedule.Waking || is.Due.After(before.Due) {
			t.Errorf("it is %s and due %s, before %s and %s", is.Class, is.Due, before.Class, before.Due)
		}
	})
}

// Orders that take effect may add volume: lines whose volume is used up are asked soon, the others are not.
func TestAnOrderHasThoseAskedWhoAreRestricted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCarrier{}
		u := planning(t, c, 300)
		c.greedy(lineNo(5), 1<<30, 1<<20) // used up at once
		defer start(t, u)()
		time.Sleep(2 * time.Hour)
		was, other := c.calls("traffic "+lineNo(5)), reason(t, u, 6).Due
		b := u.orders[contract]
		b.looked = true
		told := api.Order{OrderID: "AGU1", Status: api.OrderProcessing}
		b.list(told, schema.ToldByOrders, time.Now())
		if b.took {
			t.Fatal("an order that is under way is said to have taken effect")
		}
		told.Status = api.OrderCompleted
		b.list(told, schema.ToldByCompletedOrders, time.Now())
		if !b.took {
			t.Fatal("an order that is complete is not said to have taken effect")
		}
		u.hintOrders(contract)
		if due := reason(t, u, 6).Due; !due.Equal(other) {
			t.Errorf("a line with volume left is due %s, before %s", due, other)
		}
		time.Sleep(time.Minute + 5*time.Second)
		if n := c.calls("traffic " + lineNo(5)); n == was {
			t.Errorf("the line was not asked: %+v", reason(t, u, 5))
		}
	})
}

// A line that is new is asked at once, however long a turn takes.
func TestANewLineIsAskedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCarrier{}
		u := planning(t, c, 300)
		defer start(t, u)()
		time.Sleep(90 * time.Minute)
		c.used(lineNo(300), 1000)
		c.edit(func() { c.lines = listed(301) })
		time.Sleep(31 * time.Minute) // the next inventory is at two hours
		if n := c.calls("traffic " + lineNo(300)); n == 0 {
			t.Error("the new line was not asked within a minute")
		}
	})
}

// After a restart a plan knows at which hours a line uses its volume: one that does so by day alone will not have used it up
// in the night.
func TestAPlanKnowsTheHoursAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2000, 1, 20, 21, 0, 0, 0, tokyo)))
		const perDay, left = 2400 << 20, 700 << 20 // seven hours of the day's mean
		u := planning(t, &fakeCarrier{}, 2)
		var state schema.State
		now := time.Now()
		for i := range 2 {
			key := schema.LineKey{Source: "hq", ContractID: contract, LineNo: lineNo(i)}
			state.Lines = append(state.Lines, schema.Line{LineKey: key, State: schema.LineActive, Origin: schema.OriginList})
			state.Traffic = append(state.Traffic, schema.TrafficSample{LineKey: key, Scope: schema.ScopeLine, ObservedAt: now, ReceivedAt: now,
				MonthBytes: schema.Some[uint64](20 * perDay), TodayBytes: schema.Some[uint64](perDay), RemainingBytes: schema.Some[uint64](left), Restriction: schema.RestrictionNone})
			for day := range 20 {
				state.Daily = append(state.Daily, schema.TrafficDaily{LineKey: key, Scope: schema.ScopeLine,
					Day: schema.DateOf(now.In(tokyo)) - schema.Date(day+1), Bytes: perDay, ObservedAt: now})
			}
		}
		u.Restore(state)
		u.RestoreHours([]schema.LineHours{{LineKey: state.Lines[1].LineKey, Scope: schema.ScopeLine, // 8:00 to 20:00
			Bytes: "0 0 0 0 0 0 0 0 9 9 9 9 9 9 9 9 9 9 9 9 0 0 0 0"}})
		defer start(t, u)()
		time.Sleep(time.Second)
		even, office := reason(t, u, 0).Crossing.Sub(now), reason(t, u, 1).Crossing.Sub(now)
		if even < 6*time.Hour || even > 8*time.Hour || office < 11*time.Hour || office > 15*time.Hour {
			t.Errorf("used up in %s by the day's mean, in %s by the hours", even, office)
		}
	})
}

// After a restart lines are classed by what an earlier process was told of them, and not taken for new ones: one that is restricted
// is watched for its end, and one that has no volume is not taken for used up.
func TestAPlanKnowsTheLinesAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2000, 1, 20, 12, 0, 0, 0, tokyo)))
		u := planning(t, &fakeCarrier{}, 4)
		now := time.Now()
		var state schema.State
		var samples []schema.TrafficSample
		for i, restriction := range []schema.Restriction{schema.RestrictionNone, schema.RestrictionMonthly, schema.RestrictionNone, schema.RestrictionNone} {
			key := schema.LineKey{Source: "hq", ContractID: contract, LineNo: lineNo(i)}
			state.Lines = append(state.Lines, schema.Line{LineKey: key, State: schema.LineActive, Origin: schema.OriginList})
			for n := range uint64(3) {
				at := now.Add(time.Duration(n)*15*time.Minute - time.Hour/2)
				sample := schema.TrafficSample{LineKey: key, Scope: schema.ScopeLine, ObservedAt: at, ReceivedAt: at, MonthBytes: schema.Some(6<<30 + n<<20),
					TodayBytes: schema.Some(1<<30 + n<<20), RemainingBytes: schema.Some[uint64](5 << 30), Restriction: restriction}
				if i == 1 || i == 2 {
					sample.RemainingBytes = schema.Some[uint64](0)
				}
				if i < 3 || n == 2 { // the last was asked once
					samples = append(samples, sample)
				}
			}
			state.Traffic = append(state.Traffic, samples[len(samples)-1])
		}
		slices.Reverse(samples)
		u.Restore(state)
		for _, sample := range samples {
			u.RestoreSample(&sample)
		}
		defer start(t, u)()
		time.Sleep(time.Second)
		for i, want := range []schedule.Class{schedule.Waiting, schedule.Clearing, schedule.Waiting, schedule.Fresh} {
			if got := reason(t, u, i); got.Class != want {
				t.Errorf("line %d: %s, want it %s", i, got.Class, want)
			}
		}
		if left := reason(t, u, 2).Left; !math.IsNaN(left) {
			t.Errorf("a line without a volume has %g of it left", left)
		}
	})
}

// What lines used of late may come after the start: until then other things are asked, but no figures, which would be in another order.
func TestPlansWaitForWhatLinesUsedOfLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCarrier{}
		u := planning(t, c, 2)
		key := schema.LineKey{Source: "hq", ContractID: contract, LineNo: lineNo(0)}
		u.Restore(schema.State{Lines: []schema.Line{{LineKey: key, State: schema.LineActive, Origin: schema.OriginList}},
			Traffic: []schema.TrafficSample{sampleBefore(key, 0)}})
		known := u.AwaitHabits()
		defer start(t, u)()
		time.Sleep(20 * time.Second)
		if lists, figures := c.calls("lines"), c.calls("traffic "+lineNo(1)); lists == 0 || figures > 0 {
			t.Errorf("lists were asked for %d times, and figures %d times", lists, figures)
		}
		for ago := range 3 {
			sample := sampleBefore(key, time.Duration(ago)*15*time.Minute)
			u.RestoreSample(&sample)
		}
		known()
		time.Sleep(time.Second)
		if n := c.calls("traffic " + lineNo(1)); n != 1 {
			t.Errorf("the line that was never asked was asked %d times a second later", n)
		}
		if got := reason(t, u, 0).Class; got != schedule.Waiting {
			t.Errorf("a line with three answers is %s to the plan", got)
		}
	})
}

// sampleBefore is an answer of some time ago, of a line that has enough left.
func sampleBefore(key schema.LineKey, ago time.Duration) schema.TrafficSample {
	at := time.Now().Add(-ago)
	return schema.TrafficSample{LineKey: key, Scope: schema.ScopeLine, ObservedAt: at, ReceivedAt: at, MonthBytes: schema.Some[uint64](6 << 30),
		TodayBytes: schema.Some[uint64](1 << 30), RemainingBytes: schema.Some[uint64](5 << 30), Restriction: schema.RestrictionNone}
}
