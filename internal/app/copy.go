package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"kaisen/internal/config"
	"kaisen/schema/clickhouse/transfer"
)

// copyTimeout is the longest wait for one answer while a whole database is compared.
const copyTimeout = time.Hour

// Copy copies the configured database, whether or not a service is running on it, to another, which it makes and migrates.
// A second pass brings what came during the first, which may take long. The result is that of both, also beside an
// error; see [transfer.Run]. A database that has rows of another kaisen is refused, unless they are to be merged; see
// [transfer.Related].
func Copy(ctx context.Context, cfg *config.Config, other config.Store, merge bool, log *slog.Logger) (result transfer.Result, err error) {
	if cfg.Store.Cluster != "" {
		return result, errors.New("store.cluster: what is copied is the database of one server; that of a cluster is moved by ClickHouse's own means")
	}
	if sameFolder(cfg.Store, other) { // an engine would wait for the folder that it has itself
		return result, fmt.Errorf("where it is copied to: %w", transfer.ErrSame)
	}
	from, closeFrom, err := openDatabaseFor(ctx, cfg, false, engineUse{native: true}, copyTimeout, log)
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, closeFrom()) }()
	there := *cfg
	there.Store = other
	to, closeTo, err := openDatabaseFor(ctx, &there, true, engineUse{native: true}, copyTimeout, log)
	if err != nil {
		return result, fmt.Errorf("where it is copied to: %w", err)
	}
	defer func() { err = errors.Join(err, closeTo()) }()
	if err := transfer.Distinct(ctx, from, to); err != nil {
		return result, fmt.Errorf("where it is copied to: %w", err)
	}
	if err := to.Migrate(ctx); err != nil {
		return result, fmt.Errorf("where it is copied to: %w", err)
	}
	if !merge {
		if err := transfer.Related(ctx, from, to); err != nil {
			return result, fmt.Errorf("where it is copied to: %w", err)
		}
	}
	if result, err = transfer.Run(ctx, from, to, log); err != nil || result.Sent() == 0 {
		return result, err
	}
	log.Info("what came meanwhile is copied next")
	again, err := transfer.Run(ctx, from, to, log)
	return result.Then(again), err
}

// sameFolder reports whether both stores are the embedded one of one folder.
func sameFolder(a, b config.Store) bool {
	if a.Kind != config.StoreEmbedded || b.Kind != config.StoreEmbedded {
		return false
	}
	one, errOne := os.Stat(a.Path)
	two, errTwo := os.Stat(b.Path)
	return errOne == nil && errTwo == nil && os.SameFile(one, two)
}
