package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/internal/backup"
	"kaisen/internal/chdb"
	"kaisen/internal/config"
	"kaisen/schema/clickhouse"
)

// errNoEngine is for what is asked of a server that it can do itself.
var errNoEngine = errors.New("store.kind is clickhouse: a server's database is saved and restored by its own BACKUP DATABASE and RESTORE DATABASE; kaisen's own are for the embedded one")

// Backup saves the embedded database, whether or not a service is running on it; version is kaisen's.
func Backup(ctx context.Context, cfg *config.Config, version string, out io.Writer, log *slog.Logger) (m backup.Manifest, err error) {
	if cfg.Store.Kind != config.StoreEmbedded {
		return m, errNoEngine
	}
	db, closeAll, err := OpenDatabase(ctx, cfg, false, log)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, closeAll()) }()
	return backup.Write(ctx, db, cfg.Store.Path, version, out)
}

// Restore makes the embedded database from a backup, in a folder that has none, and brings it to this version. With replace a
// folder that has one is moved aside first, and put back where the backup cannot be restored.
func Restore(ctx context.Context, cfg *config.Config, in io.Reader, replace bool, log *slog.Logger) (m backup.Manifest, err error) {
	if cfg.Store.Kind != config.StoreEmbedded {
		return m, errNoEngine
	}
	archive, err := backup.Open(in)
	if err != nil {
		return m, err
	}
	aside, err := beginRestore(cfg.Store.Path, replace, log)
	if err != nil {
		return archive.Manifest, err
	}
	defer func() {
		if err != nil && aside != "" {
			err = putBack(aside, cfg.Store.Path, err, log)
		}
	}()
	dsn, stop, err := startEngine(ctx, cfg, engineUse{temporary: true, private: true, restores: true}, log)
	if err != nil {
		return archive.Manifest, err
	}
	defer stop()
	database := databaseConfig(cfg.Store, dsn, true)
	database.Timeout = copyTimeout
	db, err := clickhouse.Open(ctx, database, clickhouse.NewMetrics(prometheus.NewRegistry()), log)
	if err != nil {
		return archive.Manifest, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := archive.Restore(ctx, db, cfg.Store.Path); err != nil {
		return archive.Manifest, err
	}
	if err := db.Migrate(ctx); err != nil {
		return archive.Manifest, err
	}
	return archive.Manifest, os.Remove(unfinished(cfg.Store.Path))
}

// unfinished is a file that is there while a database is restored, and after a restore that was broken off. It holds the name of the
// folder that was moved aside, if one was.
func unfinished(path string) string { return filepath.Join(path, "restore-unfinished") }

// putBack has the database of before where it was, after a restore that failed.
func putBack(aside, path string, failure error, log *slog.Logger) error {
	if err := errors.Join(os.RemoveAll(path), os.Rename(aside, path)); err != nil {
		return errors.Join(failure, fmt.Errorf("the database of before is in %s still: %w", aside, err))
	}
	log.Warn("the database of before is where it was, as the backup could not be restored", "folder", path)
	return failure
}

// beginRestore makes sure that the folder has no database, and removes what a restore has left that was broken off. It returns the
// name of the folder that was moved aside.
func beginRestore(path string, replace bool, log *slog.Logger) (aside string, err error) {
	before, err := os.ReadFile(unfinished(path))
	again := err == nil
	if !again && !errors.Is(err, fs.ErrNotExist) {
		return "", chdb.FolderError(err)
	}
	owner, err := chdb.FindOwner(path)
	if owner != nil || errors.Is(err, chdb.ErrInUse) {
		return "", errors.Join(fmt.Errorf("the folder %s is in use: stop kaisen first", path), err)
	}
	if err != nil {
		return "", err
	}
	has, err := chdb.HasData(path)
	if err != nil {
		return "", err
	}
	if has && !again {
		if !replace {
			return "", fmt.Errorf("the folder %s has a database already: name another one as store.path, or move this one aside (--replace)", path)
		}
		aside = filepath.Clean(path) + ".before-" + time.Now().UTC().Format("20060102T150405Z")
		if err := os.Rename(path, aside); err != nil {
			return "", err
		}
		log.Warn("the folder of the database of before is kept; remove it when it is not needed any more", "folder", aside)
	}
	if again {
		aside = string(before)
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return aside, err
	}
	if err := os.WriteFile(unfinished(path), []byte(aside), 0o600); err != nil || !again {
		return aside, err
	}
	var failures []error
	for _, name := range []string{"metadata", "metadata_dropped", "data", "store"} {
		failures = append(failures, os.RemoveAll(filepath.Join(path, name)))
	}
	return aside, errors.Join(failures...)
}

// checkFinished refuses a folder with half a database. To remove the folder it advises only where the file is there and was
// read: a folder that cannot be looked into may hold the only database, and a file that cannot be read may name another one.
func checkFinished(path string) error {
	aside, err := os.ReadFile(unfinished(path))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return chdb.FolderError(err)
	}
	advice := "run it again, with another backup if that one is damaged; or remove the folder, and there is no database"
	if len(aside) > 0 {
		advice = fmt.Sprintf("run it again; or remove the folder, and give that of before its name again, %s", aside)
	}
	return fmt.Errorf("kaisen restore is at work on the folder %s, or was broken off there: %s", path, advice)
}
