package spool

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/prometheus/prometheus/tsdb/fileutil"
)

// found is a record in a damaged file of an older kaisen, and its number.
type found struct {
	number uint64
	record []byte
}

// salvageOlder finds the records in a damaged file of an older kaisen. It does not follow the file's tree, of which one page
// leads to thousands of batches, but looks for the elements of leaves: for what the heads of records' have in common, a key of
// eight bytes. Of one that is there several times, as bbolt leaves them, it takes one.
func salvageOlder(path string, do func(record []byte) error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // of a disk that cannot be read
	defer func() {
		if trouble := recover(); trouble != nil {
			err = fmt.Errorf("%w: %v", errDamaged, trouble)
		}
	}()
	file, err := fileutil.OpenMmapFile(path)
	if err != nil {
		return err
	}
	defer file.Close()
	var all []found
	key := binary.NativeEndian.AppendUint32(nil, 8) // its length
	for b, at := file.Bytes(), 0; ; at++ {
		next := bytes.Index(b[at:], key)
		if next < 0 {
			break
		}
		at += next
		if f, ok := recordAt(b, at-8); ok {
			all = append(all, f)
		}
	}
	slices.SortStableFunc(all, func(a, b found) int {
		return cmp.Or(cmp.Compare(a.number, b.number), bytes.Compare(a.record, b.record))
	})
	for i, f := range all {
		if i > 0 && f.number == all[i-1].number && bytes.Equal(f.record, all[i-1].record) {
			continue
		}
		if err := do(f.record); err != nil {
			return err
		}
	}
	return nil
}

// recordAt is the record whose element begins at a place, if that is one: flags 0, where key and value are, their lengths;
// and there a number and the head of a record.
func recordAt(b []byte, at int) (f found, ok bool) {
	const elementBytes = 16
	if at < 0 || at+elementBytes > len(b) {
		return f, false
	}
	word := func(i int) int { return int(binary.NativeEndian.Uint32(b[at+4*i:])) }
	key, length := at+word(1), word(3)
	if word(0) != 0 || word(1) < elementBytes || length < headBytes || key+8+length > len(b) {
		return f, false
	}
	f = found{binary.BigEndian.Uint64(b[key:]), b[key+8 : key+8+length]}
	return f, f.record[0] > 0 && f.record[0] <= recordFormat+10 && f.record[1] <= packed+10 && f.number>>63 == 0
}
