package spool

import (
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/prometheus/prometheus/tsdb/fileutil"
)

// replace puts frames in the place of segments that follow one another.
func (j *journal) replace(old []*segment, frames []frame) error {
	s := *old[len(old)-1]
	s.last = 0
	frames = append([]frame{{kind: frameRewritten, number: old[0].seq}}, frames...)
	draft := j.path + ".new" + draftMark
	var err error
	if s.size, err = j.draft(draft, j.onDisk, frames); err != nil {
		_ = os.Remove(draft)
		return j.failed(err)
	}
	for _, o := range old { // Windows replaces no open file
		_ = o.file.Close()
	}
	if err := os.Rename(draft, s.path); err != nil {
		for _, o := range old {
			err = errors.Join(err, o.open(j.disk))
		}
		return j.failed(err)
	}
	err = errors.Join(s.open(j.disk), j.syncFolder())
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

// draft writes frames to a file that is to become a segment by its name.
func (j *journal) draft(path string, now state, frames []frame) (size int64, err error) {
	return j.disk.write(path, func(yield func([]byte) bool) {
		for _, f := range frames {
			if f.state = now; !yield(f.bytes()) {
				return
			}
		}
	})
}

// write makes a file anew of parts.
func (d disk) write(path string, parts iter.Seq[[]byte]) (size int64, err error) {
	file, err := d.open(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return 0, err
	}
	for b := range parts {
		n, err := file.Write(b)
		if size += int64(n); err != nil {
			return size, errors.Join(err, file.Close())
		}
	}
	return size, errors.Join(d.sync(file), file.Close())
}

// sync brings a file to the disk.
func (d disk) sync(file *os.File) error {
	if d.noSync {
		return nil
	}
	return file.Sync()
}

// remade writes the segments again where they have been removed from their folder: what is removed lives only as long as this
// process. It reports whether there was need to.
func (j *journal) remade() (gone bool, err error) {
	for _, s := range j.segments {
		switch _, err := os.Stat(s.path); {
		case err == nil:
			continue
		case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR): // who cannot look does not know that it is gone
			return gone, j.failed(err)
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
	if j.lock, err = lock(j.path + lockMark); err != nil {
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
	if _, err = io.Copy(file, io.NewSectionReader(s.file, 0, s.size)); err == nil {
		err = j.disk.sync(file)
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

// provide sees to it that the reserve is there: that what waits can be delivered, which takes a little room, although the disk
// has become full.
func (j *journal) provide() error {
	if j.reserved {
		return nil
	}
	if info, err := os.Stat(j.path + reserveMark); err != nil || info.Size() != reserve {
		if _, err := j.disk.write(j.path+reserveMark, slices.Values([][]byte{make([]byte, reserve)})); err != nil {
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
