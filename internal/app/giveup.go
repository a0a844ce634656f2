package app

import (
	"context"
	"fmt"
	"time"

	"kaisen/internal/wait"
	"kaisen/schema/clickhouse"
)

// GiveUpAfter is how long a command that ends by itself waits for a database that cannot be used. One that refuses it, for its
// password or because a later kaisen has migrated it, is not waited for.
const GiveUpAfter = 2 * time.Minute

// giveUp fails once the database has taken no rows for so long that it is not waited for; they stay in the spool.
func (a *App) giveUp(ctx context.Context, fail context.CancelCauseFunc) {
	since := time.Now()
	for wait.For(ctx, min(time.Second, a.store.give)) == nil {
		why, _ := a.outbox.Troubles()
		if why == nil || !a.store.isOpen() {
			since = time.Now()
		} else if clickhouse.IsRefusal(why) || time.Since(since) >= a.store.give {
			fail(fmt.Errorf("the database takes no rows, they wait in the spool: %w", why))
			return
		}
	}
}
