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
	for _, account := range a.inForce() {
		if account.name != key.Source {
			continue
		}
		err := account.pollLine(ctx, key.ContractID, key.LineNo)
		if errors.Is(err, collector.ErrUnknownLine) {
			return exporter.ErrNotPolled
		}
		return err
	}
	return exporter.ErrNotPolled
}
