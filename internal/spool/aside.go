package spool

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Aside is batches in a file of a spool that cannot be used and are kept aside there.
type Aside struct {
	Path           string
	Batches, Bytes int
}

// KeptAside are the batches that are kept aside in the spools of a folder, by file. A service may be using them: files that it
// removes meanwhile have none, because it moves what is aside on to another.
func KeptAside(dir string) (all []Aside, err error) {
	names, err := Names(dir)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		segments, err := filepath.Glob(filepath.Join(dir, name+".*"+segmentMark)) // in the order of their numbers
		if err != nil {
			return nil, err
		}
		own, err := asideIn(segments)
		if err != nil {
			return nil, err
		}
		all = append(all, own...)
	}
	return all, nil
}

// asideIn is what is kept aside in the segments of one spool.
func asideIn(segments []string) (all []Aside, err error) {
	type where struct{ segment, bytes int }
	aside := map[uint64]where{}
	for i, path := range segments {
		if err := framesOf(path, func(f frame) {
			switch f.kind {
			case frameAside:
				aside[f.number] = where{i, len(f.record)}
			case frameRows:
				delete(aside, f.ref)
			case frameRetried:
				delete(aside, f.number)
			}
		}); err != nil {
			return nil, err
		}
	}
	for i, path := range segments {
		one := Aside{Path: path}
		for _, w := range aside {
			if w.segment == i {
				one.Batches++
				one.Bytes += w.bytes
			}
		}
		if one.Batches > 0 {
			all = append(all, one)
		}
	}
	return all, nil
}

// framesOf goes through the frames of a segment, if it is there still.
func framesOf(path string, do func(f frame)) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	_, _, err = eachFrame(file, 0, info.Size(), func(f frame, _ int64) error {
		do(f)
		return nil
	})
	return err
}
