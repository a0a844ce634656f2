package labels

import (
	"context"
	"fmt"
	"os"
	"time"

	"kaisen/internal/wait"
)

// lookEvery is how often a file is looked at for a change.
const lookEvery = 10 * time.Second

// File is a labels file that may change.
type File struct {
	path string
	read stamp // as it was read last
}

// stamp tells one state of a file from another. Editors write a new file and rename it, which the number tells, or write into
// the old one; and a copy may keep the time of what it was made from.
type stamp struct {
	info os.FileInfo
}

func (s stamp) same(now os.FileInfo) bool {
	return s.info != nil && os.SameFile(s.info, now) && s.info.Size() == now.Size() && s.info.ModTime().Equal(now.ModTime())
}

// NewFile makes a File that has not been read.
func NewFile(path string) *File { return &File{path: path} }

// Read reads the file. What it says of single rows is in Labels.Mistakes.
func (f *File) Read() (Labels, error) {
	file, err := os.Open(f.path)
	if err != nil {
		return Labels{}, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return Labels{}, err
	}
	f.read = stamp{info}
	all, err := Parse(file)
	if err != nil {
		return Labels{}, fmt.Errorf("%s: %w", f.path, err)
	}
	return all, nil
}

// looksAway is how many looks in a row must find no file before it is away: one may fall between the two steps of a replacement.
const looksAway = 2

// Watch calls changed, which reads the file, whenever that is another than was read last, once it has been away for two looks, and
// when it is there again after that; until ctx ends.
func (f *File) Watch(ctx context.Context, changed func()) {
	missed := 0
	for wait.For(ctx, lookEvery) == nil {
		info, err := os.Stat(f.path)
		if err != nil {
			if missed++; missed == looksAway {
				changed()
			}
			continue
		}
		if missed >= looksAway || !f.read.same(info) {
			changed()
		}
		missed = 0
	}
}
