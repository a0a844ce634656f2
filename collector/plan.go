package collector

import (
	"sync"
	"time"

	"kaisen/collector/schedule"
	"kaisen/internal/wait"
)

// Plan is the order in which the items of one job are asked while an account's schedule is adaptive. Package schedule
// decides; a Plan lends it a lock, the job's items, and what the other jobs leave of the account's budget. It is safe for
// use by many goroutines. Inside of it times are those of a clock that nobody sets.
type Plan struct {
	job      string
	question int
	clock    wait.Steady
	passed   func(schedule.Crossing, time.Time) // gets what an answer is the first to show

	mu      sync.Mutex
	planner *schedule.Planner
	items   map[*PollState]*planned
	targets map[schedule.Target]*planned
	sweeps  uint64
	changed chan struct{} // capacity 1: another item may be next now
}

// planned is an item of a plan.
type planned struct {
	state  *PollState
	target schedule.Target
	spec   schedule.Spec
	sweep  uint64           // the last that had the item
	under  bool             // its question is under way
	told   *schedule.Answer // what the answer under way has shown; nil: nothing that planning needs
}

// Known says what is known of a job's items besides what the plan has seen.
type Known[T any] struct {
	Spec    func(T) schedule.Spec
	History func(T) schedule.History // what an earlier process has seen
}

// NewPlan makes a plan without items for a job; nil where the account's schedule is fixed, or the job is off.
func (e *Engine) NewPlan(job string, question int) *Plan {
	interval := e.Jobs[job].Interval
	if !e.Adaptive || interval <= 0 {
		return nil
	}
	config := schedule.DefaultConfig()
	config.Zone = e.Zone
	config.MinInterval = min(config.MinInterval, interval)
	config.Burst = max(1, e.Workers)
	config.Jobs = []schedule.Job{{Name: job, Interval: interval, MaxAge: MaxAge(e.MaxAge, interval)}}
	planner, err := schedule.New(config)
	if err != nil { // an interval that no configuration may have
		e.Log.Error("the schedule of a job is fixed, since it cannot be adaptive", "job", job, "error", err)
		return nil
	}
	p := &Plan{job: job, question: question, clock: wait.NewSteady(), planner: planner, items: make(map[*PollState]*planned),
		targets: make(map[schedule.Target]*planned), changed: make(chan struct{}, 1),
		passed: func(c schedule.Crossing, seen time.Time) { e.Metrics.crossed(e.Source, job, c, seen) }}
	e.plans[job] = p
	return p
}

// begin makes the plan's items those of a sweep, and is the items by target. Those that are new are planned by what is
// known of them.
func begin[T Target](p *Plan, now time.Time, items []T, of Known[T]) map[schedule.Target]T {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sweeps++
	at := p.clock.At(now)
	byTarget := make(map[schedule.Target]T, len(items))
	for _, item := range items {
		state := item.pollState()
		it, known := p.items[state]
		if known {
			if spec := of.Spec(item); spec != it.spec {
				it.spec = spec
				p.planner.Change(at, it.target, spec)
			}
		} else {
			spec := of.Spec(item)
			it = &planned{state: state, spec: spec, target: p.planner.Add(at, 0, spec)}
			p.items[state], p.targets[it.target] = it, it
			if asked := state.LastPolled(p.question); !asked.IsZero() {
				history := of.History(item)
				history.Asked = p.clock.At(asked)
				p.planner.Restore(at, it.target, history)
			}
		}
		it.sweep = p.sweeps
		byTarget[it.target] = item
		if until := state.suspendedUntil(p.question); until.After(now) && !it.under {
			p.planner.Suspend(it.target, p.clock.At(until))
		}
	}
	for state, it := range p.items {
		if it.sweep != p.sweeps && !it.under { // one that is under way leaves when that has ended
			p.remove(at, state, it)
		}
	}
	return byTarget
}

// remove forgets an item. The plan is locked.
func (p *Plan) remove(now time.Time, state *PollState, it *planned) {
	p.planner.Remove(now, it.target)
	delete(p.items, state)
	delete(p.targets, it.target)
}

// next is who is asked next, and when.
func (p *Plan) next(now time.Time, budget float64) (target schedule.Target, due time.Time, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := p.clock.At(now)
	p.planner.SetBudget(at, budget)
	target, due, ok = p.planner.Next(at)
	return target, now.Add(due.Sub(at)), ok
}

// began notes that the question about a target is put.
func (p *Plan) began(now time.Time, target schedule.Target) {
	p.mu.Lock()
	defer p.mu.Unlock()
	it := p.targets[target]
	it.under, it.told = true, nil
	p.planner.Began(p.clock.At(now), target)
}

// Learn notes what an answer has shown of an item's figures. Answers to questions that the plan has not put count too.
func (p *Plan) Learn(item Target, answer schedule.Answer) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	it, known := p.items[item.pollState()]
	switch {
	case !known:
	case it.under:
		it.told = &answer
	default:
		p.answered(it, time.Now(), answer)
	}
}

// Hint notes what another source knows of an item: it may be asked sooner for that.
func (p *Plan) Hint(item Target, hint schedule.Hint) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if it, known := p.items[item.pollState()]; known {
		p.planner.Hint(p.clock.At(time.Now()), it.target, hint)
		p.wake()
	}
}

// ended notes how a question ended that was put at a time. The function that it returns takes a failure back, which was
// the carrier's as a whole.
func (p *Plan) ended(target schedule.Target, asked time.Time, failed bool) (forgive func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.wake()
	it, there := p.arrived(target)
	if !there {
		return nil
	}
	switch until := it.state.suspendedUntil(p.question); {
	case failed:
		p.planner.Failed(p.clock.At(asked), target)
		return func() { p.forgive(it) }
	case until.After(asked):
		p.planner.Suspend(target, p.clock.At(until))
	case it.told != nil:
		p.answered(it, asked, *it.told)
	default:
		p.planner.Asked(p.clock.At(asked), target)
	}
	return nil
}

// excused notes that a question was not put after all.
func (p *Plan) excused(target schedule.Target, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, there := p.arrived(target); there {
		p.planner.Excused(p.clock.At(at), target)
	}
}

// arrived is the item whose question is no longer under way; there is none if it has left its list meanwhile. The plan
// is locked.
func (p *Plan) arrived(target schedule.Target) (it *planned, there bool) {
	it = p.targets[target]
	it.under = false
	if it.sweep != p.sweeps {
		p.remove(p.clock.At(time.Now()), it.state, it)
		return nil, false
	}
	return it, true
}

// answered hands an answer on. The plan is locked.
func (p *Plan) answered(it *planned, asked time.Time, answer schedule.Answer) {
	for _, crossing := range p.planner.Answered(p.clock.At(asked), it.target, answer) {
		p.passed(crossing, answer.At)
	}
}

// forgive takes an item's failure back.
func (p *Plan) forgive(it *planned) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.items[it.state] == it && !it.under {
		p.planner.Forgive(p.clock.At(time.Now()), it.target)
	}
}

// wake lets who waits for the next question look again.
func (p *Plan) wake() {
	select {
	case p.changed <- struct{}{}:
	default: // it will look anyway
	}
}

// Reason is why an item is asked when it is; ok is false for one that is not in the plan.
func (p *Plan) Reason(item Target) (reason schedule.Reason, ok bool) {
	if p == nil {
		return schedule.Reason{}, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	it, known := p.items[item.pollState()]
	if !known {
		return schedule.Reason{}, false
	}
	reason = p.planner.Reason(it.target)
	shift := p.clock.Shift(time.Now()) // a person compares with the machine's clock
	reason.Due = reason.Due.Add(shift)
	if !reason.Crossing.IsZero() {
		reason.Crossing = reason.Crossing.Add(shift)
	}
	return reason, true
}

// summary is how the planning goes, and the items by class.
func (p *Plan) summary(now time.Time) (schedule.Summary, map[schedule.Class]int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.planner.Summary(p.clock.At(now)), p.planner.Counts()
}
