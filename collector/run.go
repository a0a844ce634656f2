package collector

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/sourcegraph/conc"

	"kaisen/collector/carrier"
	"kaisen/internal/wait"
	"kaisen/schema"
)

// Job is one of a collector's jobs. Paced, it spreads what it asks over the interval.
type Job struct {
	Name  string
	Sweep func(ctx context.Context, s *Sweep, paced bool)

	// After is closed when the job should begin; nil: at once. Run waits for it some seconds at most, since what closes it
	// may be asked of a carrier that does not answer. Once runs such jobs behind the others, closed or not.
	After <-chan struct{}
	// Endless jobs poll items, each at its own time: a sweep is followed by the next. The others start once an interval.
	Endless bool
	// Hours reports whether the job may run, and when that changes, by the carrier's clock; nil: it always may.
	Hours func() (open bool, next time.Time)
	// Behind is how far the item that waited longest is past the interval; nil where the job does everything at once.
	Behind func(interval time.Duration, since, now time.Time) time.Duration
}

const (
	firstRetry = 5 * time.Second  // after a sweep in which nothing went well
	idle       = 10 * time.Second // between looks at a job that has nothing to do, or is suspended
	mostWait   = 10 * time.Second // how long a job waits for another, which may wait for a carrier that does not answer
)

// Run watches the account until ctx ends. A failure of the carrier is not the end: it is logged, shown by Ready, and
// tried again.
func (e *Engine) Run(ctx context.Context) error {
	e.start()
	var all conc.WaitGroup
	all.Go(func() { e.prepared(ctx) })
	for _, job := range e.jobs {
		all.Go(func() {
			if job.After != nil {
				select {
				case <-job.After:
				case <-time.After(mostWait):
				case <-ctx.Done():
				}
			}
			e.repeat(ctx, job)
		})
	}
	all.Wait()
	return nil
}

// Once runs every job that is switched on one time, those that wait for others behind them. The error says what was
// left undone; to be suspended is not to leave undone.
func (e *Engine) Once(ctx context.Context) ([]schema.Sweep, error) {
	e.start()
	var sweeps []schema.Sweep
	var undone []error
	for _, waits := range []bool{false, true} {
		if waits { // the answers until now have set the carrier's clock
			e.prepared(ctx)
		}
		for _, s := range e.sideBySide(ctx, waits) {
			sweeps = append(sweeps, s.Row(e.Source))
			err := s.Err()
			if _, used := s.usedUp(); used && err == nil {
				err = fmt.Errorf("%d items are left: the requests of the day are used up", s.left.Load())
			}
			if err != nil {
				undone = append(undone, fmt.Errorf("source %s, job %s: %w", e.Source, s.job, err))
			}
		}
	}
	return sweeps, errors.Join(append(undone, ctx.Err())...)
}

// SweepOnce runs one of the jobs one time, whether it is switched on or not.
func (e *Engine) SweepOnce(ctx context.Context, job string, paced bool) (*Sweep, error) {
	for _, j := range e.jobs {
		if j.Name == job {
			return e.sweep(ctx, j, paced), nil
		}
	}
	return nil, fmt.Errorf("source %s has no job %s", e.Source, job)
}

// start begins the time that the metrics count from.
func (e *Engine) start() {
	e.running.Store(true)
	e.Metrics.started(e, time.Now())
}

// prepared does what is to be done beside the first jobs.
func (e *Engine) prepared(ctx context.Context) {
	if e.begin != nil {
		e.begin(ctx)
	}
}

// sideBySide runs one time those of the jobs that are switched on and wait for others, or do not.
func (e *Engine) sideBySide(ctx context.Context, waits bool) []*Sweep {
	var mu sync.Mutex
	var all conc.WaitGroup
	var sweeps []*Sweep
	for _, job := range e.jobs {
		if !e.On(job.Name) || (job.After != nil) != waits {
			continue
		}
		all.Go(func() {
			s := e.sweep(ctx, job, false)
			mu.Lock()
			defer mu.Unlock()
			sweeps = append(sweeps, s)
		})
	}
	all.Wait()
	return sweeps
}

// repeat runs a job again and again until ctx ends.
func (e *Engine) repeat(ctx context.Context, job Job) {
	if !e.On(job.Name) {
		return
	}
	again := retry{interval: e.Jobs[job.Name].Interval, next: firstRetry}
	for ctx.Err() == nil {
		s := e.sweepAfter(ctx, job, true, again.probe)
		var pause time.Duration
		switch rest, used := s.usedUp(); {
		case used:
			pause = rest
		case s.suspended.Known: // not until the opening: other answers may yet set the carrier's clock
			pause = min(idle, max(time.Second, s.suspended.V.Sub(e.now())))
		case s.ok.Load() == 0 && s.failed.Load() > 0, s.Broken():
			pause = again.failed(s, job.Endless)
		case job.Endless:
			again.wentWell()
			if s.total.Load() == 0 {
				pause = min(again.interval, idle)
			}
		default:
			again.wentWell()
			pause = time.Until(s.started.Add(again.interval))
		}
		_ = wait.For(ctx, pause) // ctx ends the loop
	}
}

// retry is when a job is repeated before its interval is over. Each sweep in which nothing went well doubles the pause
// behind it, up to the interval, and each other one takes an eighth off: however the two take turns, a job is repeated
// early some ten times in all, and beyond that once for five or six sweeps that went well.
type retry struct {
	interval time.Duration
	next     time.Duration
	probe    bool // the carrier is away: the next sweep asks for one item, and for the others if that is answered
}

// failed returns the pause behind a sweep in which nothing went well. One that cost many requests, and failed by more
// than the carrier being away, is repeated that much later; where items back off by themselves there is no need.
func (r *retry) failed(s *Sweep, endless bool) time.Duration {
	if r.probe = s.away(); !r.probe && endless {
		return min(firstRetry, r.interval)
	}
	pause := min(r.next, r.interval)
	r.next = min(r.next*2, max(r.interval, firstRetry))
	if !r.probe {
		pause = min(r.interval, pause*time.Duration(min(s.cost(), int64(r.interval/pause)+1)))
	}
	return pause
}

func (r *retry) wentWell() { r.next, r.probe = max(r.next*7/8, firstRetry), false }

// sweep runs a job one time, unless it is suspended, and says how that went.
func (e *Engine) sweep(ctx context.Context, job Job, paced bool) *Sweep {
	return e.sweepAfter(ctx, job, paced, false)
}

// sweepAfter is sweep; with probe it looks whether a carrier that was away is back.
func (e *Engine) sweepAfter(ctx context.Context, job Job, paced, probe bool) *Sweep {
	s := &Sweep{job: job.Name, started: time.Now(), probe: probe}
	if job.Hours != nil {
		if open, next := job.Hours(); !open {
			s.Suspend(next)
		}
	}
	if !s.suspended.Known {
		e.usage.began(s)
		ctx := carrier.WithJob(ctx, job.Name, e.Jobs[job.Name].Share)
		job.Sweep(carrier.WithTally(ctx, &s.tally), s, paced)
		e.usage.ended(s)
	}
	if s.suspended.Known {
		s.ok.Store(0)
	}
	s.ended = time.Now()
	if s.away() {
		s.forgive()
	}
	if rest, used := s.usedUp(); used {
		e.suspendUntilTomorrow(ctx, s, rest)
		return s
	}
	if e.states.setSuspended(job.Name, s.suspended.Known, s.ended) {
		e.Log.Info("the carrier does not answer this job at this time: it rests", "job", job.Name, "until", s.suspended.V)
	}
	if !s.suspended.Known {
		e.report(ctx, s)
	}
	return s
}
