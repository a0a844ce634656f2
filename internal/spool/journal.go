package spool

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
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

var errInUse = errors.New("a running kaisen has this spool open and stores what is in it")

// takeLock waits a little for a process that is about to end.
func (j *journal) takeLock() (err error) {
	file, err := j.disk.open(j.path+lockMark, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_ = file.Close()
	for deadline := time.Now().Add(lockMaxWait); ; time.Sleep(20 * time.Millisecond) {
		if j.lock, err = lock(j.path); err == nil || !time.Now().Before(deadline) {
			return err
		}
	}
}

// lock takes the lock of a spool, if nobody has it.
func lock(path string) (fileutil.Releaser, error) {
	held, _, err := fileutil.Flock(path + lockMark)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errInUse, err)
	}
	return held, nil
}

// find opens the segments that are there, oldest first.
func (j *journal) find() error {
	drafts, _ := filepath.Glob(j.path + ".*" + draftMark)
	for _, left := range drafts { // by a crash
		_ = os.Remove(left)
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
	if _, err = s.file.WriteAt(b, s.size); err == nil && !j.disk.noSync {
		err = s.file.Sync()
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
	s := &segment{seq: j.next, path: fmt.Sprintf("%s.%08d%s", j.path, j.next, segmentMark)}
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
		if len(j.aside) > 0 {
			if _, _, err := s.each(0, func(f frame, _ int64) error {
				if f.kind != frameAside || !j.aside[f.number] {
					return nil
				}
				f.state = j.onDisk
				return j.append(f)
			}); err != nil {
				return j.failed(err)
			}
		}
		j.segments = j.segments[1:]
		if err := errors.Join(s.file.Close(), os.Remove(s.path)); err != nil {
			j.log.Warn("a part of the spool that is delivered could not be removed", "file", s.path, "error", err)
		}
	}
	return nil
}

// replace puts frames in the place of segments that follow one another.
func (j *journal) replace(old []*segment, frames []frame) error {
	s := *old[len(old)-1]
	s.size, s.last = 0, 0
	frames = append([]frame{{kind: frameRewritten, number: old[0].seq}}, frames...)
	if err := j.draft(frames, &s); err != nil {
		_ = os.Remove(j.draftPath())
		return j.failed(err)
	}
	for _, o := range old { // Windows replaces no open file
		_ = o.file.Close()
	}
	if err := os.Rename(j.draftPath(), s.path); err != nil {
		for _, o := range old {
			err = errors.Join(err, o.open(j.disk))
		}
		return j.failed(err)
	}
	err := errors.Join(s.open(j.disk), j.syncFolder())
	for _, f := range frames {
		j.note(&s, f)
	}
	at := slices.Index(j.segments, old[0])
	j.segments = slices.Replace(j.segments, at, at+len(old), &s)
	for _, o := range old[:len(old)-1] {
		err = errors.Join(err, os.Remove(o.path))
	}
	return j.failed(err)
}

// draft writes frames to a file that takes another's place by its name.
func (j *journal) draft(frames []frame, s *segment) error {
	file, err := j.disk.open(j.draftPath(), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	for _, f := range frames {
		f.state = j.onDisk
		n, err := file.Write(f.bytes())
		if s.size += int64(n); err != nil {
			return errors.Join(err, file.Close())
		}
	}
	if !j.disk.noSync {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

func (j *journal) draftPath() string { return j.path + ".new" + draftMark }

// provide sees to it that the reserve is there: that what waits can be delivered, which takes a little room, although the disk
// has become full.
func (j *journal) provide() error {
	if j.reserved {
		return nil
	}
	if info, err := os.Stat(j.path + reserveMark); err != nil || info.Size() != reserve {
		file, err := j.disk.open(j.path+reserveMark, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return j.failed(err)
		}
		if _, err = file.Write(make([]byte, reserve)); err == nil && !j.disk.noSync {
			err = file.Sync()
		}
		if err = errors.Join(err, file.Close()); err != nil {
			return j.failed(err)
		}
	}
	j.reserved = true
	return nil
}

// press is append for what must come onto a disk that is full: it gives up the reserve.
func (j *journal) press(f frame) error {
	err := j.append(f)
	if !errors.Is(err, syscall.ENOSPC) && !errors.Is(err, syscall.EFBIG) && !errors.Is(err, syscall.EDQUOT) {
		return err
	}
	_ = os.Remove(j.path + reserveMark)
	j.reserved = false
	if err := j.seal(); err != nil {
		return err
	}
	return j.append(f)
}

// bytes is the size of all segments.
func (j *journal) bytes() int {
	all := int64(0)
	for _, s := range j.segments {
		all += s.size
	}
	return int(all)
}

var errEnough = errors.New("enough")

// place is where reading goes on.
type place struct {
	seq uint64
	at  int64
}

// records goes through the records that wait, from a place on, until do is false; it returns the place behind the last for
// which do was true. Those that the store has are left out.
func (j *journal) records(from place, delivered uint64, do func(number uint64, record []byte) bool) (place, error) {
	for _, s := range j.segments {
		if s.seq < from.seq || s.last <= delivered {
			continue
		}
		if s.seq > from.seq {
			from = place{seq: s.seq}
		}
		_, _, err := s.each(from.at, func(f frame, end int64) error {
			if f.kind == frameRows && f.number > delivered && !do(f.number, f.record) {
				return errEnough
			}
			from.at = end
			return nil
		})
		if errors.Is(err, errEnough) {
			return from, nil
		}
		if err != nil {
			return from, j.failed(err)
		}
	}
	return from, nil
}

// remade writes the segments again where they have been removed from their folder: what is removed lives only as long as this
// process. It reports whether there was need to.
func (j *journal) remade() (gone bool, err error) {
	for _, s := range j.segments {
		if _, err := os.Stat(s.path); err == nil {
			continue
		}
		gone = true
		if err := j.remake(s); err != nil {
			return true, j.failed(err)
		}
	}
	if !gone {
		return false, nil
	}
	j.reserved = false
	_ = j.lock.Release()
	if j.lock, err = lock(j.path); err != nil {
		return true, j.failed(err)
	}
	return true, j.syncFolder()
}

func (j *journal) remake(s *segment) error {
	if err := os.MkdirAll(filepath.Dir(j.path), 0o700); err != nil {
		return err
	}
	file, err := j.disk.open(s.path+draftMark, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if _, err = io.Copy(file, io.NewSectionReader(s.file, 0, s.size)); err == nil && !j.disk.noSync {
		err = file.Sync()
	}
	if err == nil {
		err = os.Rename(s.path+draftMark, s.path)
	}
	if err != nil {
		return errors.Join(err, file.Close())
	}
	old := s.file
	s.file = file
	return old.Close()
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

// syncFolder makes the names in the folder safe.
func (j *journal) syncFolder() error {
	if j.disk.noSync {
		return nil
	}
	dir, err := fileutil.OpenDir(filepath.Dir(j.path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
