package transfer

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"kaisen/schema/clickhouse"
)

// ErrUnrelated means that the other database has rows, and none of those that are to be copied: they are of another kaisen.
var ErrUnrelated = errors.New("they are of another kaisen, and would be mixed")

// compared is how many cells of a table are looked into for a row that both databases have.
const compared = 2 * buckets

// Related returns an error that wraps [ErrUnrelated] where the other database has rows, and none in common with the one that
// is to be copied: what an earlier copy has brought, whole or broken off, is in both, also where rows have come to either since.
// The other database has been migrated.
func Related(ctx context.Context, from, to *clickhouse.DB) error {
	c := &copier{from: from, to: to}
	tables, _, err := c.tables(ctx)
	if err != nil {
		return err
	}
	rows := uint64(0)
	for _, t := range tables {
		there, err := t.sums(ctx, to)
		if err == nil && len(there) > 0 {
			var common bool
			if common, err = t.shares(ctx, there); common {
				return nil
			}
		}
		if err != nil {
			return fmt.Errorf("table %s: %w", t.name, err)
		}
		rows += there.total().rows
	}
	if rows == 0 {
		return nil
	}
	return fmt.Errorf("the database has %d rows already, and none of those that are to be copied: %w", rows, ErrUnrelated)
}

// shares reports whether both databases have a row of the table in common.
func (t *table) shares(ctx context.Context, there sums) (bool, error) {
	have, err := t.sums(ctx, t.from)
	if err != nil {
		return false, err
	}
	var both []cell
	for c, one := range there {
		switch {
		case have[c] == one:
			return true, nil
		case have[c].rows > 0:
			both = append(both, c)
		}
	}
	slices.SortFunc(both, compareCells)
	for _, c := range both[:min(len(both), compared)] {
		own, err := t.hashes(ctx, t.from, c)
		if err != nil {
			return false, err
		}
		others, err := t.hashes(ctx, t.to, c)
		if err != nil {
			return false, err
		}
		for hash := range others {
			if own[hash] > 0 {
				return true, nil
			}
		}
	}
	return false, nil
}
