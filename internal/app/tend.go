package app

import (
	"context"
	"maps"
	"strings"
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
