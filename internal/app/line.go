package app

import (
	"context"
	"errors"
	"math"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/carrier/ratelimit"
	"kaisen/exporter"
	"kaisen/exporter/page"
	"kaisen/schema"
)

// poll is the exporter's way to the account that watches a line.
func (a *App) poll(ctx context.Context, key schema.LineKey) error {
	for _, account := range a.inForce() {
		if account.name != key.Source {
			continue
		}
		if err := pollFailure(account.pollLine(ctx, key.ContractID, key.LineNo)); err != nil {
			return err
		}
		return a.outbox.Sync(ctx) // the gauges have it then
	}
	return exporter.ErrNotPolled
}

// visits lets in what an account can be asked within the time that a poll is waited for.
func visits(client *carrier.Client) func(context.Context, ...string) (context.Context, func(), error) {
	return func(ctx context.Context, operations ...string) (context.Context, func(), error) {
		return client.Visit(ctx, exporter.PollWait, operations...)
	}
}

// pollFailure is why a line was not polled, as the exporter takes it.
func pollFailure(err error) error {
	var held *ratelimit.HeldError
	switch {
	case errors.Is(err, collector.ErrUnknownLine):
		return exporter.ErrNotPolled
	case errors.As(err, &held):
		return &exporter.HeldUpError{Wait: held.Wait, Why: held.Error(), Ours: held.By != ratelimit.HeldByPause}
	}
	return err
}

// pace is how often the account that watches a line asks about it, and why.
func (a *App) pace(key schema.LineKey) (page.Pace, bool) {
	for _, account := range a.inForce() {
		if pacer, can := account.Collector.(collector.LinePacer); can && account.name == key.Source {
			pace, known := pacer.LinePace(key.ContractID, key.LineNo)
			return shownPace(pace), known
		}
	}
	return page.Pace{}, false
}

// shownPace is a pace as the exporter takes it.
func shownPace(p collector.Pace) page.Pace {
	share := func(of float64) schema.Opt[float64] {
		if math.IsNaN(of) {
			return schema.Opt[float64]{}
		}
		return schema.Some(of)
	}
	class := p.Class.String()
	if p.Fixed && class == "routine" {
		class = page.FixedPace
	}
	return page.Pace{Class: class, Every: p.Interval, Due: p.Due, Left: share(p.Left), Threshold: share(p.Threshold), Crossing: p.Crossing,
		Failures: p.Failures, Pool: p.Pool}
}
