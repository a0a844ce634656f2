package unom

import (
	"testing"
	"testing/synctest"
	"time"

	"kaisen/collector"
	"kaisen/collector/collectortest"
	"kaisen/collector/schedule"
)

// How often a line is asked about is said with the reason: a line that is about to use up its volume more often than one that is
// not, one of a fixed schedule by its interval, and a line that is not watched not at all.
func TestLinePace(t *testing.T) {
	for _, adaptive := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			const interval = 15 * time.Minute
			c := &fakeCarrier{lines: listed(30)}
			for i := range 30 {
				c.used(lineNo(i), 1000)
			}
			c.greedy(lineNo(7), 1<<30, 6<<30)
			u := newUnom(c, &collectortest.Sink{}, func(cfg *settings) {
				cfg.Jobs = map[string]collector.JobConfig{JobLines: {Interval: time.Hour}, JobTraffic: {Interval: interval}}
				cfg.Adaptive, cfg.Rate = adaptive, func() float64 { return 1 }
			})
			defer start(t, u)()
			time.Sleep(5*time.Hour + 45*time.Minute)
			greedy, known := u.LinePace(contract, lineNo(7))
			other, _ := u.LinePace(contract, lineNo(8))
			switch {
			case !known || greedy.Fixed == adaptive || greedy.Pool:
				t.Errorf("adaptive %t: %+v, %t", adaptive, greedy, known)
			case !adaptive && (greedy.Interval != interval || greedy.Class != schedule.Routine):
				t.Errorf("a fixed pace: %+v", greedy)
			case adaptive && (greedy.Class != schedule.Urgent || greedy.Interval >= interval || greedy.Left > 0.1 || greedy.Crossing.IsZero()):
				t.Errorf("the greedy line: %+v", greedy)
			case adaptive && other.Interval <= greedy.Interval:
				t.Errorf("another line: %+v", other)
			}
			if pace, known := u.LinePace(contract, "07099999999"); known {
				t.Errorf("a line that is not there: %+v", pace)
			}
		})
	}
}

// Of a member it is the share group's pace, also while another member is asked for all; of one that is suspended it is until when.
func TestLinePaceOfAMember(t *testing.T) {
	for _, adaptive := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			time.Sleep(40 * 24 * time.Hour)
			u := newUnom(newPool(3, ofGroup), &collectortest.Sink{}, func(cfg *settings) {
				every(map[string]time.Duration{JobLines: time.Hour, JobTraffic: 15 * time.Minute, JobDataShare: shareInterval})(cfg)
				cfg.Adaptive, cfg.Rate = adaptive, func() float64 { return 1 }
			})
			if pace, known := u.LinePace(contract, lineNo(0)); known {
				t.Errorf("before the list was read: %+v", pace)
			}
			defer start(t, u)()
			time.Sleep(12 * time.Hour)
			for i := range 3 {
				if pace, known := u.LinePace(contract, lineNo(i)); !known || !pace.Pool || pace.Fixed == adaptive || pace.Interval <= 0 {
					t.Errorf("adaptive %t, member %d: %+v, %t", adaptive, i, pace, known)
				}
			}
			l, _ := u.fleet.get(contract, lineNo(0))
			l.Suspend(askDataShare, time.Now().Add(time.Hour))
			if pace, _ := u.LinePace(contract, lineNo(0)); !adaptive && (pace.Class != schedule.Suspended || time.Until(pace.Due) != time.Hour) {
				t.Errorf("a suspended line: %+v", pace)
			}
		})
	}
}
