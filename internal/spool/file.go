package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

// What is in the file. The keys of records are their numbers, in the order in which they were accepted.
const (
	bucketWaiting    = "waiting" // records that the store has not taken
	bucketQuarantine = "aside"   // records that nothing can be done with now; tried again at each start
	bucketState      = "state"   // the keys below

	keyFormat   = "format"   // of the file, one byte
	keyDelivery = "delivery" // the delivery under way: number of its last record, rows of it that are done
	keyBallast  = "ballast"  // what provide writes, for a moment
)

const (
	fileFormat  = 1
	lockMaxWait = 2 * time.Second   // how long another kaisen may take to let go of the file
	corruptMark = ".corrupt-"       // in the name of a file that was moved aside, before
	doneMark    = ".recovered-"     // instead of it, once all that can be read is stored
	corruptTime = "20060102T150405" // when that was
)

// disk is how files are opened and made safe: what tests exchange.
type disk struct {
	open   func(name string, flag int, perm fs.FileMode) (*os.File, error)
	noSync bool
}

// file is the bbolt file.
type file struct {
	path string
	max  int // bytes, 0 for no bound
	disk disk
	log  *slog.Logger
	db   *bbolt.DB
}

// openFile opens the file at path, or begins it. One that is damaged is moved aside, and a new one begun: what can
// still be read of it is for Salvage, when a person has it done, while lines have to be watched now.
func openFile(path string, max int, d disk, log *slog.Logger) (*file, error) {
	f := &file{path: path, max: max, disk: d, log: log}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil { // rows hold personal data
		return nil, f.explain(err)
	}
	_ = os.Remove(f.successor()) // left by a crash in the middle of shrink
	err := f.inspect()
	if err == nil {
		f.db, err = f.begin(path, prepare)
	}
	if isDamage(err) {
		if err = f.quarantine(err); err == nil {
			f.db, err = f.begin(path, prepare)
		}
	}
	if err != nil {
		return nil, f.explain(err)
	}
	return f, nil
}

// Exists reports whether there is a file that an outbox of this configuration would use.
func Exists(cfg Config) bool {
	_, err := os.Stat(cfg.path())
	return err == nil
}

// InUse reports whether a kaisen has the file open that an outbox of this configuration would use.
func InUse(cfg Config) bool { return Exists(cfg) && inUse(cfg.path()) }

// inUse reports whether a process has the file at path open for writing.
func inUse(path string) bool {
	err := guard(func() error {
		db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: time.Millisecond})
		if err != nil {
			return err
		}
		return db.Close()
	})
	return errors.Is(err, bbolterrors.ErrTimeout)
}

// quarantine keeps a damaged file under another name.
func (f *file) quarantine(damage error) error {
	name := f.path + corruptMark + time.Now().Format(corruptTime)
	if err := os.Rename(f.path, name); err != nil {
		return err
	}
	f.log.Error("the spool is damaged; it is moved aside, and the rows in it are not sent: kaisen spool recover sends what can be read of them", "moved_to", name, "error", damage)
	return nil
}

// inspect checks an existing file, under bbolt's lock: another kaisen that uses it would change it meanwhile.
func (f *file) inspect() error {
	info, err := os.Stat(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && info.Size() == 0:
		return nil
	case err == nil && info.Size() < 4*int64(os.Getpagesize()): // bbolt makes four at once
		return fmt.Errorf("%w: %d bytes", errDamaged, info.Size())
	}
	return guard(func() error {
		db, err := bbolt.Open(f.path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: lockMaxWait, OpenFile: f.disk.open})
		if err != nil {
			return err
		}
		defer db.Close()
		raw, err := os.Open(f.path)
		if err != nil {
			return err
		}
		defer raw.Close()
		return verify(raw, db.Info().PageSize)
	})
}

// begin opens a bbolt file for writing, and puts in it what has to be there.
func (f *file) begin(path string, prepare func(*bbolt.DB) error) (*bbolt.DB, error) {
	var db *bbolt.DB
	var opened *os.File
	err := guard(func() (err error) {
		// NoFreelistSync would save a page a change, and scan the file here, in a goroutine whose panic nobody catches.
		db, err = bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockMaxWait, FreelistType: bbolt.FreelistMapType,
			InitialMmapSize: f.max, MaxSize: f.bound(), NoSync: f.disk.noSync,
			OpenFile: func(name string, flag int, perm fs.FileMode) (*os.File, error) {
				opened, err = f.disk.open(name, flag, perm)
				return opened, err
			}})
		if err != nil {
			return err
		}
		db.AllocSize = growth
		return prepare(db)
	})
	if err == nil && !f.disk.noSync {
		err = syncFolder(filepath.Dir(path))
	}
	if err == nil && !isAt(opened, path) { // another kaisen shrank it while we waited for the lock
		err = bbolterrors.ErrTimeout
	}
	if err != nil && db != nil {
		_ = db.Close()
	}
	return db, err
}

// prepare makes the buckets. Where they are it writes nothing, for the disk may be full.
func prepare(db *bbolt.DB) error {
	made := false
	err := db.View(func(tx *bbolt.Tx) error {
		state := tx.Bucket([]byte(bucketState))
		if made = state != nil && state.Get([]byte(keyBallast)) == nil; !made {
			return nil
		}
		if format := state.Get([]byte(keyFormat)); len(format) != 1 || format[0] > fileFormat {
			return fmt.Errorf("format %v: %w; start that version again, or move the file away", format, errLater)
		}
		return nil
	})
	if made || err != nil {
		return err
	}
	return db.Update(makeBuckets)
}

func makeBuckets(tx *bbolt.Tx) error {
	for _, name := range []string{bucketWaiting, bucketQuarantine, bucketState} {
		if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
			return err
		}
	}
	state := tx.Bucket([]byte(bucketState))
	return errors.Join(state.Put([]byte(keyFormat), []byte{fileFormat}), state.Delete([]byte(keyBallast)))
}
