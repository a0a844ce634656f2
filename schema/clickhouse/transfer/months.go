package transfer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kaisen/schema/clickhouse"
)

// fills is the table that says which months are closed. It is not copied row by row: the samples, and rows of the session log, that are copied have
// opened their months in the other database, which would read them from what may be gone by half.
const fills = "month_fills"

// log is what months are closed of, as month_fills and the views of closed months name it.
type log struct{ table, time, changed, filled, closed string }

func logs() []log {
	return []log{
		{"traffic_samples", "toStartOfMonth(observed_at)", "changed", "filled", "closed_months"},
		{"session_events", "toStartOfMonth(event_time)", "sessions_changed", "sessions_filled", "closed_session_months"},
	}
}

// settled is how long after its last change a month counts as closed: closed_months, in migration 0025.
const settled = 10 * time.Minute

// month is what a database knows of one that may be closed.
type month struct {
	filledAt, changed, at time.Time
	closed                bool
}

// months reads them, of each log by their first day.
func months(ctx context.Context, db *clickhouse.DB) (map[log]map[string]month, error) {
	all := make(map[log]map[string]month)
	for _, l := range logs() {
		all[l] = make(map[string]month)
		err := db.Each(ctx, fmt.Sprintf(`SELECT toString(f.month), argMaxIf(f.filled_at, f.at, f.event = '%[2]s'), maxIf(f.at, f.event = '%[1]s'), maxIf(f.at, f.event = '%[2]s'),
    toUInt8(f.month IN (SELECT month FROM %[3]s)) FROM month_fills AS f GROUP BY f.month`, l.changed, l.filled, l.closed), func(values []any) error {
			all[l][values[0].(string)] = month{values[1].(time.Time), values[2].(time.Time), values[3].(time.Time), values[4].(uint8) == 1}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("months that are closed: %w", err)
		}
	}
	return all, nil
}

// closeMonths closes the months in the other database that were closed in the one that is copied, when it was looked up before their rows
// were copied: unless the other has samples of the month that this one has not, and closes it by itself.
func (c *copier) closeMonths(ctx context.Context, from map[log]map[string]month, result *Result) error {
	began := time.Now()
	to, err := months(ctx, c.to)
	if err != nil {
		return err
	}
	out := Table{Name: fills}
	var insert *clickhouse.Inserter
	add := func(l log, first string, filled, at time.Time) (err error) {
		if insert == nil {
			if insert, err = c.to.Inserter(ctx, fills, []string{"month", "event", "filled_at", "at"}); err != nil {
				return err
			}
		}
		day, err := time.Parse(time.DateOnly, first)
		if err = errors.Join(err, insert.Add([]any{day, l.filled, filled, at})); err != nil {
			return errors.Join(err, insert.Abort())
		}
		return nil
	}
	for _, l := range logs() {
		for first, was := range from[l] {
			is := to[l][first]
			if !was.closed {
				continue
			}
			if out.Rows++; is.closed && !is.filledAt.Before(was.filledAt) {
				continue
			}
			// When a month changed is known to the second: a row that comes within the same one is counted, and a later one opens the month again.
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Until(is.changed.Add(time.Second))):
			}
			more, err := c.hasMore(ctx, l, first)
			if err != nil {
				return err
			}
			if more {
				out.Kept++
				continue
			}
			at := is.changed.Add(settled + time.Millisecond) // what changes it from now on is later than 10 minutes before that
			if own := is.at.Add(time.Millisecond); own.After(at) {
				at = own
			}
			if err := add(l, first, was.filledAt, at); err != nil {
				return err
			}
			out.Sent++
		}
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

// hasMore reports whether the other database has more rows of a month.
func (c *copier) hasMore(ctx context.Context, l log, first string) (bool, error) {
	var rows [2]uint64
	for i, db := range []*clickhouse.DB{c.from, c.to} {
		err := db.Each(ctx, fmt.Sprintf("SELECT count() FROM %s FINAL WHERE %s = toDate('%s')", l.table, l.time, first), func(values []any) error {
			rows[i] = values[0].(uint64)
			return nil
		})
		if err != nil {
			return false, fmt.Errorf("%s of %s: %w", l.table, first, err)
		}
	}
	return rows[1] > rows[0], nil
}
