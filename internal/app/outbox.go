package app

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/exporter/fleet"
	"kaisen/internal/config"
	"kaisen/internal/spool"
	"kaisen/internal/wait"
	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// spoolConfig is the outbox of a service, "run", or of a command. Those have files of their own, because they may run beside
// a service of the same configuration; what one leaves in it the next of its name stores.
func spoolConfig(cfg config.Store, name string, tables []schema.Table) spool.Config {
	out := spool.DefaultConfig()
	out.Dir, out.Name, out.MaxBytes, out.Tables = cfg.Spool, name, int(cfg.SpoolMax), tables
	out.FlushEvery = cmp.Or(time.Duration(cfg.FlushInterval), out.FlushEvery)
	return out
}

// deliver runs the outbox until ctx ends. That rows are left then is no failure: they are on disk.
func (a *App) deliver(ctx context.Context, fail context.CancelCauseFunc) {
	err := a.outbox.Run(ctx)
	switch {
	case err == nil:
	case ctx.Err() == nil: // the file cannot be read: nothing that is observed would be safe
		fail(err)
	default:
		a.log.Warn("the database did not take all rows before the end", "error", err)
	}
	if err := a.outbox.Close(); err != nil {
		a.log.Error("the spool did not close well", "error", err)
	}
}

// tee gives rows to the store first, and to the gauges once they are on disk: what is shown is accepted. Who writes does not wait
// for the disk, since what it writes later comes to the disk later.
type tee struct {
	outbox      *outbox
	fleet       *fleet.Fleet
	deadLetters *prometheus.CounterVec
}

// newTee counts on the way what could not be understood.
func newTee(cfg *config.Config, outbox *outbox, fleet *fleet.Fleet, reg prometheus.Registerer) tee {
	deadLetters := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kaisen_dead_letters_total",
		Help: "Answers of the carrier that were not understood, in all or in part, and are kept whole in table dead_letters."},
		[]string{"source", "operation"})
	reg.MustRegister(deadLetters)
	t := tee{outbox, fleet, deadLetters}
	t.expect(cfg.Sources)
	return t
}

// expect shows what is not understood of the sources at 0, so that the first one is seen to come.
func (t tee) expect(sources []config.Source) {
	for i := range sources {
		for job := range sources[i].JobConfigs() {
			t.deadLetters.WithLabelValues(sources[i].Name, job)
		}
	}
}

func (t tee) Write(ctx context.Context, b schema.Batch) error {
	return t.outbox.Post(ctx, b, func() {
		t.fleet.Write(b)
		for i := range b.DeadLetters {
			t.deadLetters.WithLabelValues(b.DeadLetters[i].Source, b.DeadLetters[i].Operation).Inc()
		}
	})
}

// GiveUpAfter is how long a command that ends by itself waits for a database that cannot be used. One that refuses it, for its
// password or because a later kaisen has migrated it, is not waited for.
const GiveUpAfter = 2 * time.Minute

// giveUp fails once the database has taken no rows for so long that it is not waited for; they stay in the spool.
func (a *App) giveUp(ctx context.Context, fail context.CancelCauseFunc) {
	since := time.Now()
	for wait.For(ctx, min(time.Second, a.store.give)) == nil {
		why, _ := a.outbox.Troubles()
		if why == nil || !a.store.isOpen() {
			since = time.Now()
		} else if clickhouse.IsRefusal(why) || time.Since(since) >= a.store.give {
			fail(fmt.Errorf("the database takes no rows, they wait in the spool: %w", why))
			return
		}
	}
}
