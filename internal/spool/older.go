package spool

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

// Before the first release a spool was one bbolt file. What is in it is read once.
const (
	olderMark    = ".db"
	importedMark = ".imported" // instead of it, while the drafts of what was in it become segments

	bucketWaiting    = "waiting" // records that the store has not taken, by number
	bucketQuarantine = "aside"   // records that nothing could be done with
	bucketState      = "state"
	keyDelivery      = "delivery" // the delivery under way: number of its last record, rows of it that are done
)

// importOlder moves what an older kaisen left into segments behind those that are there, with the numbers that it had, so that
// the delivery that was under way goes on as it was. As long as its file has its name they are drafts.
func (j *journal) importOlder() error {
	path := j.path + olderMark
	switch err := j.draftOlder(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.Is(err, bbolterrors.ErrTimeout):
		return errInUse
	case isOlderDamaged(err):
		name := path + corruptMark + time.Now().Format(corruptTime)
		j.log.Error("the spool of an older kaisen is damaged; it is moved aside, and the rows in it are not sent: kaisen spool recover sends what can be read of them", "moved_to", name, "error", err)
		return errors.Join(os.Rename(path, name), j.endDrafts())
	case err != nil:
		return err
	}
	if err := errors.Join(j.syncFolder(), os.Rename(path, j.path+importedMark), j.syncFolder()); err != nil {
		return err
	}
	for _, s := range j.segments {
		_ = s.file.Close()
	}
	j.segments, j.highest, j.onDisk = nil, 0, state{}
	clear(j.aside)
	if err := j.find(); err != nil {
		return err
	}
	return j.load()
}

// endDrafts makes segments of the drafts of an import that is done, and removes those that something else has left.
func (j *journal) endDrafts() error {
	drafts, _ := filepath.Glob(j.path + ".*" + draftMark)
	_, undone := os.Stat(j.path + importedMark)
	if undone != nil && !errors.Is(undone, fs.ErrNotExist) { // drafts may be all that there is of the rows
		return undone
	}
	for _, draft := range drafts {
		if undone != nil || !strings.HasSuffix(draft, segmentMark+draftMark) {
			_ = os.Remove(draft)
		} else if err := os.Rename(draft, strings.TrimSuffix(draft, draftMark)); err != nil {
			return err
		}
	}
	if undone != nil {
		return nil
	}
	return errors.Join(j.syncFolder(), os.Remove(j.path+importedMark))
}

// draftOlder writes what is in a bbolt file to drafts of segments.
func (j *journal) draftOlder(path string) error {
	behind, now, seq := j.highest, j.onDisk, j.next
	var frames []frame
	size := int64(0)
	write := func() (err error) {
		_, err = j.draft(j.name(seq)+draftMark, now, frames)
		seq, size, frames = seq+1, 0, nil
		return err
	}
	if err := readOlder(path, j.disk, func(f frame, under checkpoint) error {
		if behind == 0 {
			now.under = under
		}
		f.number, f.record = f.number+behind, slices.Clone(f.record)
		frames = append(frames, f)
		if size += int64(len(f.record)); size < j.each {
			return nil
		}
		return write()
	}); err != nil || len(frames) == 0 {
		return err
	}
	return write()
}

// readOlder reads the records of a bbolt file: all fails that is not as it should be.
func readOlder(path string, d disk, do func(f frame, under checkpoint) error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // bbolt reads through a memory map, and has no checksums for its pages
	defer func() {
		if trouble := recover(); trouble != nil {
			err = fmt.Errorf("%w: %v", errDamaged, trouble)
		}
	}()
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Size() < 4*int64(os.Getpagesize()) { // bbolt makes four at once
		return fmt.Errorf("%w: %d bytes", errDamaged, info.Size())
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: lockMaxWait, OpenFile: d.open})
	if err != nil {
		return err
	}
	defer db.Close()
	return db.View(func(tx *bbolt.Tx) error {
		var under checkpoint
		if state := tx.Bucket([]byte(bucketState)); state != nil {
			if value := state.Get([]byte(keyDelivery)); len(value) == 16 {
				under = checkpoint{binary.BigEndian.Uint64(value), int(binary.BigEndian.Uint64(value[8:]))}
			}
		}
		for _, b := range []struct {
			name string
			kind byte
		}{{bucketQuarantine, frameAside}, {bucketWaiting, frameRows}} {
			bucket, last := tx.Bucket([]byte(b.name)), uint64(0)
			if bucket == nil {
				continue // its kaisen ended before it was made
			}
			if err := bucket.ForEach(func(key, record []byte) error {
				if len(key) != 8 || binary.BigEndian.Uint64(key) <= last {
					return fmt.Errorf("%w: keys of bucket %s", errDamaged, b.name)
				}
				last = binary.BigEndian.Uint64(key)
				return do(frame{kind: b.kind, number: last, record: record}, under)
			}); err != nil {
				return err
			}
		}
		return nil
	})
}

func isOlderDamaged(err error) bool {
	for _, damage := range []error{errDamaged, bbolterrors.ErrInvalid, bbolterrors.ErrChecksum, bbolterrors.ErrVersionMismatch} {
		if errors.Is(err, damage) {
			return true
		}
	}
	return false
}
