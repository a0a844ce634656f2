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

// Unom watches one account of the Universal One Mobile API.
type Unom struct {
	cfg      Config
	carrier  Carrier
	sink     Sink
	metrics  *Metrics
	log      *slog.Logger
	progress Progress
	fleet    *fleet
	logs     map[string][]*logReader // by job

	loaded func()        // the inventory is known; may be called again
	ready  chan struct{} // closed by loaded

	mu        sync.Mutex
	contracts map[string]error     // how the last inventory of each ended
	noShares  map[string]time.Time // contracts without a share group, remembered until then
	emptyList map[string]bool      // the last list was empty
	done      map[string]time.Time // when each job last left nothing undone
}

// New prepares a collector; it does nothing yet. Progress may be nil.
func New(cfg Config, c Carrier, sink Sink, m *Metrics, log *slog.Logger, progress Progress) *Unom {
	ready := make(chan struct{})
	u := &Unom{
		cfg: cfg, carrier: c, sink: sink, metrics: m, log: log.With("source", cfg.Source), progress: progress,
		fleet: newFleet(), ready: ready, loaded: sync.OnceFunc(func() { close(ready) }),
		contracts: make(map[string]error), noShares: make(map[string]time.Time), emptyList: make(map[string]bool),
		done: make(map[string]time.Time),
		logs: make(map[string][]*logReader),
	}
	for _, kind := range []logKind{authenticationLog(), sessionLog()} {
		for _, contract := range cfg.Contracts {
			u.logs[kind.job] = append(u.logs[kind.job],
				&logReader{u: u, kind: kind, contract: contract, seen: make(map[logRow]int), step: firstStep})
		}
	}
	m.watch(u)
	return u
}

// job is one of the collector's jobs. Paced, it spreads its polls over the interval.
type job struct {
	name  string
	sweep func(ctx context.Context, p *pass, paced bool)
}

func (u *Unom) inventoryJob() job {
	return job{JobLines, func(ctx context.Context, p *pass, _ bool) { u.sweepInventory(ctx, p) }}
}

// otherJobs are those that need the inventory.
func (u *Unom) otherJobs() []job {
	perLine := func(name string, poll int, do func(context.Context, *pass, *line) error) job {
		return job{name, func(ctx context.Context, p *pass, paced bool) {
			u.sweepLines(ctx, p, poll, u.fleet.all((*line).active), paced, do)
		}}
	}
	logs := func(name string) job {
		return job{name, func(ctx context.Context, p *pass, _ bool) { u.sweepLogs(ctx, p, u.logs[name]) }}
	}
	return []job{
		perLine(JobTraffic, pollTraffic, u.pollTraffic),
		{JobDataShare, u.sweepShares},
		perLine(JobSession, pollSession, u.pollSession),
		logs(JobAuthentications),
		logs(JobSessions),
	}
}

// Run watches the account until ctx ends. A failure of the carrier is not the end: it is logged, shown by Ready, and
// tried again.
func (u *Unom) Run(ctx context.Context) error {
	u.metrics.started(u, time.Now())
	var jobs conc.WaitGroup
	jobs.Go(func() { u.repeat(ctx, u.inventoryJob()) })
	for _, j := range u.otherJobs() {
		jobs.Go(func() {
			select {
			case <-u.ready:
				u.repeat(ctx, j)
			case <-ctx.Done():
			}
		})
	}
	jobs.Wait()
	return nil
}

const (
	firstRetry = 5 * time.Second  // after a run in which nothing went well
	idle       = 10 * time.Second // between looks at a job that has no line to poll
)

// repeat runs a job again and again. Jobs that poll lines keep their own pace; the others start once an interval.
func (u *Unom) repeat(ctx context.Context, j job) {
	interval := u.cfg.Jobs[j.name].Interval
	if interval <= 0 {
		if j.name == JobLines { // then the lines of extra_lines_file, and those the store remembers, are all
			u.meetExtraLines(ctx, &pass{job: j.name})
			u.loaded()
		}
		return
	}
	retry := firstRetry
	for ctx.Err() == nil {
		p := u.run(ctx, j, true)
		var rest time.Duration
		switch {
		case p.ok.Load() == 0 && p.failed.Load() > 0, p.hopeless():
			rest = min(retry, interval)
			retry = min(retry*2, 5*time.Minute)
		case j.name == JobTraffic, j.name == JobSession, j.name == JobDataShare:
			retry = firstRetry
			if p.total.Load() == 0 {
				rest = min(interval, idle)
			}
		default:
			retry = firstRetry
			rest = time.Until(p.started.Add(interval))
		}
		pause(ctx, rest)
	}
}

// Once runs every job that is switched on one time, the inventory first. The error tells what was left undone.
func (u *Unom) Once(ctx context.Context) ([]schema.Sweep, error) {
	u.metrics.started(u, time.Now())
	var passes []*pass
	if u.cfg.Jobs[JobLines].Interval > 0 {
		passes = append(passes, u.run(ctx, u.inventoryJob(), false))
	} else {
		u.meetExtraLines(ctx, &pass{job: JobLines})
	}
	var mu sync.Mutex
	var jobs conc.WaitGroup
	for _, j := range u.otherJobs() {
		if u.cfg.Jobs[j.name].Interval <= 0 {
			continue
		}
		jobs.Go(func() {
			p := u.run(ctx, j, false)
			mu.Lock()
			defer mu.Unlock()
			passes = append(passes, p)
		})
	}
	jobs.Wait()
	var sweeps []schema.Sweep
	var undone []error
	for _, p := range passes {
		sweeps = append(sweeps, p.sweep(u.cfg.Source))
		if err := p.err(); err != nil {
			undone = append(undone, fmt.Errorf("source %s, job %s: %w", u.cfg.Source, p.job, err))
		}
	}
	return sweeps, errors.Join(append(undone, ctx.Err())...)
}

// run does one sweep of a job, and tells the store, the metrics and the log how it went.
func (u *Unom) run(ctx context.Context, j job, paced bool) *pass {
	p := &pass{job: j.name, started: time.Now()}
	j.sweep(carrier.WithTally(ctx, &p.tally), p, paced)
	p.ended = time.Now()
	sweep := p.sweep(u.cfg.Source)
	err := p.err()
	u.metrics.finished(sweep, p.left.Load(), err == nil && p.left.Load() == 0)
	if err == nil && p.left.Load() == 0 {
		u.setDone(j.name, p.ended)
	}
	if err != nil && ctx.Err() == nil {
		u.log.Warn("sweep left items undone", "job", j.name, "ok", sweep.OK, "failed", sweep.Failed, "error", err)
	} else {
		u.log.Debug("sweep", "job", j.name, "ok", sweep.OK, "requests", sweep.Requests, "rows", sweep.Rows,
			"took", p.ended.Sub(p.started).Round(time.Millisecond))
	}
	if p.total.Load() > 0 {
		if err := u.sink.Write(ctx, schema.Batch{Sweeps: []schema.Sweep{sweep}}); err != nil && ctx.Err() == nil {
			u.log.Warn("sweep not recorded", "job", j.name, "error", err)
		}
	}
	return p
}

// write hands rows to the sink, and counts them.
func (u *Unom) write(ctx context.Context, p *pass, rows schema.Batch) error {
	n := rows.Rows()
	if n == 0 {
		return nil
	}
	if err := u.sink.Write(ctx, rows); err != nil {
		return fmt.Errorf("storing %d rows: %w", n, err)
	}
	p.rows.Add(int64(n))
	return nil
}
