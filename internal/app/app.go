package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sourcegraph/conc"

	"kaisen/collector"
	"kaisen/exporter"
	"kaisen/exporter/fleet"
	"kaisen/internal/config"
	"kaisen/internal/spool"
	"kaisen/internal/wait"
	"kaisen/schema"
)

// Options are what an App needs beside the configuration.
type Options struct {
	Kinds             collector.Kinds    // of the sources that may be configured
	Version, Revision string             // for kaisen_build_info
	Progress          collector.Progress // may be nil
	Once              bool               // it ends by itself: an embedded engine that another kaisen runs on the folder will do
	Open              bool               // whoever reaches the embedded engine may read it without a password: made-up data
	MaxWait           time.Duration      // how long a request waits for a carrier that asks to; 0: as long as it takes
}

// App is kaisen, wired and not yet started.
type App struct {
	log         *slog.Logger
	store       *store
	outbox      *outbox
	fleet       *fleet.Fleet
	server      *exporter.Server
	kinds       collector.Kinds
	names       *lineNames
	kept        *keptForecasts
	forecasts   bool          // the service forecasts; tests of other things leave that out, because it costs the database more than all else
	restoreWait time.Duration // how long the start waits for a database
	began       atomic.Pointer[time.Time]

	series  *sourceSeries
	sink    tee
	builder *builder
	reloads *reloads

	dismissal dismissal

	mu       sync.Mutex
	cfg      *config.Config // in force
	accounts []*account     // of it; replaced as a whole
}

// New wires the service. It touches no network and starts nothing.
func New(cfg *config.Config, log *slog.Logger, opts Options) (*App, error) {
	shard, err := shardOf(cfg)
	if err != nil {
		return nil, err
	}
	reg := prometheus.NewRegistry()
	registerSelf(reg, opts, shard)
	a := &App{cfg: cfg, log: log, kinds: opts.Kinds, forecasts: true, restoreWait: maxWait, series: &sourceSeries{Registerer: reg}}
	a.store = newStore(cfg, engineUse{share: opts.Once, temporary: opts.Once, open: opts.Open}, reg, log)
	a.store.tables = opts.Kinds.Tables()
	spoolName := "run"
	if opts.Once {
		a.store.give = GiveUpAfter
		spoolName = "sweep"
	}
	a.outbox = newOutbox(spoolConfig(cfg.Store, spoolName, a.store.tables), a.store, spool.NewMetrics(reg), log)
	gauges, err := fleetConfig(cfg, opts.Kinds, log)
	if err != nil {
		return nil, err
	}
	a.fleet = fleet.New(gauges)
	a.sink = newTee(cfg, a.outbox, a.fleet, a.series)
	a.names = newLineNames(cfg, a.sink, log)
	if a.builder, err = newBuilder(cfg, a.sink, a.store, a.series, a.names, log, opts); err != nil {
		return nil, err
	}
	if a.accounts, err = a.builder.accounts(cfg); err != nil {
		return nil, err
	}
	a.store.mend(a.accounts)
	if a.kept, err = newKeptForecasts(cfg, a.sink); err != nil {
		return nil, err
	}
	if !opts.Once {
		a.reloads = newReloads(cfg, reg)
	}
	a.server, err = exporter.New(exporter.Config{Listen: cfg.Exporter.Listen, WebConfigFile: cfg.Exporter.WebConfigFile, Hosts: cfg.Exporter.Hosts, Poll: a.poll, Pace: a.pace},
		a.fleet, reg, exporter.Health{Ready: a.ready, Notes: a.notes, Shard: shard.Index, Shards: shard.Count}, log)
	return a, err
}

// Listen takes the exporter's port, so that a port in use is reported before anything is started. Run does it otherwise.
func (a *App) Listen(ctx context.Context) error {
	if a.server.Addr() != nil {
		return nil
	}
	return a.server.Listen(ctx)
}

// Run is the service, until ctx ends or something fails that trying again cannot mend.
func (a *App) Run(ctx context.Context) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	defer a.closeClients()
	if err := a.Listen(ctx); err != nil {
		return err
	}
	var serving conc.WaitGroup
	serving.Go(func() {
		if err := a.server.Run(ctx); err != nil && ctx.Err() == nil {
			fail(fmt.Errorf("exporter: %w", err))
		}
	})
	a.outbox.Hold()
	err := a.withStore(ctx, fail, func(ctx context.Context) error {
		a.watch(ctx, a.restore(ctx))
		return nil
	})
	fail(nil)
	serving.Wait()
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	return err
}

// config is the configuration in force.
func (a *App) config() *config.Config {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.cfg
}

// inForce are the accounts of the configuration in force.
func (a *App) inForce() []*account {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.accounts
}

// closeClients ends the clients of the accounts.
func (a *App) closeClients() {
	for _, account := range a.inForce() {
		account.client.Close()
	}
}

// watch runs the collectors until ctx ends, and beside them what of restore comes late.
func (a *App) watch(ctx context.Context, late func(context.Context)) {
	a.tellStaleAfter(ctx)
	now := time.Now()
	a.began.Store(&now)
	var watching conc.WaitGroup
	if late != nil {
		watching.Go(func() { late(ctx) })
	}
	watching.Go(func() { a.recall(ctx) })
	watching.Go(func() { a.closeMonths(ctx) })
	watching.Go(func() { a.names.run(ctx) })
	a.beginDismissing(ctx, &watching)
	for _, account := range a.inForce() {
		a.begin(ctx, account)
	}
	if a.forecasts {
		watching.Go(func() { a.foretell(ctx) })
	}
	watching.Go(func() { a.serveReloads(ctx) })
	watching.Wait()
	for _, account := range a.inForce() {
		account.stop()
	}
}

// Sweep runs every job once, and is only content when every row is stored, and the forecast of the day.
func (a *App) Sweep(ctx context.Context) ([]schema.Sweep, error) {
	return a.sweep(ctx, a.forecastSweep)
}

// sweep is Sweep with what is done once every row is stored; nil is nothing.
func (a *App) sweep(ctx context.Context, then func(context.Context) error) ([]schema.Sweep, error) {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	defer a.closeClients()
	if spool.InUse(spoolConfig(a.cfg.Store, "run", nil)) {
		a.log.Warn("a service is running beside this sweep, and each keeps to rate_limit by itself: until the sweep ends the carrier may get twice the requests a second",
			"spool", a.cfg.Store.Spool)
	}
	var sweeps []schema.Sweep
	a.outbox.Hold()
	err := a.withStore(ctx, fail, func(ctx context.Context) error {
		if err := a.store.wait(ctx); err != nil {
			return err
		}
		var restoring conc.WaitGroup
		defer restoring.Wait()
		if late := a.restore(ctx); late != nil {
			restoring.Go(func() { late(ctx) })
		}
		a.names.take(ctx)
		a.tellStaleAfter(ctx)
		done, undone := a.sweepAccounts(ctx)
		sweeps = done
		if err := a.outbox.Flush(ctx); err != nil {
			undone = errors.Join(undone, fmt.Errorf("storing the last rows: %w", err))
		} else if then != nil {
			undone = errors.Join(undone, then(ctx))
		}
		return undone
	})
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return sweeps, cause
	}
	return sweeps, err
}

// sweepAccounts runs every job of every account once. The accounts do not wait for one another, for each has a rate limit of its own
// and its carrier may not answer; what they did is in their order.
func (a *App) sweepAccounts(ctx context.Context) ([]schema.Sweep, error) {
	accounts := a.inForce()
	sweeps, undone := make([][]schema.Sweep, len(accounts)), make([]error, len(accounts))
	var sweeping conc.WaitGroup
	for i, account := range accounts {
		sweeping.Go(func() { sweeps[i], undone[i] = account.Once(ctx) })
	}
	sweeping.Wait()
	return slices.Concat(sweeps...), errors.Join(undone...)
}

// withStore runs do between the start and the end of the store: the engine first, then the connection, then the
// outbox; and in the reverse order when do returns, so that the last rows still find a database. The spool is opened
// before all of them, because without a place for rows there is no use in the others.
func (a *App) withStore(ctx context.Context, fail context.CancelCauseFunc, do func(context.Context) error) error {
	if err := a.outbox.Open(); err != nil {
		return err
	}
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	var engine conc.WaitGroup
	engine.Go(func() {
		if err := a.store.run(life); err != nil && life.Err() == nil {
			fail(err)
		}
	})
	delivery, stop := context.WithCancel(life)
	defer stop()
	var outbox conc.WaitGroup
	outbox.Go(func() { a.deliver(delivery, fail) })
	if a.store.give > 0 {
		outbox.Go(func() { a.giveUp(delivery, fail) })
	}
	err := do(ctx)
	stop()
	outbox.Wait()
	end()
	engine.Wait()
	return err
}

// zone is where the carrier's days turn.
func (a *App) zone() *time.Location {
	zone, _ := a.config().Location() // New has read it
	return zone
}

// WaitReady waits until ready. Where it does not come to that before ctx ends it says what was in the way, a line each.
func (a *App) WaitReady(ctx context.Context) error {
	var why error
	err := wait.Until(ctx, 200*time.Millisecond, func() bool { why = a.ready(); return why == nil })
	if err != nil && why != nil {
		return why
	}
	return err
}
