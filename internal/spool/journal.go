package spool

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/prometheus/tsdb/fileutil"
)

const (
	segmentMark = ".log"     // behind the number in the name of a segment
	lockMark    = ".lock"    // of the file that is locked by the process that uses the spool
	reserveMark = ".reserve" // of the file that is given up when the disk is full
	draftMark   = ".draft"   // of what replaces segments, while it is written

	segmentBytes = 8 << 20 // of which a new segment is begun
	reserve      = 64 << 10
	lockMaxWait  = 2 * time.Second // how long another kaisen may take to let go of the spool
)

// disk is how files are opened and made safe: what tests exchange.
type disk struct {
	open   func(name string, flag int, perm fs.FileMode) (*os.File, error)
	noSync bool
}

// journal is the segments of a spool. Only the last one grows; others are removed whole, or replaced.
type journal struct {
	path     string // of all files, as far as their names are alike
	each     int64  // bytes of which a segment is full
	disk     disk
	log      *slog.Logger
	lock     fileutil.Releaser
	segments []*segment
	next     uint64          // number of the next segment
	onDisk   state           // of the newest frame
	highest  uint64          // number of all frames
	aside    map[uint64]bool // numbers of the records that are kept aside
	torn     error           // why the last segment may have more bytes than frames; nil: it has not
	reserved bool            // the reserve is there
}

// openJournal locks the spool at path and opens its segments. Load reads them.
func openJournal(path string, max int, d disk, log *slog.Logger) (*journal, error) {
	j := &journal{path: path, each: segmentBytes, disk: d, log: log, aside: map[uint64]bool{}}
	if max > 0 {
		j.each = int64(min(segmentBytes, max/32))
	}
	err := os.MkdirAll(filepath.Dir(path), 0o700) // rows hold personal data
	if err == nil {
		err = j.takeLock()
	}
	if err == nil {
		err = j.find()
	}
	if err != nil {
		return nil, j.explain(errors.Join(err, j.close()))
	}
	return j, nil
}

// find opens the segments that are there, oldest first.
func (j *journal) find() error {
	if err := j.endDrafts(); err != nil {
		return err
	}
	names, err := filepath.Glob(j.path + ".*" + segmentMark)
	if err != nil {
		return err
	}
	for _, name := range names {
		seq, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimPrefix(name, j.path+"."), segmentMark), 10, 64)
		if err != nil {
			continue // somebody else's
		}
		s := &segment{seq: seq, path: name}
		j.segments = append(j.segments, s)
		if err := s.open(j.disk); err != nil {
			return err
		}
		info, err := s.file.Stat()
		if err != nil {
			return err
		}
		s.size = info.Size()
	}
	slices.SortFunc(j.segments, func(a, b *segment) int { return cmp.Compare(a.seq, b.seq) })
	if n := len(j.segments); n > 0 {
		j.next = j.segments[n-1].seq
	}
	j.next++
	return nil
}

// append writes a frame behind all others. It is on disk when append returns nil; after an error nothing of it is read again.
func (j *journal) append(f frame) error {
	s, err := j.active()
	if err != nil {
		return j.failed(err)
	}
	b := f.bytes()
	if _, err = s.file.WriteAt(b, s.size); err == nil {
		err = j.disk.sync(s.file)
	}
	if err != nil {
		j.torn = err
		_ = j.mend(s)
		return j.failed(err)
	}
	s.size += int64(len(b))
	j.onDisk = f.state
	j.note(s, f)
	return nil
}

// note learns what a frame says of numbers.
func (j *journal) note(s *segment, f frame) {
	if f.kind == frameRows || f.kind == frameAside {
		j.highest = max(j.highest, f.number)
	}
	switch f.kind {
	case frameRows:
		s.last = max(s.last, f.number)
		delete(j.aside, f.ref)
	case frameAside:
		j.aside[f.number] = true
	case frameRetried:
		delete(j.aside, f.number)
	}
}

// mend takes away what a failure has left behind the last frame.
func (j *journal) mend(s *segment) error {
	if j.torn == nil {
		return nil
	}
	if err := s.file.Truncate(s.size); err != nil {
		return fmt.Errorf("%w; %w", j.torn, err)
	}
	j.torn = nil
	return nil
}

// active is the segment to write to.
func (j *journal) active() (*segment, error) {
	if n := len(j.segments); n > 0 {
		s := j.segments[n-1]
		if err := j.mend(s); err != nil {
			return nil, err
		}
		if s.size < j.each && s.seq == j.next-1 {
			return s, nil
		}
	}
	return j.begin()
}

// begin begins a segment.
func (j *journal) begin() (*segment, error) {
	s := &segment{seq: j.next, path: j.name(j.next)}
	var err error
	if s.file, err = j.disk.open(s.path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600); err == nil {
		err = j.syncFolder()
	}
	if err != nil {
		return nil, err
	}
	j.segments = append(j.segments, s)
	j.next++
	return s, nil
}

// name is that of the segment of a number.
func (j *journal) name(seq uint64) string { return fmt.Sprintf("%s.%08d%s", j.path, seq, segmentMark) }

// seal ends the last segment: what comes is written to another.
func (j *journal) seal() error {
	if n := len(j.segments); n > 0 {
		if err := j.mend(j.segments[n-1]); err != nil {
			return j.failed(err)
		}
	}
	j.next++
	return nil
}

// drop removes the segments whose records the store has, as far as that is on disk. Records that are kept aside move on.
func (j *journal) drop() error {
	for len(j.segments) > 0 {
		s := j.segments[0]
		if s.last > j.onDisk.delivered || len(j.segments) == 1 && s.seq == j.next-1 && s.size < min(j.each, 1<<20) {
			return nil
		}
		if len(j.segments) == 1 {
			if err := j.seal(); err != nil {
				return err
			}
			if err := j.append(frame{state: j.onDisk}); err != nil {
				return err
			}
		}
		for frames := s.scan(0); len(j.aside) > 0 && frames.next(); {
			if f := frames.frame; f.kind == frameAside && j.aside[f.number] {
				f.state = j.onDisk
				if err := j.append(f); err != nil {
					return err
				}
			}
		}
		j.segments = j.segments[1:]
		if err := errors.Join(s.file.Close(), os.Remove(s.path)); err != nil {
			j.log.Warn("a part of the spool that is delivered could not be removed", "file", s.path, "error", err)
		}
	}
	return nil
}

// bytes is the size of all segments.
func (j *journal) bytes() int {
	all := int64(0)
	for _, s := range j.segments {
		all += s.size
	}
	return int(all)
}

// close lets the spool go.
func (j *journal) close() (err error) {
	for _, s := range j.segments {
		if s.file != nil {
			err = errors.Join(err, s.file.Close())
		}
	}
	if j.lock != nil {
		err = errors.Join(err, j.lock.Release())
	}
	return err
}

// remove removes all files, but for the lock: another may wait for it.
func (j *journal) remove() (err error) {
	_ = os.Remove(j.path + reserveMark)
	for _, s := range j.segments {
		err = errors.Join(err, s.file.Close(), os.Remove(s.path))
	}
	j.segments = nil
	return err
}
