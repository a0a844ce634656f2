package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector"
	"kaisen/internal/config"
	"kaisen/internal/spool"
	"kaisen/schema"
)

// recoverTogether is how many rows of a damaged spool are written at once.
const recoverTogether = 10_000

// RecoveredFile is what came of a damaged file of the spool.
type RecoveredFile struct {
	Path, Kept string // where it was, and where it is now
	spool.Salvaged
}

// RecoverSpool stores what can be read of damaged files of the spool; where none are named, of all those in store.spool. A
// file whose rows are all stored gets another name; one that has batches of a later kaisen keeps it. Rows that the database
// has already are recognised by their keys. A service may run meanwhile: a spool of their own takes the rows, and what an
// interruption leaves in it is stored with the next time. No database is made for them.
func RecoverSpool(ctx context.Context, cfg *config.Config, kinds collector.Kinds, files []string, log *slog.Logger) (done []RecoveredFile, err error) {
	own := spoolConfig(cfg.Store, "recover", kinds.Tables())
	own.Temporary = true
	if len(files) == 0 {
		if files, err = spool.DamagedFiles(cfg.Store.Spool); err != nil || len(files) == 0 && !spool.Exists(own) {
			return nil, err
		}
	}
	if cfg.Store.Kind == config.StoreEmbedded {
		if err := checkData(cfg.Store.Path); err != nil { // a new one would not be the one that rows are missing from
			return nil, err
		}
	}
	reg := prometheus.NewRegistry()
	a := &App{cfg: cfg, log: log, kinds: kinds, store: newStore(cfg, engineUse{share: true, temporary: true}, reg, log)}
	a.store.tables, a.store.give = kinds.Tables(), GiveUpAfter
	a.outbox = newOutbox(own, a.store, spool.NewMetrics(reg), log)
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	err = a.withStore(ctx, fail, func(ctx context.Context) error {
		if err := a.store.wait(ctx); err != nil {
			return err
		}
		for _, path := range files {
			file, err := a.recoverFile(ctx, path)
			if err != nil {
				return fmt.Errorf("recovering %s: %w", path, err)
			}
			done = append(done, file)
		}
		return a.outbox.Flush(ctx)
	})
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		err = cause
	}
	return done, err
}

// recoverFile stores what can be read of one file.
func (a *App) recoverFile(ctx context.Context, path string) (file RecoveredFile, err error) {
	file.Path, file.Kept = path, path
	var rows schema.Batch
	send := func() error {
		sent := rows
		rows = schema.Batch{}
		return a.outbox.Write(ctx, sent)
	}
	file.Salvaged, err = spool.Salvage(path, a.store.tables, func(b *schema.Batch) error {
		if rows.Append(*b); rows.Rows() < recoverTogether {
			return nil
		}
		return send()
	})
	if err == nil {
		err = send()
	}
	if err == nil {
		err = a.outbox.Flush(ctx)
	}
	if err == nil && file.Later == 0 {
		file.Kept, err = spool.Recovered(path)
	}
	return file, err
}
