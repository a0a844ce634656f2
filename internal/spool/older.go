package spool

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc64"
	"io/fs"
	"os"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

// Before the first release a spool was one bbolt file. What is in it is read once.
const (
	olderMark = ".db"

	bucketWaiting    = "waiting" // records that the store has not taken, by number
	bucketQuarantine = "aside"   // records that nothing could be done with
	bucketState      = "state"
	keyDelivery      = "delivery" // the delivery under way: number of its last record, rows of it that are done
)

// importOlder moves what an older kaisen left into segments of its own, with the numbers that it had, so that the delivery that
// was under way goes on as it was. Then the file is removed; if that did not come about, all is done once more.
func (j *journal) importOlder() error {
	path := j.path + olderMark
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return j.load()
	}
	if err != nil {
		return err
	}
	mark := frame{kind: frameImported, ref: crc64.Checksum(fmt.Append(nil, info.ModTime().UnixNano(), info.Size()), crc64.MakeTable(crc64.ECMA))}
	if err := j.forget(mark.ref); err != nil {
		return err
	}
	if err := j.load(); err != nil {
		return err
	}
	first := j.next
	err = j.copyOlder(path, mark)
	switch {
	case errors.Is(err, bbolterrors.ErrTimeout):
		return errInUse
	case isOlderDamaged(err):
		if forgotten := j.forget(mark.ref); forgotten != nil {
			return forgotten
		}
		name := path + corruptMark + time.Now().Format(corruptTime)
		if err := os.Rename(path, name); err != nil {
			return err
		}
		j.log.Error("the spool of an older kaisen is damaged; it is moved aside, and the rows in it are not sent: kaisen spool recover sends what can be read of them", "moved_to", name, "error", err)
		return nil
	case err != nil:
		return err
	}
	for _, s := range j.segments {
		if s.seq >= first && !j.disk.noSync {
			err = errors.Join(err, s.file.Sync())
		}
	}
	if err = errors.Join(err, j.syncFolder()); err == nil {
		err = os.Remove(path)
	}
	return errors.Join(err, j.syncFolder())
}

// forget removes the segments that an earlier import of a file has made.
func (j *journal) forget(ref uint64) error {
	var kept []*segment
	for _, s := range j.segments {
		head := make([]byte, frameHead)
		readAll(s.file, head, 0)
		if f, n := parseFrame(head); n == 0 || f.kind != frameImported || f.ref != ref {
			kept = append(kept, s)
		} else if err := errors.Join(s.file.Close(), os.Remove(s.path)); err != nil {
			return err
		}
	}
	j.segments, j.highest, j.onDisk = kept, 0, state{}
	clear(j.aside)
	return nil
}

// copyOlder appends what is in a bbolt file, in segments that begin with a mark. They are not made safe.
func (j *journal) copyOlder(path string, mark frame) error {
	safe := j.disk.noSync
	j.disk.noSync = true
	defer func() { j.disk.noSync = safe }()
	behind, now := j.highest, j.onDisk
	fresh := true // the next frame begins a segment
	return readOlder(path, j.disk, func(f frame, under checkpoint) error {
		if behind == 0 {
			now.under = under
		}
		if n := len(j.segments); fresh || j.segments[n-1].size >= j.each {
			if err := j.seal(); err != nil {
				return err
			}
			mark.state, fresh = now, false
			if err := j.append(mark); err != nil {
				return err
			}
		}
		f.number, f.state = f.number+behind, now
		return j.append(f)
	})
}

// readOlder reads the records of a bbolt file: all fails that is not as it should be.
func readOlder(path string, d disk, do func(f frame, under checkpoint) error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // bbolt reads through a memory map, and has no checksums for its pages
	defer func() {
		if trouble := recover(); trouble != nil {
			err = fmt.Errorf("%w: %v", errDamaged, trouble)
		}
	}()
	if info, err := os.Stat(path); err == nil && info.Size() < 4*int64(os.Getpagesize()) { // bbolt makes four at once
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
