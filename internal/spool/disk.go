package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

const (
	worthwhile = 32 << 20 // size of a file that is worth replacing when most of it is free
	sparse     = 16       // which is when less than the sixteenth part is in use
	copyStep   = 1 << 20  // bytes a transaction while it is replaced

	growth  = 512 << 10 // bytes by which the file grows at least
	reserve = 256 << 10 // bytes of it that only removing may use
)

// update changes the file: all that do changes is on disk when it returns nil, and nothing of it otherwise.
func (f *file) update(do func(tx *bbolt.Tx) error) error {
	if err := guard(func() error { return f.db.Update(do) }); err != nil {
		return fmt.Errorf("spool %s: %w", f.path, err)
	}
	return nil
}

// grow is update for what must not fail for want of room: changes that take more out of the file than they put in, and
// a record that comes when none waits. They need pages in one piece, and a full file may have none: then it grows by
// these, beyond its bound if need be, or nothing ever comes in again.
func (f *file) grow(do func(tx *bbolt.Tx) error) error {
	err := f.update(do)
	if !errors.Is(err, bbolterrors.ErrMaxSizeReached) {
		return err
	}
	bound, step := f.db.MaxSize, f.db.AllocSize
	f.db.MaxSize, f.db.AllocSize = 0, 0
	defer func() { f.db.MaxSize, f.db.AllocSize = bound, step }()
	return f.update(do)
}

// bound is where bbolt refuses to grow the file: a little before its full size, which is left to grow.
func (f *file) bound() int { return f.max - min(f.max/16, 1<<20) }

// view reads the file.
func (f *file) view(do func(tx *bbolt.Tx) error) error {
	if err := guard(func() error { return f.db.View(do) }); err != nil {
		return fmt.Errorf("spool %s: %w", f.path, err)
	}
	return nil
}

// provide sees to it that there are pages for a change, and beyond them a reserve that is there on the disk already:
// what waits can be delivered and removed, which takes a few pages too, although the disk has become full.
func (f *file) provide(bytes int) error {
	used, all := f.sizes()
	if all-used >= bytes+reserve {
		return nil
	}
	ballast := make([]byte, bytes+reserve+growth)
	err := f.update(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(bucketState)).Put([]byte(keyBallast), ballast)
	})
	if errors.Is(err, bbolterrors.ErrMaxSizeReached) {
		return nil // Config.limit keeps a reserve there
	}
	if err != nil {
		return err
	}
	return f.update(func(tx *bbolt.Tx) error { return tx.Bucket([]byte(bucketState)).Delete([]byte(keyBallast)) })
}

// sizes are the bytes of the pages in use, and those of the whole file.
func (f *file) sizes() (used, all int) {
	_ = f.view(func(tx *bbolt.Tx) error {
		all = int(tx.Size())
		return nil
	})
	stats := f.db.Stats()
	return all - (stats.FreePageN+stats.PendingPageN)*f.db.Info().PageSize, all
}

// shrink replaces a file of which most is free.
func (f *file) shrink() error {
	if used, all := f.sizes(); all < worthwhile || used > all/sparse {
		return nil
	}
	if err := guard(f.replace); err != nil {
		return fmt.Errorf("spool %s: smaller copy: %w", f.path, err)
	}
	return nil
}

// remade makes the file again where it has been removed from its folder, with all that is in it: what is removed lives
// only as long as this process. It reports whether there was need to. A file of somebody else in its place stays.
func (f *file) remade() (bool, error) {
	if _, err := os.Stat(f.path); err == nil {
		return false, nil
	}
	err := os.MkdirAll(filepath.Dir(f.path), 0o700)
	if err == nil {
		err = guard(f.replace)
	}
	if err != nil {
		return true, fmt.Errorf("spool %s: %w", f.path, err)
	}
	return true, nil
}

func (f *file) replace() error {
	db, err := f.begin(f.successor(), func(*bbolt.DB) error { return nil }) // Compact makes the buckets
	if err != nil {
		return err
	}
	if err = bbolt.Compact(db, f.db, copyStep); err == nil {
		err = os.Rename(f.successor(), f.path)
	}
	if err != nil {
		return errors.Join(err, db.Close(), os.Remove(f.successor()))
	}
	f.db, db = db, f.db
	return errors.Join(syncFolder(filepath.Dir(f.path)), db.Close())
}

// successor is where a smaller copy is made.
func (f *file) successor() string { return f.path + ".new" }

// empty reports whether no record is left in the file.
func (f *file) empty() bool {
	empty := true
	err := f.view(func(tx *bbolt.Tx) error {
		for _, name := range []string{bucketWaiting, bucketQuarantine} {
			key, _ := tx.Bucket([]byte(name)).Cursor().First()
			empty = empty && key == nil
		}
		return nil
	})
	return err == nil && empty
}

// close lets the file go.
func (f *file) close() error {
	if err := guard(f.db.Close); err != nil {
		return fmt.Errorf("spool %s: %w", f.path, err)
	}
	return nil
}

// guard turns a page that cannot be read into an error. bbolt reads through a memory map, where a damaged file or a
// broken disk shows as a panic or as a fault.
func guard(do func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if trouble := recover(); trouble != nil {
			err = fmt.Errorf("%w: %v", errDamaged, trouble)
		}
	}()
	return do()
}

// isDamage reports whether a file makes no sense, rather than cannot be had now.
func isDamage(err error) bool {
	for _, damage := range []error{errDamaged, bbolterrors.ErrInvalid, bbolterrors.ErrChecksum, bbolterrors.ErrVersionMismatch} {
		if errors.Is(err, damage) {
			return true
		}
	}
	return false
}

// explain says what to do about a file that cannot be opened.
func (f *file) explain(err error) error {
	if errors.Is(err, bbolterrors.ErrTimeout) {
		return fmt.Errorf("spool %s: another kaisen is using it: stop that one, or give this one a folder of its own (store.spool)", f.path)
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		return fmt.Errorf("spool %s: %w: kaisen keeps there what ClickHouse has not taken yet; name a folder that it may write to (store.spool)", f.path, path.Err)
	}
	return fmt.Errorf("spool %s: %w", f.path, err)
}

// isAt reports whether an open file is the one at path.
func isAt(opened *os.File, path string) bool {
	have, err := opened.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(have, there)
}

// syncFolder makes the names in a folder safe.
func syncFolder(folder string) error {
	dir, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
