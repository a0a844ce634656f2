package unom

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/collectortest"
	"kaisen/collector/unom/api"
	"kaisen/schema"
)

// active is how many lines of the contract are polled.
func active(u *Collector) int { return u.fleet.count(contract)[schema.LineActive] }

// A list that has lost most of its lines is not believed at once, nor because it says so again and again; after a day it is
// where call 03 knows no such line either.
func TestAListThatLostMostOfItsLines(t *testing.T) {
	for name, rest := range map[string][]api.Line{"nothing, or NULL": nil, "1 of 10": listed(1)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &fakeCarrier{lines: listed(10)}
				for i := range 10 {
					c.used(lineNo(i), 1)
				}
				u := newUnom(c, &collectortest.Sink{}, nil)
				sweepOnce(t, u, JobLines)
				c.lines = rest
				for hour := range 40 { // longer than it takes to believe the list
					if err := sweepOnce(t, u, JobLines).Err(); hour < 24 && err == nil {
						t.Errorf("hour %d: no error", hour)
					}
					time.Sleep(time.Hour)
					if n := active(u); n != 10 {
						t.Fatalf("hour %d: %d lines left although call 03 answers for all", hour, n)
					}
				}
				c.traffic = nil
				if err := sweepOnce(t, u, JobLines).Err(); err != nil || active(u) != len(rest) {
					t.Errorf("error %v, %d lines active when both calls agree, want %d", err, active(u), len(rest))
				}
			})
		})
	}
}

// Call 03 knows no line any more: that is trouble, however long it lasts, while the list has them; a single line is given
// up after a day.
func TestCall03KnowsNoLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCarrier{lines: listed(6)}
		u := newUnom(c, &collectortest.Sink{}, func(cfg *settings) {
			cfg.Jobs = map[string]collector.JobConfig{JobLines: {Interval: time.Hour}, JobTraffic: {Interval: 15 * time.Minute}}
		})
		defer start(t, u)()
		time.Sleep(72 * time.Hour)
		if n := active(u); n != 6 {
			t.Errorf("%d lines are left of a fleet that is listed, want 6", n)
		}
		for i := range 5 {
			c.used(lineNo(i), 1)
		}
		time.Sleep(40 * time.Hour)
		if n := active(u); n != 5 || state(u, lineNo(5)) != schema.LineNotFound {
			t.Errorf("%d lines active, the one that is denied %s; want 5 and not_found", n, state(u, lineNo(5)))
		}
		c.used(lineNo(5), 1)
		if time.Sleep(61 * time.Minute); active(u) != 6 {
			t.Error("the line answers, and is not back with the next inventory")
		}
	})
}

// A line that both calls agree on leaves with the next inventory, and comes back within an interval.
func TestALineLeavesWhenCallsAgreeAndIsAskedAgainSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCarrier{lines: listed(4)}
		for i := range 4 {
			c.used(lineNo(i), 1)
		}
		sink := &collectortest.Sink{}
		u := newUnom(c, sink, func(cfg *settings) {
			cfg.Jobs = map[string]collector.JobConfig{JobLines: {Interval: time.Hour}, JobTraffic: {Interval: 15 * time.Minute}}
		})
		defer start(t, u)()
		time.Sleep(time.Minute)
		c.edit(func() { c.lines = listed(3) })
		time.Sleep(90 * time.Minute)
		if n := active(u); n != 4 {
			t.Fatalf("%d lines: one left although it answers", n)
		}
		c.edit(func() { delete(c.traffic, lineNo(3)) })
		time.Sleep(65 * time.Minute)
		if got := state(u, lineNo(3)); got != schema.LineRemoved {
			t.Fatalf("%s, want removed: both calls agree", got)
		}
		c.used(lineNo(3), 1)
		time.Sleep(40 * time.Minute)
		if got := state(u, lineNo(3)); got != schema.LineActive {
			t.Errorf("%s, want active: call 03 answers again", got)
		}
		var told []string
		for _, change := range sink.All().LineChanges {
			told = append(told, change.Old+"→"+change.New)
		}
		if want := []string{"active→removed", "removed→active"}; !slices.Equal(told, want) {
			t.Errorf("changes %v", told)
		}
	})
}

// A line that no list has is given up when call 03 does not know it; each inventory asks again.
func TestALineThatNoListHas(t *testing.T) {
	c := &fakeCarrier{lines: listed(3)}
	for i := range 3 {
		c.used(lineNo(i), 1)
	}
	u := newUnom(c, &collectortest.Sink{}, func(cfg *settings) {
		cfg.Extra = []ExtraLine{{ContractID: contract, LineNo: lineNo(9)}}
	})
	sweepOnce(t, u, JobLines)
	sweepOnce(t, u, JobTraffic)
	if got := state(u, lineNo(9)); got != schema.LineNotFound {
		t.Fatalf("state %s after 404, want not_found", got)
	}
	sweepOnce(t, u, JobTraffic)
	if n := c.calls("traffic " + lineNo(9)); n != 1 {
		t.Fatalf("a line not found was asked %d times, want once", n)
	}
	sweepOnce(t, u, JobLines)
	c.used(lineNo(9), 1)
	sweepOnce(t, u, JobLines)
	if n := c.calls("traffic " + lineNo(9)); n != 3 || state(u, lineNo(9)) != schema.LineActive {
		t.Errorf("asked %d times, state %s; want each inventory to ask, and the line back", n, state(u, lineNo(9)))
	}
}

// 404 ⑤ from a call beside 03 takes nothing but that call.
func TestASideCallProvesNoLineGone(t *testing.T) {
	c := &fakeCarrier{lines: listed(3), shareTraffic: func(string) (carrier.Answer[api.Traffic], error) {
		return carrier.Answer[api.Traffic]{}, noSuchLine()
	}}
	c.members = []api.ShareMember{{LineNo: lineNo(0), Status: schema.ShareRegistered}}
	c.session = func(string) (carrier.Answer[api.Session], error) { return carrier.Answer[api.Session]{}, noSuchLine() }
	for i := range 3 {
		c.used(lineNo(i), 1)
	}
	u := newUnom(c, &collectortest.Sink{}, nil)
	sweepOnce(t, u, JobLines)
	for _, job := range []string{JobSession, JobDataShare} {
		if sweep := sweepOnce(t, u, job); sweep.Failed() == 0 || active(u) != 3 {
			t.Errorf("%s: %d failed, %d lines active; want a failure, and 3", job, sweep.Failed(), active(u))
		}
	}
}

func noSuchLine() error {
	return &carrier.Error{Kind: api.KindNoSuchLine, Reason: api.ReasonNoSuchLine, Status: 404, ObservedAt: time.Now()}
}

// A share group that lost most of its members keeps them for a day, unless the members themselves know of no group.
func TestAShareGroupThatLostMostOfItsMembers(t *testing.T) {
	for name, lose := range map[string]func(*fakeCarrier){
		"NULL":        func(c *fakeCarrier) { c.members = nil },
		"1 of 4":      func(c *fakeCarrier) { c.members = c.members[:1] },
		"404 ⑥ alone": func(c *fakeCarrier) { c.memberErr = &carrier.Error{Kind: api.KindNoShareGroup, Status: 404} },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				told := func(string) (carrier.Answer[api.Traffic], error) {
					return answered(&fakeCarrier{}, api.Traffic{}), nil
				}
				c := &fakeCarrier{shareTraffic: told}
				for i := range 4 {
					c.members = append(c.members, api.ShareMember{LineNo: lineNo(i), Status: schema.ShareRegistered})
				}
				pool := func(u *Collector) int { return len(u.fleet.all((*line).inPool)) }
				u := newUnom(c, &collectortest.Sink{}, nil)
				sweepOnce(t, u, JobDataShare)
				lose(c)
				for hour := range 20 {
					if err := sweepOnce(t, u, JobDataShare).Err(); err == nil || pool(u) != 4 {
						t.Fatalf("hour %d: error %v, %d members; want an error, and 4", hour, err, pool(u))
					}
					time.Sleep(time.Hour)
				}
				c.shareTraffic = nil // 404 ⑥
				sweepOnce(t, u, JobDataShare)
				if sweepOnce(t, u, JobDataShare); pool(u) > 1 {
					t.Errorf("%d members although call 09 knows no group", pool(u))
				}
			})
		})
	}
}
