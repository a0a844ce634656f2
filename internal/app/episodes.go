package app

import (
	"context"

	"kaisen/internal/config"
	"kaisen/schema/clickhouse"
)

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
