package schedule

import (
	"fmt"
	"math"
	"time"
)

// Planner orders the questions about its targets. New makes one.
type Planner struct {
	config  Config
	jobs    []job
	targets arena
	due     lane
	live    int // targets that there are
	budget  budget
	price   price
	fleet   fleet
	days    calendar
	counts  [classes]int

	turn  bool     // the next question is that of who waited longest, where the budget does not suffice
	hurry []Target // what a person asks for, in turn
	front bool     // the last question was one of them
}

// job is a job with its targets.
type job struct {
	Job
	ages    lane
	members int   // targets that it has
	bound   int64 // milliseconds after which a target is to be asked, whatever it does
}

// New is a planner without targets and without a budget: everything may be asked as soon as it is due.
func New(config Config) (*Planner, error) {
	if len(config.Jobs) == 0 || len(config.Jobs) > math.MaxUint8 {
		return nil, fmt.Errorf("%d jobs: there must be 1 to 255", len(config.Jobs))
	}
	p := &Planner{config: config, due: lane{which: byDue}}
	for _, j := range config.Jobs {
		if j.Interval < time.Millisecond {
			return nil, fmt.Errorf("interval %s of job %s: must be at least a millisecond", j.Interval, j.Name)
		}
		p.jobs = append(p.jobs, job{Job: j, ages: lane{which: byAge}, bound: j.Interval.Milliseconds()})
	}
	p.days.zone = config.Zone
	p.budget = unlimited(config.Burst)
	p.price.reset(p.floor())
	for i := range p.jobs {
		p.price.bounds = append(p.price.bounds, p.jobs[i].bound)
	}
	p.price.budget = math.Inf(1)
	p.fleet.reset()
	return p, nil
}

// SetBudget says how many requests a second there may be from now on; +Inf is no limit, 0 a pause.
func (p *Planner) SetBudget(now time.Time, perSecond float64) {
	p.budget.setRate(now.UnixMilli(), perSecond)
	p.rebound(now.UnixMilli())
}

// SetDaily says how many requests there may be until a time, after which they are no longer bounded unless it is
// called again. A negative number is no bound.
func (p *Planner) SetDaily(now time.Time, left int64, until time.Time) {
	p.budget.setDaily(now.UnixMilli(), left, until.UnixMilli())
	p.rebound(now.UnixMilli())
}

// Add takes in a target of a job (its index in Config.Jobs), which is due at once.
func (p *Planner) Add(now time.Time, job int, spec Spec) Target {
	h := p.targets.take()
	t := p.targets.at(h)
	*t = target{job: uint8(job), class: uint8(Fresh), flags: alive, pool: spec.Pool, near: nearCode(spec.Near)}
	t.pos = [lanes]int32{-1, -1}
	t.set(member, spec.Member)
	t.set(roaming, spec.Roaming)
	p.live++
	p.jobs[job].members++
	p.counts[Fresh]++
	p.counted(t, true)
	p.enqueue(h, t, now.UnixMilli()-1, now.UnixMilli()) // before one that is asked in this millisecond
	p.rebound(now.UnixMilli())
	return h
}

// Change says that what is known of a target beforehand is now something else.
func (p *Planner) Change(now time.Time, h Target, spec Spec) {
	t := p.targets.at(h)
	t.pool, t.near = spec.Pool, nearCode(spec.Near)
	t.set(member, spec.Member)
	t.set(roaming, spec.Roaming)
	p.replan(now.UnixMilli(), h, t)
}

// Remove forgets a target, also one of which an answer is awaited. Its handle must not be used any more.
func (p *Planner) Remove(now time.Time, h Target) {
	t := p.targets.at(h)
	p.dequeue(h, t)
	p.counted(t, false)
	p.counts[t.class]--
	owner := t.job
	p.targets.give(h)
	p.live--
	p.jobs[owner].members--
	p.rebound(now.UnixMilli())
}

// Len is the number of targets.
func (p *Planner) Len() int { return p.live }

// enqueue puts a target into its lanes: it was last asked, or added, at a time, and is due at another.
func (p *Planner) enqueue(h Target, t *target, asked, due int64) {
	p.jobs[t.job].ages.put(&p.targets, h, asked)
	p.due.put(&p.targets, h, due)
}

func (p *Planner) dequeue(h Target, t *target) {
	p.jobs[t.job].ages.drop(&p.targets, h)
	p.due.drop(&p.targets, h)
}

// setClass keeps count.
func (p *Planner) setClass(t *target, c Class) {
	p.counts[t.class]--
	t.class = uint8(c)
	p.counts[c]++
}

// Counts are the targets by class.
func (p *Planner) Counts() map[Class]int {
	counts := make(map[Class]int, classes)
	for c, n := range p.counts {
		counts[Class(c)] = n
	}
	return counts
}

func (p *Planner) at(ms int64) time.Time { return time.UnixMilli(ms).In(p.config.Zone) }
