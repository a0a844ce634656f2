package app

import (
	"context"
	"errors"
	"fmt"
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
// nobody. A database that is away leaves the last forecast standing, until it is too old to show. The first of a day is kept. It is the
// most that is asked of the database, so that what the accounts' first questions wait for goes before it.
func (a *App) foretell(ctx context.Context) {
	if err := a.store.wait(ctx); err != nil {
		return
	}
	for _, account := range a.inForce() {
		account.settle(ctx)
	}
	failing := false
	for pause := firstForecast; ; pause = min(2*pause, forecastEvery) {
		began := time.Now()
		err := errors.Join(a.forecastOnce(ctx, a.kept.turned), a.forecastPools(ctx))
		if err != nil && ctx.Err() == nil && !failing {
			a.log.Warn("no forecast of when lines run out", "error", err)
		}
		failing = err != nil
		if wait.For(ctx, min(max(pause, forecastShare*time.Since(began)), forecastHolds/2)) != nil {
			return
		}
	}
}

// forecastOnce shows the forecast of every account that has lines, and keeps it where worthKeeping says so of the account's
// clock.
func (a *App) forecastOnce(ctx context.Context, worthKeeping func(now time.Time) bool) error {
	db, err := a.store.current()
	if err != nil {
		return err
	}
	var failed []error
	for _, account := range a.inForce() {
		if !account.hasLines || !a.fleet.Watches(account.name) {
			continue
		}
		rows, err := db.Forecast(ctx, account.name)
		if err != nil {
			return err
		}
		a.fleet.Forecast(account.name, rows)
		if now := account.client.Now(); worthKeeping(now) {
			failed = append(failed, a.kept.keep(ctx, db, account.name, rows, now))
		}
	}
	return errors.Join(failed...)
}

// forecastPools shows the forecast of every account's share groups, which nothing keeps. The gauge of each is the process's that
// has the contract, as what is asked for a contract as a whole is; the page of every process has all.
func (a *App) forecastPools(ctx context.Context) error {
	db, err := a.store.current()
	if err != nil {
		return err
	}
	for _, account := range a.inForce() {
		if !account.hasLines {
			continue
		}
		rows, err := db.PoolForecast(ctx, account.name)
		if err != nil {
			return err
		}
		a.fleet.ForecastPools(account.name, rows, a.kept.shard.Owns)
	}
	return nil
}

// forecastSweep shows and keeps the forecasts that a sweep's rows lead to, whatever the hour: there may be no other sweep that day.
func (a *App) forecastSweep(ctx context.Context) error {
	err := errors.Join(a.forecastOnce(ctx, func(time.Time) bool { return true }), a.forecastPools(ctx))
	if err == nil {
		err = a.outbox.Flush(ctx)
	}
	if err != nil {
		return fmt.Errorf("keeping the forecast of the day: %w", err)
	}
	return nil
}
