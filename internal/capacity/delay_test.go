package capacity

import (
	"fmt"
	"testing"
	"time"

	"kaisen/collector"
	"kaisen/internal/config"
	"kaisen/internal/kinds"
)

// What a plan says of an adaptive job is at most max_age, or twice a turn of what is granted, whatever the limit, the shard and
// the members are; and no time is a negative one.
func TestAnAdaptiveAgeIsAtMostTwiceATurnOfWhatIsGranted(t *testing.T) {
	for _, shard := range []string{"", "2/5"} {
		for _, fleet := range []Assumed{{Lines: 100}, {Lines: 3000, Members: 300}, {Lines: 3000, Members: 3000}, {Lines: 1_000_000, Contracts: 1000, Members: 50_000}} {
			for _, limit := range []config.RateLimit{{RequestsPerSecond: 5}, {RequestsPerSecond: 2}, {RequestsPerSecond: 5, DailyRequests: 2000},
				{RequestsPerSecond: 5, DailyRequests: 10}, {RequestsPerSecond: 1e-6}} {
				cfg := example(t, 1000)
				cfg.Collector.Shard, cfg.Sources[0].Schedule = shard, config.ScheduleAdaptive
				cfg.Sources[0].RateLimit.RequestsPerSecond, cfg.Sources[0].RateLimit.DailyRequests = limit.RequestsPerSecond, limit.DailyRequests
				t.Run(fmt.Sprint(shard, fleet, limit), func(t *testing.T) { boundedByTurns(t, planned(t, cfg, fleet).Accounts[0]) })
			}
		}
	}
}

// Nor is the mean of what is asked more often than the proof did.
func TestAShortIntervalIsSeenWithinIt(t *testing.T) {
	cfg := example(t, 1000)
	cfg.Sources[0].Schedule = config.ScheduleAdaptive
	cfg.Sources[0].Jobs = map[string]config.Job{"traffic": {Interval: config.Duration(20 * time.Second)}}
	boundedByTurns(t, planned(t, cfg, Assumed{Lines: 40}).Accounts[0])
}

func boundedByTurns(t *testing.T, a Account) {
	kind, _ := kinds.All().Find(a.Kind)
	for _, j := range a.Jobs {
		if j.WorstAge <= 0 {
			t.Errorf("%s: worst age %v", j.Job, j.WorstAge)
		}
		if !kind.Planned(j.Job) || j.Items == 0 {
			continue
		}
		interval := time.Duration(j.Interval * float64(time.Second))
		most := max(collector.MaxAge(0, interval).Seconds(), 2*j.turn().Seconds())
		if j.WorstAge > 1.001*most || j.Delay.AtMost != j.WorstAge || j.WorstAge < j.turn().Seconds()/1.001 {
			t.Errorf("%s: worst age %v, at most %v: max_age or twice a turn is %v", j.Job, j.WorstAge, j.Delay.AtMost, most)
		}
		if d := j.Delay; d.Mean > d.AtMost/2 || d.P95 > d.AtMost || d.BurstsMean > d.AtMost/2 || d.BurstsP95 > d.AtMost {
			t.Errorf("%s: it is worse than asking in turn: %+v", j.Job, *d)
		}
		if j.Delay.Mean <= 0 || j.Delay.P95 <= 0 || j.Delay.BurstsP95 <= 0 {
			t.Errorf("%s: a crossing is seen after %+v", j.Job, *j.Delay)
		}
	}
}
