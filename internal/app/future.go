package app

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"kaisen/schema/clickhouse"
)

// carrierClock is the clock of an account, once its answers have set it.
type carrierClock interface {
	Now() time.Time
	Settled() bool
}

// future looks after the rows of an account that are dated in the future, which no answer replaces. Which time is the
// future the carrier's clock says, so that they are mended before the first rows are stored that its answers have brought.
type future struct {
	source string
	clock  carrierClock

	mu   sync.Mutex
	next time.Time // when to look again, by our own clock
}

const (
	mendEvery = time.Hour // another process may be of an earlier version, and its spool too
	mendRetry = 10 * time.Minute
)

// mend looks for such rows from time to time. What fails is left for the next time: it hinders nobody but those rows.
func (f *future) mend(ctx context.Context, db *clickhouse.DB, log *slog.Logger) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	if !f.clock.Settled() || now.Before(f.next) {
		return
	}
	f.next = now.Add(mendEvery)
	found, err := db.Mend(ctx, f.source, f.clock.Now())
	if len(found) > 0 {
		log.Warn("rows were dated in the future by a clock that was wrong; they are dated anew, and the next answers replace them",
			"source", f.source, "tables", strings.Join(slices.Sorted(maps.Keys(found)), ", "))
	}
	if err != nil && ctx.Err() == nil {
		f.next = now.Add(mendRetry)
		log.Warn("rows that are dated in the future would hide newer ones, and could not be looked for and mended; it takes the right ALTER DELETE", "error", err)
	}
}
