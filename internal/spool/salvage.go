package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"kaisen/schema"
)

const (
	corruptMark = ".corrupt-"       // in the name of a file that was moved aside, or is a copy of one that is damaged, before
	doneMark    = ".recovered-"     // instead of it, once all that can be read is stored
	corruptTime = "20060102T150405" // when that was
)

// Salvaged is what a damaged file still had.
type Salvaged struct {
	Batches, Rows int // that were read and handed on
	Unreadable    int // batches that were found and cannot be read
	Later         int // batches that a later kaisen wrote, which can read them
}

// DamagedFiles are the files in a folder that were moved aside because they are damaged, by name.
func DamagedFiles(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("spool: %w", err)
	}
	var files []string
	for _, entry := range entries {
		if strings.Contains(entry.Name(), corruptMark) {
			files = append(files, filepath.Join(dir, entry.Name()))
		}
	}
	return files, nil
}

// Recovered gives a damaged file another name, so that it is no longer one of DamagedFiles, and returns that. A file of any
// other name keeps it.
func Recovered(path string) (string, error) {
	name := strings.Replace(filepath.Base(path), corruptMark, doneMark, 1)
	to := filepath.Join(filepath.Dir(path), name)
	if to == path {
		return path, nil
	}
	return to, os.Rename(path, to)
}

// ErrNoSpool says that a file has nothing of a spool in it.
var ErrNoSpool = errors.New("no spool: nothing in it is one's")

// Salvage reads the batches that can still be read from a damaged file, in the order in which they were accepted, and hands
// each to do, whose error ends it. The file is not changed. Batches that were delivered already may be among them.
//
// It looks for batches wherever they lie, each of which has a checksum of its own. A file that has none fails with ErrNoSpool,
// unless by its name it was moved aside: a disk may have left nothing.
func Salvage(path string, tables []schema.Table, do func(b *schema.Batch) error) (all Salvaged, err error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return all, err
	case isUsed(path):
		return all, errInUse
	case info.IsDir():
		return all, &fs.PathError{Op: "read", Path: path, Err: syscall.EISDIR}
	}
	codec, found := newCodec(tables...), false
	take := func(record []byte) error {
		found = true
		batch, err := codec.decode(record)
		switch {
		case errors.Is(err, errLater):
			all.Later++
			return nil
		case err != nil:
			all.Unreadable++
			return nil
		}
		if err := do(&batch); err != nil {
			return err
		}
		all.Batches++
		all.Rows += batch.Rows()
		return nil
	}
	err = framesOf(path, func(f frame) error {
		if found = true; f.kind == frameRows || f.kind == frameAside {
			return take(f.record)
		}
		return nil
	})
	if err == nil && !found && info.Size() > 0 {
		err = salvageOlder(path, take)
	}
	if err == nil && !found && !wasMovedAside(path) {
		err = ErrNoSpool
	}
	return all, err
}

// wasMovedAside reports whether a file has a name that only damaged spools get.
func wasMovedAside(path string) bool {
	name := filepath.Base(path)
	return strings.Contains(name, corruptMark) || strings.Contains(name, doneMark)
}

// isUsed reports whether a file is of a spool that a process uses.
func isUsed(path string) bool {
	stem := strings.TrimSuffix(path, filepath.Ext(path))
	switch {
	case wasMovedAside(path):
		return false
	case filepath.Ext(path) == segmentMark:
		return isLocked(strings.TrimSuffix(stem, filepath.Ext(stem)) + lockMark)
	}
	return filepath.Ext(path) == olderMark && isLocked(path)
}
