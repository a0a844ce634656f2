package transfer

import (
	"context"
	"errors"
	"time"

	"kaisen/schema/clickhouse"
)

// claim is a month that the other database may call closed by the copied rows of a fill.
type claim struct {
	month    clickhouse.Month
	fill, at time.Time
}

// closeMonths closes the months in the other database that were closed in the one that is copied, when it was looked up before their rows
// were copied. month_fills is not copied row by row: the samples, and rows of the session log, that are copied have opened their months in the
// other database, which would read them from what may be gone by half.
func (c *copier) closeMonths(ctx context.Context, from map[clickhouse.Month]clickhouse.MonthState, result *Result) error {
	began := time.Now()
	to, err := c.to.MonthStates(ctx)
	if err != nil {
		return err
	}
	out := Table{Name: clickhouse.MonthFills}
	var claims []claim
	for month, was := range from {
		is := to[month]
		if !was.Closed {
			continue
		}
		if out.Rows++; is.Closed && !is.Fill.Before(was.Fill) {
			continue
		}
		more, err := c.hasMore(ctx, month, is.ChangedAt)
		if err != nil {
			return err
		}
		if more {
			out.Kept++
			continue
		}
		claims = append(claims, claim{month, was.Fill, decidedAt(is)})
	}
	if err := c.claim(ctx, claims); err != nil {
		return err
	}
	out.Sent, out.Took = uint64(len(claims)), time.Since(began)
	result.Tables = append(result.Tables, out)
	return nil
}

// decidedAt is when a fill has to be chosen so that it holds: what changes the month from now on is later than ten minutes before that.
func decidedAt(is clickhouse.MonthState) time.Time {
	at := is.ChangedAt.Add(clickhouse.Settled + time.Millisecond)
	if own := is.Decided.Add(time.Millisecond); own.After(at) {
		at = own
	}
	return at
}

// hasMore reports whether the other database has more rows of a month, and closes it by itself. When a month changed is known to the second: a
// row that comes within the same one is counted, and a later one opens the month again.
func (c *copier) hasMore(ctx context.Context, month clickhouse.Month, changed time.Time) (bool, error) {
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case <-time.After(time.Until(changed.Add(time.Second))):
	}
	here, err := c.from.CountMonth(ctx, month)
	if err != nil {
		return false, err
	}
	there, err := c.to.CountMonth(ctx, month)
	return there > here, err
}

// claim writes that months are closed.
func (c *copier) claim(ctx context.Context, claims []claim) error {
	if len(claims) == 0 {
		return nil
	}
	insert, err := c.to.Inserter(ctx, clickhouse.MonthFills, []string{"month", "event", "filled_at", "at"})
	if err != nil {
		return err
	}
	for _, one := range claims {
		if err := insert.Add([]any{one.month.Time(), one.month.Of.FilledEvent(), one.fill, one.at}); err != nil {
			return errors.Join(err, insert.Abort())
		}
	}
	return insert.Send()
}
