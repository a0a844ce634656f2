package app

import (
	"context"
	"time"

	"kaisen/internal/wait"
	"kaisen/schema/clickhouse"
)

const (
	closingEvery = 10 * time.Minute // a month is closed so long after it can be, at most
	closingPause = time.Minute      // between two months, at least
)

// closeMonths has the database copy what the samples and the session log of each month say once it is over, until ctx ends: see CloseMonth. Of several
// processes the first does it. A database with years from before an upgrade is worked through month by month, the newest first, for half
// of the time at most.
func (a *App) closeMonths(ctx context.Context) {
	if a.kept.shard.Index > 1 || a.store.wait(ctx) != nil {
		return
	}
	failing := false
	for pause := closingPause; wait.For(ctx, pause) == nil; {
		began := time.Now()
		db, err := a.store.current()
		more := false
		if err == nil {
			more, err = a.closeMonth(ctx, db)
		}
		if err != nil && ctx.Err() == nil && !failing {
			a.log.Warn("months that are over cannot be copied, and are read from their samples, which takes longer", "error", err)
		}
		failing = err != nil
		if pause = closingEvery; more {
			pause = max(closingPause, time.Since(began))
		}
	}
}

// closeMonth closes the newest month that is over, and reports whether there are more.
func (a *App) closeMonth(ctx context.Context, db *clickhouse.DB) (more bool, err error) {
	if err := db.DropOldFills(ctx); err != nil {
		return false, err
	}
	months, err := db.MonthsToClose(ctx)
	if err != nil || len(months) == 0 {
		return false, err
	}
	anew, err := db.CloseMonth(ctx, months[0])
	switch {
	case err != nil:
		return false, err
	case anew:
		a.log.Info("month closed: what its rows say is read without them from now on", "month", months[0], "of", months[0].Of)
	default:
		a.log.Warn("rows of a closed month came when others of it were gone already: what was copied of it stays as it was without the late ones", "month", months[0], "of", months[0].Of)
	}
	return len(months) > 1, nil
}
