package spool

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"kaisen/schema"
)

// Salvaged is what a damaged file still had.
type Salvaged struct {
	Batches, Rows int // that were read and handed on
	Unreadable    int // batches that were found and cannot be read
	Later         int // batches that a later kaisen wrote, which can read them
}

// DamagedFiles are the files in a folder that were moved aside because they are damaged, by name.
func DamagedFiles(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("spool: %w", err)
	}
	var files []string
	for _, entry := range entries {
		if strings.Contains(entry.Name(), corruptMark) {
			files = append(files, filepath.Join(dir, entry.Name()))
		}
	}
	return files, nil
}

// Recovered gives a damaged file another name, so that it is no longer one of DamagedFiles, and returns that. A file of any
// other name keeps it.
func Recovered(path string) (string, error) {
	name := strings.Replace(filepath.Base(path), corruptMark, doneMark, 1)
	to := filepath.Join(filepath.Dir(path), name)
	if to == path {
		return path, nil
	}
	return to, os.Rename(path, to)
}

// ErrNoSpool says that a file has nothing of a spool in it.
var ErrNoSpool = errors.New("no spool: nothing in it is one's")

// errInUse says that a spool needs nobody to read it.
var errInUse = errors.New("a running kaisen has this spool open and stores what is in it")

// Salvage reads the batches that can still be read from a damaged file, in the order in which they were accepted, and hands
// each to do, whose error ends it. The file is not changed. Batches that were delivered already may be among them.
//
// It does not follow the file's tree, of which one page leads to thousands of batches: it looks for batches wherever they
// lie, each of which has a checksum of its own. A file that has none fails with ErrNoSpool, unless the file begins as one or
// by its name was moved aside: a disk may have left nothing.
func Salvage(path string, tables []schema.Table, do func(b *schema.Batch) error) (all Salvaged, err error) {
	file, err := os.Open(path)
	if err != nil {
		return all, err
	}
	defer file.Close()
	if inUse(path) {
		return all, errInUse
	}
	codec := newCodec(tables...)
	found, err := findRecords(file)
	if err == nil && len(found) == 0 && !wasMovedAside(path) && !beginsAsSpool(file) {
		err = ErrNoSpool
	}
	if err != nil {
		return all, err
	}
	for _, f := range found {
		record := make([]byte, f.length)
		if _, err := file.ReadAt(record, f.at); err != nil {
			return all, err
		}
		batch, err := codec.decode(record)
		switch {
		case errors.Is(err, errLater):
			all.Later++
			continue
		case err != nil:
			all.Unreadable++
			continue
		}
		if err := do(&batch); err != nil {
			return all, err
		}
		all.Batches++
		all.Rows += batch.Rows()
	}
	return all, nil
}

// wasMovedAside reports whether a file has a name that only damaged spools get.
func wasMovedAside(path string) bool {
	name := filepath.Base(path)
	return strings.Contains(name, corruptMark) || strings.Contains(name, doneMark)
}

// beginsAsSpool reports whether one of the pages is whole that a file begins with.
func beginsAsSpool(file io.ReaderAt) bool {
	m, _, err := newestMeta(file, os.Getpagesize())
	return err == nil && m != meta{}
}

// found is where a record lies in a damaged file.
type found struct {
	number uint64
	at     int64
	length int
	sum    uint32
}

// findRecords looks for the elements of leaves that are records: for what their heads have in common, a key of eight bytes.
func findRecords(file *os.File) ([]found, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	const step = 1 << 20
	live := livePages(file, info.Size())
	sign := binary.NativeEndian.AppendUint32(nil, 8) // the length of the key
	chunk := make([]byte, step+elementSize)
	var all []found
	for start := int64(0); start < info.Size(); start += step {
		n, err := file.ReadAt(chunk, start)
		if err != nil && err != io.EOF {
			return nil, err
		}
		for i := 0; ; i++ {
			next := bytes.Index(chunk[i:n], sign)
			if next < 0 {
				break
			}
			if i += next; i < 8 && start > 0 || i >= step+8 { // its head begins in another chunk
				continue
			}
			if f, ok := recordAt(file, info.Size(), start+int64(i)-8); ok && live(start+int64(i)-8) {
				all = append(all, f)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b found) int {
		return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.sum, b.sum), cmp.Compare(a.length, b.length))
	})
	return slices.CompactFunc(all, func(a, b found) bool { return a.number == b.number && a.sum == b.sum && a.length == b.length }), nil
}

// recordAt is the record whose element begins at a place, if that is one: flags 0, where key and value are, their lengths;
// and there a number and the head of a record.
func recordAt(file io.ReaderAt, size, at int64) (found, bool) {
	element := make([]byte, elementSize)
	if _, err := file.ReadAt(element, max(0, at)); err != nil || at < 0 {
		return found{}, false
	}
	word := func(i int) int64 { return int64(binary.NativeEndian.Uint32(element[4*i:])) }
	key, length := at+word(1), word(3)
	if word(0) != 0 || word(1) < elementSize || word(2) != 8 || length < headBytes || key+8+length > size {
		return found{}, false
	}
	begin := make([]byte, 8+headBytes)
	if _, err := file.ReadAt(begin, key); err != nil {
		return found{}, false
	}
	record := begin[8:]
	if record[0] == 0 || record[0] > recordFormat+10 || record[1] > packed+10 || begin[0] > 0x7f {
		return found{}, false
	}
	return found{numberOf(begin[:8]), key + 8, int(length), binary.BigEndian.Uint32(record[14:])}, true
}

// livePages reports of a place in the file whether what lies there may wait for the store. Pages that are free still have
// what was delivered long ago. Where the file does not say for sure which those are, none is.
func livePages(file io.ReaderAt, size int64) func(at int64) bool {
	everywhere := func(int64) bool { return true }
	pageSize := int64(os.Getpagesize())
	m, both, err := newestMeta(file, int(pageSize))
	if err != nil || !both || m.end > uint64(size/pageSize) {
		return everywhere
	}
	v := &verifier{file: file, pageSize: int(pageSize), known: make([]bool, m.end)}
	if guard(func() error { return v.bucket(m.root, "") }) == nil {
		return func(at int64) bool { return at/pageSize < int64(m.end) && v.known[at/pageSize] }
	}
	free := &verifier{file: file, pageSize: int(pageSize), known: make([]bool, m.end)}
	if guard(func() error { return free.freelist(m.freelist) }) != nil {
		return everywhere
	}
	return func(at int64) bool { return at/pageSize >= int64(m.end) || !free.known[at/pageSize] }
}
