package unom

import (
	"testing"
	"testing/synctest"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/collectortest"
	"kaisen/collector/unom/api"
	"kaisen/internal/racetest"
	"kaisen/schema"
)

// greedy makes a line answer call 03 as one that uses so many bytes an hour of what it has left.
func (f *fakeCarrier) greedy(lineNo string, perHour, volume uint64) {
	began := f.Now()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.traffic[lineNo] = func() (carrier.Answer[api.Traffic], error) {
		used := uint64(f.Now().Sub(began).Hours() * float64(perHour))
		told := api.Traffic{LineNo: lineNo, Restriction: schema.RestrictionNone}
		told.Days[0], told.Months[0] = schema.Some(used), schema.Some(used)
		told.Remaining = schema.Some(volume - min(volume, used))
		if used >= volume {
			told.Restriction = schema.RestrictionMonthly
		}
		return answered(f, told), nil
	}
}

// With a budget that lets every line be asked once in half an hour, a line that is about to use up its volume is asked
// more often, the others within their bound, and no more requests are made than there may be.
func TestAGreedyLineIsAskedMoreOften(t *testing.T) {
	racetest.Skip(t)
	synctest.Test(t, func(t *testing.T) {
		const lines, rate, hours = 900, 0.5, 10
		c := &fakeCarrier{lines: listed(lines)}
		for i := range lines {
			c.used(lineNo(i), 1000)
		}
		c.greedy(lineNo(7), 1<<30, 6<<30)
		u := newUnom(c, &collectortest.Sink{}, func(cfg *settings) {
			cfg.Jobs = map[string]collector.JobConfig{JobLines: {Interval: time.Hour}, JobTraffic: {Interval: 15 * time.Minute}}
			cfg.Adaptive, cfg.Rate = true, func() float64 { return rate }
		})
		defer start(t, u)()
		time.Sleep(time.Hour)
		before, greedy := c.calls("traffic"), c.calls("traffic "+lineNo(7))
		time.Sleep((hours - 1) * time.Hour)
		asked := c.calls("traffic") - before
		if most := int((hours-1)*3600*rate) + 20; asked > most || asked < most*9/10 {
			t.Errorf("%d requests, want about %d", asked, most)
		}
		routine := float64(asked) / lines
		if n := c.calls("traffic "+lineNo(7)) - greedy; float64(n) < 3*routine {
			t.Errorf("the greedy line was asked %d times, the others %.1f times", n, routine)
		}
		if behind := u.Behind(time.Now().Add(-hours*time.Hour), time.Now())[JobTraffic]; behind > time.Minute {
			t.Errorf("a line is %s past its bound", behind)
		}
	})
}

// Under a plan too a member whose group's volume decides is asked for its own traffic every four hours, and is not behind
// meanwhile.
func TestAPlanSparesMembers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCarrier{lines: listed(2), members: []api.ShareMember{{LineNo: lineNo(0), Status: schema.ShareRegistered}}}
		c.used(lineNo(0), 1000)
		c.used(lineNo(1), 1000)
		c.shareTraffic = func(number string) (carrier.Answer[api.Traffic], error) { return c.traffic[number]() }
		u := newUnom(c, &collectortest.Sink{}, func(cfg *settings) {
			every(map[string]time.Duration{JobLines: time.Hour, JobTraffic: 15 * time.Minute, JobDataShare: 15 * time.Minute})(cfg)
			cfg.Adaptive, cfg.Rate = true, func() float64 { return 1 }
		})
		began := time.Now()
		defer start(t, u)()
		time.Sleep(22 * time.Hour)
		if n := c.calls("traffic " + lineNo(0)); n < 5 || n > 10 {
			t.Errorf("the member was asked %d times in 22 hours, want every four", n)
		}
		if n := c.calls("traffic " + lineNo(1)); n < 22*3 {
			t.Errorf("the other line was asked %d times", n)
		}
		if behind := u.Behind(began, time.Now())[JobTraffic]; behind > 0 {
			t.Errorf("a line is %s behind", behind)
		}
	})
}

// A fixed schedule asks all alike.
func TestAFixedScheduleAsksAllAlike(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const lines = 30
		c := &fakeCarrier{lines: listed(lines)}
		for i := range lines {
			c.used(lineNo(i), 1000)
		}
		c.greedy(lineNo(7), 1<<30, 6<<30)
		u := newUnom(c, &collectortest.Sink{}, func(cfg *settings) {
			cfg.Jobs = map[string]collector.JobConfig{JobLines: {Interval: time.Hour}, JobTraffic: {Interval: 15 * time.Minute}}
		})
		defer start(t, u)()
		time.Sleep(6 * time.Hour)
		if greedy, other := c.calls("traffic "+lineNo(7)), c.calls("traffic "+lineNo(8)); greedy > other+1 {
			t.Errorf("the greedy line was asked %d times, another %d times", greedy, other)
		}
	})
}
