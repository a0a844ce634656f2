package collector

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/sourcegraph/conc"

	"kaisen/collector/carrier"
	"kaisen/schema"
)

// sweeper is what the collectors of all kinds share. It runs jobs, again and again or once, and tells the store, the
// metrics and the log how they went. What a job asks, and what the answers mean, is its collector's affair.
type sweeper struct {
	source   string
	jobs     map[string]JobConfig
	inFlight int // items under way at once
	now      func() time.Time
	sink     Sink
	metrics  *Metrics
	log      *slog.Logger
	progress Progress

	guard  sync.Mutex
	states map[string]jobState
}

// job is one of a collector's jobs. Paced, it spreads what it asks over the interval.
type job struct {
	name  string
	sweep func(ctx context.Context, p *pass, paced bool)

	// endless jobs poll items, each in its turn: a run is followed by the next. The others start once an interval.
	endless bool
	// hours reports whether the job may run, and when that changes, by the carrier's clock; nil: it always may.
	hours func() (open bool, next time.Time)
}

func newSweeper(source string, jobs map[string]JobConfig, inFlight int, now func() time.Time, sink Sink, m *Metrics,
	log *slog.Logger, progress Progress) sweeper {
	return sweeper{source: source, jobs: jobs, inFlight: inFlight, now: now, sink: sink, metrics: m,
		log: log.With("source", source), progress: progress, states: make(map[string]jobState)}
}

// on reports whether a job is switched on.
func (s *sweeper) on(job string) bool { return s.jobs[job].Interval > 0 }

const (
	firstRetry = 5 * time.Second  // after a run in which nothing went well
	idle       = 10 * time.Second // between looks at a job that has nothing to do, or rests
)

// repeat runs a job again and again until ctx ends.
func (s *sweeper) repeat(ctx context.Context, j job) {
	if !s.on(j.name) {
		return
	}
	interval := s.jobs[j.name].Interval
	retry := firstRetry
	for ctx.Err() == nil {
		p := s.run(ctx, j, true)
		var wait time.Duration
		switch {
		case p.rests.Known: // not until the opening: other answers may yet set the carrier's clock
			wait = min(idle, max(time.Second, p.rests.V.Sub(s.now())))
		case p.ok.Load() == 0 && p.failed.Load() > 0, p.hopeless():
			wait = min(retry, interval)
			retry = min(retry*2, 5*time.Minute)
		case j.endless:
			retry = firstRetry
			if p.total.Load() == 0 {
				wait = min(interval, idle)
			}
		default:
			retry = firstRetry
			wait = time.Until(p.started.Add(interval))
		}
		pause(ctx, wait)
	}
}

// repeatAll runs jobs side by side until ctx ends.
func (s *sweeper) repeatAll(ctx context.Context, jobs []job) {
	var all conc.WaitGroup
	for _, j := range jobs {
		all.Go(func() { s.repeat(ctx, j) })
	}
	all.Wait()
}

// once runs those of the jobs that are switched on one time, side by side.
func (s *sweeper) once(ctx context.Context, jobs ...job) []*pass {
	var mu sync.Mutex
	var all conc.WaitGroup
	var passes []*pass
	for _, j := range jobs {
		if !s.on(j.name) {
			continue
		}
		all.Go(func() {
			p := s.run(ctx, j, false)
			mu.Lock()
			defer mu.Unlock()
			passes = append(passes, p)
		})
	}
	all.Wait()
	return passes
}

// summary is what the runs of Once did. The error tells what was left undone.
func (s *sweeper) summary(ctx context.Context, passes []*pass) ([]schema.Sweep, error) {
	var sweeps []schema.Sweep
	var undone []error
	for _, p := range passes {
		sweeps = append(sweeps, p.sweep(s.source))
		if err := p.err(); err != nil {
			undone = append(undone, fmt.Errorf("source %s, job %s: %w", s.source, p.job, err))
		}
	}
	return sweeps, errors.Join(append(undone, ctx.Err())...)
}

// run does one sweep of a job, unless it rests, and tells the store, the metrics and the log how it went.
func (s *sweeper) run(ctx context.Context, j job, paced bool) *pass {
	p := &pass{job: j.name, started: time.Now()}
	if j.hours != nil {
		if open, next := j.hours(); !open {
			p.rest(next)
		}
	}
	if !p.rests.Known {
		j.sweep(carrier.WithTally(ctx, &p.tally), p, paced)
	}
	if p.rests.Known {
		p.ok.Store(0)
	}
	p.ended = time.Now()
	if s.setResting(j.name, p.rests.Known, p.ended) {
		s.log.Info("the carrier does not answer this job at this time: it rests", "job", j.name, "until", p.rests.V)
	}
	if !p.rests.Known {
		s.report(ctx, p)
	}
	return p
}

// report tells how a run went.
func (s *sweeper) report(ctx context.Context, p *pass) {
	sweep := p.sweep(s.source)
	err := p.err()
	success := err == nil && p.left.Load() == 0
	s.metrics.finished(sweep, p.left.Load(), success)
	if success {
		s.setDone(p.job, p.ended)
	}
	if err != nil && ctx.Err() == nil {
		s.log.Warn("sweep left items undone", "job", p.job, "ok", sweep.OK, "failed", sweep.Failed, "error", err)
	} else {
		s.log.Debug("sweep", "job", p.job, "ok", sweep.OK, "requests", sweep.Requests, "rows", sweep.Rows,
			"took", p.ended.Sub(p.started).Round(time.Millisecond))
	}
	if p.total.Load() > 0 {
		if err := s.sink.Write(ctx, schema.Batch{Sweeps: []schema.Sweep{sweep}}); err != nil && ctx.Err() == nil {
			s.log.Warn("sweep not recorded", "job", p.job, "error", err)
		}
	}
}

// write hands rows to the sink, and counts them.
func (s *sweeper) write(ctx context.Context, p *pass, rows schema.Batch) error {
	n := rows.Rows()
	if n == 0 {
		return nil
	}
	if err := s.sink.Write(ctx, rows); err != nil {
		return fmt.Errorf("storing %d rows: %w", n, err)
	}
	p.rows.Add(int64(n))
	return nil
}

// tell reports the progress of a job that goes item by item.
func (s *sweeper) tell(p *pass) {
	if s.progress != nil {
		s.progress(s.source, p.job, p.ok.Load()+p.failed.Load(), p.total.Load())
	}
}
