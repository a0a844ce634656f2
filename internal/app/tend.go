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

// tend looks after what is in the database until ctx ends: at once where an insert has missed its table, and from time
// to time, because nothing misses a view.
func (s *store) tend(ctx context.Context, db *clickhouse.DB) {
	t := tender{store: s, db: db}
	ticker := time.NewTicker(s.every)
	defer ticker.Stop()
	for {
		t.look(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-s.missed:
		}
	}
}

// tender remembers what it has reported, so that it reports each thing once.
type tender struct {
	*store
	db      *clickhouse.DB
	told    string
	damaged map[string]int
}

// look makes again what somebody has dropped, where kaisen sees to the tables, and reports it elsewhere. What fails
// because the database does not answer is not reported: the outbox does that.
func (t *tender) look(ctx context.Context) {
	gone, err := t.db.Gone(ctx)
	if err != nil {
		return
	}
	if t.cfg.Store.AutoMigrate && len(gone) > 0 {
		err = t.db.Migrate(ctx) // it logs what is gone
		if err == nil {
			gone = nil
		}
	}
	if now := strings.Join(gone, ", "); now != t.told && ctx.Err() == nil {
		t.told = now
		switch {
		case err != nil:
			t.log.Error("what is gone from the database could not be made again; trying again", "gone", now, "error", err)
		case now != "":
			t.log.Error("tables or views of the database are gone; kaisen migrate makes them again", "gone", now)
		case !t.cfg.Store.AutoMigrate: // else Migrate has logged it
			t.log.Info("what was gone from the database is there again")
		}
	}
	t.lookForDamage(ctx)
}

// lookForDamage reports parts that the server has put aside since it last did.
func (t *tender) lookForDamage(ctx context.Context) {
	damaged, err := t.db.Damaged(ctx)
	if err != nil {
		t.log.Debug("damaged parts cannot be counted", "error", err)
		return
	}
	for table, parts := range damaged {
		if parts > t.damaged[table] {
			t.log.Error("ClickHouse has found damaged parts of a table and put them aside: the rows in them are not in the table any more",
				"table", table, "parts", parts)
		}
	}
	t.damaged = maps.Clone(damaged)
}

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
