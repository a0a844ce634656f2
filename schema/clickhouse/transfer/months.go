package transfer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kaisen/schema/clickhouse"
)

// fills is the table that says which months are closed. It is not copied row by row: the samples that are copied have opened their
// months in the other database, which would read them from samples that may be gone by half.
const fills = "month_fills"

// settled is how long after its last change a month counts as closed: closed_months, in migration 0025.
const settled = 10 * time.Minute

// month is what a database knows of one that may be closed.
type month struct {
	filledAt, changed, at time.Time
	closed                bool
}

// months reads them, by their first day.
func months(ctx context.Context, db *clickhouse.DB) (map[string]month, error) {
	all := make(map[string]month)
	err := db.Each(ctx, `SELECT toString(f.month), argMaxIf(f.filled_at, f.at, f.event = 'filled'), maxIf(f.at, f.event = 'changed'), maxIf(f.at, f.event = 'filled'),
    toUInt8(f.month IN (SELECT month FROM closed_months)) FROM month_fills AS f GROUP BY f.month`, func(values []any) error {
		all[values[0].(string)] = month{values[1].(time.Time), values[2].(time.Time), values[3].(time.Time), values[4].(uint8) == 1}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("months that are closed: %w", err)
	}
	return all, nil
}

// closeMonths closes the months in the other database that were closed in the one that is copied, when it was looked up before their rows
// were copied: unless the other has samples of the month that this one has not, and closes it by itself.
func (c *copier) closeMonths(ctx context.Context, from map[string]month, result *Result) error {
	began := time.Now()
	to, err := months(ctx, c.to)
	if err != nil {
		return err
	}
	out := Table{Name: fills}
	var insert *clickhouse.Inserter
	for first, was := range from {
		is := to[first]
		if !was.closed {
			continue
		}
		if out.Rows++; is.closed && !is.filledAt.Before(was.filledAt) {
			continue
		}
		more, err := c.hasMore(ctx, first)
		if err != nil {
			return err
		}
		if more {
			out.Kept++
			continue
		}
		if insert == nil {
			if insert, err = c.to.Inserter(ctx, fills, []string{"month", "event", "filled_at", "at"}); err != nil {
				return err
			}
		}
		at := is.changed.Add(settled + time.Millisecond) // what changes it from now on is later than 10 minutes before that
		if own := is.at.Add(time.Millisecond); own.After(at) {
			at = own
		}
		day, err := time.Parse(time.DateOnly, first)
		if err = errors.Join(err, insert.Add([]any{day, "filled", was.filledAt, at})); err != nil {
			return errors.Join(err, insert.Abort())
		}
		out.Sent++
	}
	if insert != nil {
		if err := insert.Send(); err != nil {
			return err
		}
	}
	out.Took = time.Since(began)
	result.Tables = append(result.Tables, out)
	return nil
}

// hasMore reports whether the other database has more samples of a month.
func (c *copier) hasMore(ctx context.Context, first string) (bool, error) {
	var rows [2]uint64
	for i, db := range []*clickhouse.DB{c.from, c.to} {
		err := db.Each(ctx, fmt.Sprintf("SELECT count() FROM traffic_samples FINAL WHERE toStartOfMonth(observed_at) = toDate('%s')", first), func(values []any) error {
			rows[i] = values[0].(uint64)
			return nil
		})
		if err != nil {
			return false, fmt.Errorf("samples of %s: %w", first, err)
		}
	}
	return rows[1] > rows[0], nil
}
