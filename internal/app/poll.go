package app

import (
	"context"
	"errors"

	"kaisen/collector"
	"kaisen/exporter"
	"kaisen/schema"
)

// poll is the exporter's way to the account that watches a line.
func (a *App) poll(ctx context.Context, key schema.LineKey) error {
	for _, account := range a.accounts {
		poller, can := account.Collector.(collector.LinePoller)
		if account.name != key.Source || !can {
			continue
		}
		err := poller.PollLine(ctx, key.ContractID, key.LineNo)
		if errors.Is(err, collector.ErrUnknownLine) {
			return exporter.ErrNotPolled
		}
		if err != nil {
			return err
		}
		return a.outbox.Sync(ctx) // the gauges have it then
	}
	return exporter.ErrNotPolled
}
