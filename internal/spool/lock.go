package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/prometheus/prometheus/tsdb/fileutil"
)

var errInUse = errors.New("a running kaisen has this spool open and stores what is in it")

// takeLock waits a little for a process that is about to end.
func (j *journal) takeLock() (err error) {
	file, err := j.disk.open(j.path+lockMark, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_ = file.Close()
	for deadline := time.Now().Add(lockMaxWait); ; time.Sleep(20 * time.Millisecond) {
		if j.lock, err = lock(j.path + lockMark); err == nil || !time.Now().Before(deadline) {
			return err
		}
	}
}

// lock takes the lock that a file is, if nobody has it.
func lock(path string) (fileutil.Releaser, error) {
	held, _, err := fileutil.Flock(path)
	var why syscall.Errno
	switch {
	case err == nil:
		return held, nil
	case runtime.GOOS != "windows" && errors.As(err, &why) && why != syscall.EWOULDBLOCK: // of a file system without locks, for one
		return nil, fmt.Errorf("%s cannot be locked: %w", path, err)
	}
	return nil, fmt.Errorf("%w: %w", errInUse, err)
}

func (j *journal) failed(err error) error {
	if err == nil || strings.Contains(err.Error(), "spool "+j.path) {
		return err
	}
	return fmt.Errorf("spool %s: %w", j.path, err)
}

// explain says what to do about a spool that cannot be opened.
func (j *journal) explain(err error) error {
	if errors.Is(err, errInUse) {
		return fmt.Errorf("spool %s: another kaisen is using it: stop that one, or give this one a folder of its own (store.spool)", j.path)
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		return fmt.Errorf("spool %s: %w: kaisen keeps there what ClickHouse has not taken yet; name a folder that it may write to (store.spool)", j.path, path.Err)
	}
	return j.failed(err)
}

// Exists reports whether there is a spool that an outbox of this configuration would use.
func Exists(cfg Config) bool {
	names, _ := Names(cfg.Dir)
	return slices.Contains(names, cfg.Name)
}

// Names are the names of the spools in a folder.
func Names(dir string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("spool: %w", err)
	}
	for _, entry := range entries {
		name, kind := entry.Name(), filepath.Ext(entry.Name())
		switch stem := strings.TrimSuffix(name, kind); kind {
		case segmentMark:
			name = strings.TrimSuffix(stem, filepath.Ext(stem))
		case olderMark, importedMark:
			name = stem
		default:
			continue
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, nil
}

// InUse reports whether a kaisen uses the spool that an outbox of this configuration would use.
func InUse(cfg Config) bool { return isLocked(cfg.path() + lockMark) }

// isLocked reports whether a process has the lock that a file is.
func isLocked(path string) bool {
	if _, err := os.Stat(path); err != nil {
		return false
	}
	held, err := lock(path)
	if err != nil {
		return true
	}
	_ = held.Release()
	return false
}
