package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/sourcegraph/conc"

	"kaisen/collector"
	"kaisen/collector/schedule"
	"kaisen/internal/config"
	"kaisen/internal/wait"
	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// maxWait is how long the start waits for a database before watching begins without its memory.
const maxWait = time.Minute

// restore brings the gauges and the jobs' memory back from the database, once that has what an earlier run left in the spool: of an older
// state everything since would be taken for new. A database that is away, or far behind, must not keep the lines from being watched: after a
// while kaisen starts without its memory, repeats itself where it must, and late, which is nil otherwise, takes the memory in when it is
// whole. What was seen meanwhile goes to the database only then.
func (a *App) restore(ctx context.Context) (late func(context.Context)) {
	waiting, cancel := context.WithTimeout(ctx, a.restoreWait)
	defer cancel()
	err := a.store.wait(waiting)
	if err == nil {
		err = a.outbox.FlushEarlier(waiting)
	}
	switch {
	case err == nil:
		a.remember(ctx)
		a.outbox.Release()
		return nil
	case ctx.Err() != nil:
		return nil
	}
	a.log.Warn("the database is away, or has not taken the rows of an earlier run yet; starting without what it remembers, until it has", "error", err)
	return func(ctx context.Context) {
		if a.store.wait(ctx) != nil || a.outbox.FlushEarlier(ctx) != nil {
			return // kaisen ends
		}
		a.remember(ctx)
		a.outbox.Release()
		a.log.Info("what the database remembers is taken in")
	}
}

// remember takes in what the database remembers of each account.
func (a *App) remember(ctx context.Context) {
	for _, account := range a.inForce() {
		a.rememberAccount(ctx, account, nil)
	}
}

// rememberAccount takes in what the database remembers of an account, which shows it but for the contracts that are shown
// already: the lines and their last answers, of which the gauges are made, then the days and months. The database is asked for all of it
// at once. Habits come later, beside the first questions: see begin.
func (a *App) rememberAccount(ctx context.Context, account *account, shown []string) {
	reading, end := context.WithCancel(ctx)
	known := make(chan struct{}) // closed when the lines are
	var others conc.WaitGroup
	defer others.Wait()
	defer end()
	others.Go(func() { a.rememberFigures(reading, known, account, shown) })
	state, err := a.stateOf(ctx, account.name)
	if err != nil {
		a.log.Warn("what the database remembers could not be read; starting without it", "source", account.name, "error", err)
		return
	}
	a.dismiss(ctx, account.name, account.contracts, &state)
	var both conc.WaitGroup
	both.Go(func() { a.fleet.Restore(without(state, shown)) })
	account.Restore(state)
	a.names.restore(state)
	both.Wait()
	close(known)
	others.Wait()
}

// readAgain has something read that failed at first, twice at most.
func readAgain(ctx context.Context, read func() error) error {
	err := read()
	for range 2 {
		if err == nil || wait.For(ctx, 2*time.Second) != nil {
			break
		}
		err = read()
	}
	return err
}

// stateOf is what the database remembers of this process's part of a source, without its days and months.
func (a *App) stateOf(ctx context.Context, source string) (state schema.State, err error) {
	err = readAgain(ctx, func() error {
		state, err = a.store.state(ctx, source)
		return err
	})
	return state, err
}

// rememberFigures takes in the days and months of an account's lines, once these are known.
func (a *App) rememberFigures(ctx context.Context, known <-chan struct{}, of *account, shown []string) {
	wanted := func(contract string) bool { return of.contracts == nil || slices.Contains(of.contracts, contract) }
	var err error
	parts := func(yield func(schema.State) bool) {
		err = readAgain(ctx, func() error {
			db, err := a.store.current()
			if err != nil {
				return err
			}
			return db.Figures(ctx, of.name, func(part schema.State) error {
				select {
				case <-known:
				case <-ctx.Done():
					return ctx.Err()
				}
				part = ofContracts(part, wanted)
				a.fleet.Restore(without(part, shown))
				if !yield(part) {
					return context.Canceled
				}
				return nil
			})
		})
	}
	if keeper, keeps := of.Collector.(collector.FigureKeeper); keeps {
		keeper.RestoreFigures(parts)
	}
	if err != nil && ctx.Err() == nil {
		a.log.Warn("what lines used on earlier days could not be read; it is learnt anew", "source", of.name, "error", err)
	}
}

// habitsWait is how long plans wait to be told what lines used of late, and as long again for the hours at which they do.
const habitsWait = 30 * time.Second

// begin watches an account. What its lines used of late, and when, is read beside its first questions, and plans ask none before they
// know: they can do without, where the database is away.
func (a *App) begin(ctx context.Context, of *account) {
	keeper, keeps := of.Collector.(collector.HabitKeeper)
	db, err := a.store.current()
	if !keeps || !of.adaptive || err != nil {
		of.start(ctx, nil)
		return
	}
	known := keeper.AwaitHabits()
	of.start(ctx, func(ctx context.Context) {
		defer known()
		a.rememberHabits(ctx, of.name, keeper, db)
	})
}

// rememberHabits reads one after the other, since each takes the database some hundred megabytes of 100,000 lines.
func (a *App) rememberHabits(ctx context.Context, source string, keeper collector.HabitKeeper, db *clickhouse.DB) {
	read := func(what string, from func(context.Context) error) {
		ctx, cancel := context.WithTimeout(ctx, habitsWait)
		defer cancel()
		if err := from(ctx); err != nil && !errors.Is(ctx.Err(), context.Canceled) {
			a.log.Warn(what+" could not be read; it is learnt anew", "source", source, "error", err)
		}
	}
	read("what lines used of late", func(ctx context.Context) error {
		return db.LastSamples(ctx, source, schedule.HistorySamples, keeper.RestoreSample)
	})
	read("at which hours lines use their volume", func(ctx context.Context) error {
		hours, err := db.LineHours(ctx, source, a.zone())
		keeper.RestoreHours(hours)
		return err
	})
}

// recall brings this month's restrictions back from the database, once, so that the page knows since when they hold: an answer
// alone often does not say. It takes longer than the rest of the memory, and nobody waits for it.
func (a *App) recall(ctx context.Context) {
	if err := a.store.wait(ctx); err != nil {
		return
	}
	db, err := a.store.current()
	if err != nil {
		return
	}
	a.recallSources(ctx, db, a.config().Sources)
}

func (a *App) recallSources(ctx context.Context, db *clickhouse.DB, sources []config.Source) {
	for _, source := range sources {
		if kind, _ := a.kinds.Find(source.Kind); !kind.HasLines {
			continue
		}
		rows, err := db.Episodes(ctx, source.Name)
		if err != nil {
			if ctx.Err() == nil {
				a.log.Warn("since when lines are restricted is not known from before the start", "source", source.Name, "error", err)
			}
			continue
		}
		a.fleet.RestoreEpisodes(rows)
	}
}
