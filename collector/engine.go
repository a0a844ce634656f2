package collector

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"kaisen/schema"
)

// Engine is what the collectors of all kinds share, and embed. It runs jobs, again and again or once, and says to the
// store, the metrics and the log how they went. What a job asks, and what the answers mean, is its collector's affair.
type Engine struct {
	Account
	Deps
	*Readiness

	running atomic.Bool // Run or Once has begun

	now    func() time.Time // the carrier's clock
	begin  func(context.Context)
	jobs   []Job
	states *jobStates
	plans  map[string]*Plan // by job, of those that are asked by a plan
	habits chan struct{}    // closed once plans may ask; nil: they may at once
	usage  *usage
	odd    oddities
	found  findings
}

// NewEngine makes an engine without jobs. The account is ready when one of the lists, by name, has been read. Now is
// the carrier's clock.
func NewEngine(account Account, deps Deps, now func() time.Time, lists []string) *Engine {
	deps.Log = deps.Log.With("source", account.Source)
	return &Engine{Account: account, Deps: deps, Readiness: newReadiness(account.Source, lists), now: now, states: newJobStates(),
		plans: make(map[string]*Plan), usage: newUsage(),
		found: findings{all: make(map[findingKey]schema.CarrierFinding)}}
}

// Prepare says what the engine runs: the jobs, and what is to be done once before those that wait for others, nil for
// nothing. An account that has no list to wait for is made ready there, by Loaded.
func (e *Engine) Prepare(begin func(context.Context), jobs ...Job) {
	e.begin, e.jobs = begin, jobs
}

// Running reports whether Run or Once has begun: what is restored from then on is laid beside what was seen meanwhile.
func (e *Engine) Running() bool { return e.running.Load() }

// AwaitHabits is that of HabitKeeper.
func (e *Engine) AwaitHabits() (known func()) {
	e.habits = make(chan struct{})
	return sync.OnceFunc(func() { close(e.habits) })
}

// awaitHabits waits until plans may ask; the wait ends with ctx too.
func (e *Engine) awaitHabits(ctx context.Context) {
	if e.habits == nil {
		return
	}
	select {
	case <-e.habits:
	case <-ctx.Done():
	}
}

// On reports whether a job is switched on.
func (e *Engine) On(job string) bool { return e.Jobs[job].Interval > 0 }

// Bound is how long an item of a job may wait for its question: its interval, or the account's MaxAge where a plan
// orders the questions.
func (e *Engine) Bound(job string) time.Duration {
	if e.plans[job] == nil {
		return e.Jobs[job].Interval
	}
	return MaxAge(e.MaxAge, e.Jobs[job].Interval)
}

// Write hands rows to the sink, and counts them for the sweep.
func (e *Engine) Write(ctx context.Context, s *Sweep, rows schema.Batch) error {
	var forget func()
	rows.DeadLetters, forget = e.odd.news(rows.DeadLetters, e.now())
	n := rows.Rows()
	if n == 0 {
		return nil
	}
	if err := e.Sink.Write(ctx, rows); err != nil {
		forget()
		return fmt.Errorf("storing %d rows: %w", n, err)
	}
	s.rows.Add(int64(n))
	return nil
}

// LogLoss says of a list that it has lost rows: that they left it, or that it is not believed. Of names that say which list
// it is args has some.
func (e *Engine) LogLoss(job string, left, doubted int, args ...any) {
	args = append([]any{"job", job}, args...)
	switch {
	case doubted > 0:
		e.Log.Warn("the carrier's list has lost most of its rows, which is not believed before a day is over", append(args, "lost", doubted)...)
	case left > 0:
		e.Log.Info("rows have left the carrier's list", append(args, "left", left)...)
	}
}

// report says how a sweep went.
func (e *Engine) report(ctx context.Context, s *Sweep) {
	row := s.Row(e.Source)
	err := s.Err()
	success := err == nil && s.left.Load() == 0
	e.Metrics.finished(row, s.left.Load(), s.resting.Load(), success)
	if success {
		e.states.setDone(s.job, s.ended)
	}
	if err != nil && ctx.Err() == nil {
		e.Log.Warn("sweep left items undone", "job", s.job, "ok", row.OK, "failed", row.Failed, "error", err)
	} else {
		e.Log.Debug("sweep", "job", s.job, "ok", row.OK, "requests", row.Requests, "rows", row.Rows,
			"took", s.ended.Sub(s.started).Round(time.Millisecond))
	}
	if s.total.Load() > 0 {
		if err := e.Sink.Write(ctx, schema.Batch{Sweeps: []schema.Sweep{row}}); err != nil && ctx.Err() == nil {
			e.Log.Warn("sweep not recorded", "job", s.job, "error", err)
		}
	}
}

// Progressed reports the progress of a job that goes item by item.
func (e *Engine) Progressed(s *Sweep) {
	if e.Progress != nil {
		e.Progress(e.Source, s.job, s.ok.Load()+s.failed.Load(), s.total.Load())
	}
}

// Behind is how far each job that is switched on is past its interval.
func (e *Engine) Behind(since, now time.Time) map[string]time.Duration {
	behind := make(map[string]time.Duration)
	for _, job := range e.jobs {
		switch {
		case !e.On(job.Name):
		case job.Behind != nil:
			behind[job.Name] = job.Behind(e.Bound(job.Name), since, now)
		default:
			behind[job.Name] = e.states.behind(job.Name, e.Jobs[job.Name].Interval, since, now)
		}
	}
	return behind
}

// suspended reports whether each job that has hours is outside of them, and each that the carrier once refused as a
// whole is still refused.
func (e *Engine) suspended() map[string]bool {
	suspended := make(map[string]bool)
	for _, job := range e.jobs {
		state := e.states.get(job.Name)
		if e.On(job.Name) && (job.Hours != nil || state.suspended || !state.resumed.IsZero()) {
			suspended[job.Name] = state.suspended
		}
	}
	return suspended
}
