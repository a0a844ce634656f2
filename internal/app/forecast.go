package app

import (
	"context"
	"time"

	"kaisen/internal/wait"
)

const (
	firstForecast = 3 * time.Second // after the start, doubling: the first days of a new fleet come in by then
	forecastEvery = 5 * time.Minute // a forecast changes by the hour
	forecastShare = 20              // of the database's time, one part at most
	forecastHolds = time.Hour       // a forecast that cannot be made anew is shown for so long
)

// foretell carries the forecast out of the database into the gauges, again and again until ctx ends: a scrape asks
// nobody. A database that is away leaves the last forecast standing, until it is too old to show.
func (a *App) foretell(ctx context.Context) {
	if err := a.store.wait(ctx); err != nil {
		return
	}
	failing := false
	for pause := firstForecast; ; pause = min(2*pause, forecastEvery) {
		began := time.Now()
		err := a.forecastOnce(ctx)
		if err != nil && ctx.Err() == nil && !failing {
			a.log.Warn("no forecast of when lines run out", "error", err)
		}
		failing = err != nil
		if wait.For(ctx, min(max(pause, forecastShare*time.Since(began)), forecastHolds/2)) != nil {
			return
		}
	}
}

func (a *App) forecastOnce(ctx context.Context) error {
	db, err := a.store.current()
	if err != nil {
		return err
	}
	for _, source := range a.cfg.Sources {
		if kind, _ := a.kinds.Find(source.Kind); !kind.HasLines {
			continue
		}
		rows, err := db.Forecast(ctx, source.Name)
		if err != nil {
			return err
		}
		a.fleet.Forecast(source.Name, rows)
	}
	return nil
}
