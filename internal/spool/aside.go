package spool

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
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
		type where struct{ segment, bytes int }
		own, aside := make([]Aside, len(segments)), map[uint64]where{}
		for i, path := range segments {
			own[i].Path = path
			if err := framesOf(path, func(f frame) error {
				switch f.kind {
				case frameAside:
					aside[f.number] = where{i, len(f.record)}
				case frameRows:
					delete(aside, f.ref)
				case frameRetried:
					delete(aside, f.number)
				}
				return nil
			}); err != nil {
				return nil, err
			}
		}
		for _, w := range aside {
			own[w.segment].Batches++
			own[w.segment].Bytes += w.bytes
		}
		all = append(all, slices.DeleteFunc(own, func(one Aside) bool { return one.Batches == 0 })...)
	}
	return all, nil
}

// framesOf goes through the frames of a segment, if it is there still.
func framesOf(path string, do func(f frame) error) error {
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
	for frames := (&scan{file: file, size: info.Size()}); frames.next(); {
		if err := do(frames.frame); err != nil {
			return err
		}
	}
	return nil
}
