package schedule

import "time"

// Summary is how the planning goes.
type Summary struct {
	Worth  time.Duration // the delay that a request must be expected to save to come before its turn
	Demand float64       // requests a second that the targets ask for at that price
	Budget float64       // requests a second; +Inf: no limit
	Short  bool          // the budget cannot keep Job.MaxAge for all
	Jobs   []JobSummary  // in the order of Config.Jobs
}

// JobSummary is how the planning of a job's targets goes.
type JobSummary struct {
	Targets int
	Bound   time.Duration // no target is left longer while it is answered
	Oldest  time.Duration // the age of who was asked longest ago, of those that are answered
}

// Summary costs the same for any number of targets.
func (p *Planner) Summary(now time.Time) Summary {
	s := Summary{
		Worth: time.Duration(p.price.worth * float64(time.Second)), Demand: p.price.demandAt(p.price.worth),
		Budget: p.budget.at(now.UnixMilli()), Short: p.price.short,
	}
	for i := range p.jobs {
		j := &p.jobs[i]
		one := JobSummary{Targets: j.members, Bound: time.Duration(j.bound) * time.Millisecond}
		if h := j.ages.top(); h != 0 {
			one.Oldest = now.Sub(p.at(p.targets.at(h).key[byAge]))
		}
		s.Jobs = append(s.Jobs, one)
	}
	return s
}
