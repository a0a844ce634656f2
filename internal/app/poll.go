package app

import (
	"context"
	"errors"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/carrier/ratelimit"
	"kaisen/exporter"
	"kaisen/schema"
)

// poll is the exporter's way to the account that watches a line.
func (a *App) poll(ctx context.Context, key schema.LineKey) error {
	for _, account := range a.inForce() {
		if account.name != key.Source {
			continue
		}
		return pollFailure(account.pollLine(ctx, key.ContractID, key.LineNo))
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
