package spool

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

// The layout of a bbolt file's leaves, as far as records are found by it.
const (
	olderSign   = 0xED0CDAED // behind the head of a page that says where everything is; the first two are such
	pageHead    = 16
	elementSize = 16 // flags, where key and value are, their lengths
)

// isOlder reports whether a file begins as that of an older kaisen.
func isOlder(file io.ReaderAt) bool {
	for i := range int64(2) {
		word := make([]byte, 4)
		if _, err := file.ReadAt(word, i*int64(os.Getpagesize())+pageHead); err == nil && binary.NativeEndian.Uint32(word) == olderSign {
			return true
		}
	}
	return false
}

// isOlderUsed reports whether an older kaisen has its file open.
func isOlderUsed(path string) bool {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() { _ = recover() }()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: time.Millisecond})
	if err != nil {
		return errors.Is(err, bbolterrors.ErrTimeout)
	}
	_ = db.Close()
	return false
}

// salvageOlder finds the records in a damaged file of an older kaisen. It does not follow the file's tree, of which one page
// leads to thousands of batches.
func salvageOlder(file io.ReaderAt, size int64, do func(record []byte) error) error {
	all, err := findRecords(file, size)
	if err != nil {
		return err
	}
	for _, f := range all {
		record := make([]byte, f.length)
		if _, err := file.ReadAt(record, f.at); err != nil {
			return err
		}
		if err := do(record); err != nil {
			return err
		}
	}
	return nil
}

// found is where a record lies in a damaged file.
type found struct {
	number uint64
	at     int64
	length int
	sum    uint32
}

// findRecords looks for the elements of leaves that are records: for what their heads have in common, a key of eight bytes.
func findRecords(file io.ReaderAt, size int64) ([]found, error) {
	const step = 1 << 20
	sign := binary.NativeEndian.AppendUint32(nil, 8) // the length of the key
	chunk := make([]byte, step+elementSize)
	var all []found
	for start := int64(0); start < size; start += step {
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
			if f, ok := recordAt(file, size, start+int64(i)-8); ok {
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
	return found{binary.BigEndian.Uint64(begin), key + 8, int(length), binary.BigEndian.Uint32(record[14:])}, true
}
