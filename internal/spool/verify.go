package spool

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"os"
)

// verifier checks what bbolt takes for granted, because it has no checksums for its pages: that they are what they
// are taken for, lie in the file, belong to one place, and hold their keys in order. Where they do not, bbolt may
// panic, run in circles or touch memory that is not there, in goroutines of its own too, and no error comes of it.
//
// It panics where a page points outside of itself; guard makes an error of that.
type verifier struct {
	file     io.ReaderAt
	pageSize int
	known    []bool // pages that have their place
}

// verify checks a file that bbolt has opened, which it does where one of its two meta pages is whole.
func verify(file *os.File, pageSize int) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	m, _, err := newestMeta(file, pageSize)
	if err != nil {
		return err
	}
	if m.end > uint64(info.Size())/uint64(pageSize) {
		return fmt.Errorf("%w: %d pages in %d bytes", errDamaged, m.end, info.Size())
	}
	v := &verifier{file: file, pageSize: pageSize, known: make([]bool, m.end)}
	v.known[0], v.known[1] = true, true
	if err := v.bucket(m.root, ""); err != nil {
		return err
	}
	if err := v.freelist(m.freelist); err != nil {
		return err
	}
	for id, known := range v.known {
		if !known {
			return fmt.Errorf("%w: page %d is neither used nor free", errDamaged, id)
		}
	}
	return nil
}

// read reads a page and notes that it has its place.
func (v *verifier) read(id uint64) (page, error) {
	head := make([]byte, pageHead)
	if _, err := v.file.ReadAt(head, int64(id)*int64(v.pageSize)); err != nil {
		return page{}, fmt.Errorf("page %d: %w", id, err)
	}
	pages := uint64(binary.NativeEndian.Uint32(head[12:])) + 1
	if binary.NativeEndian.Uint64(head) != id {
		return page{}, fmt.Errorf("%w: page %d is another", errDamaged, id)
	}
	for i := range pages {
		if v.known[id+i] {
			return page{}, fmt.Errorf("%w: page %d is in two places", errDamaged, id+i)
		}
		v.known[id+i] = true
	}
	bytes := make([]byte, pages*uint64(v.pageSize))
	if _, err := v.file.ReadAt(bytes, int64(id)*int64(v.pageSize)); err != nil {
		return page{}, fmt.Errorf("page %d: %w", id, err)
	}
	return parsePage(bytes), nil
}

// bucket checks the bucket at a root page. That of the file itself has no name.
func (v *verifier) bucket(root uint64, name string) error {
	last := ""
	return v.tree(root, name, &last)
}

// tree checks a page and those below it. Keys have to come after last.
func (v *verifier) tree(id uint64, bucket string, last *string) error {
	p, err := v.read(id)
	if err != nil {
		return err
	}
	if p.kind == kindLeaf {
		return v.leaf(p, bucket, last)
	}
	if p.kind != kindBranch || p.count == 0 {
		return fmt.Errorf("%w: page %d is of kind %d", errDamaged, id, p.kind)
	}
	for i := range p.count {
		key := string(p.part(i, p.number(i, 0), p.number(i, 4)))
		if i > 0 && key <= *last {
			return fmt.Errorf("%w: keys of page %d are not in order", errDamaged, id)
		}
		if err := v.tree(binary.NativeEndian.Uint64(p.part(i, 8, 8)), bucket, last); err != nil {
			return err
		}
		if *last < key {
			return fmt.Errorf("%w: keys below page %d are not in order", errDamaged, id)
		}
	}
	return nil
}

// leaf checks the elements of a leaf. Those of the file itself are its buckets, those of ours are records.
func (v *verifier) leaf(p page, bucket string, last *string) error {
	for i := range p.count {
		at, keyLength, valueLength := p.number(i, 4), p.number(i, 8), p.number(i, 12)
		key, value := string(p.part(i, at, keyLength)), p.part(i, at+keyLength, valueLength)
		isBucket, isNumber := p.number(i, 0) == flagBucket, len(key) == 8 && numberOf([]byte(key)) <= math.MaxInt64
		switch {
		case key <= *last, isBucket != (bucket == ""), (bucket == bucketWaiting || bucket == bucketQuarantine) && !isNumber:
			return fmt.Errorf("%w: keys of bucket %q", errDamaged, bucket)
		case isBucket:
			if err := v.inner(value, key); err != nil {
				return err
			}
		}
		*last = key
	}
	return nil
}

// inner checks a bucket by the value that stands for it.
func (v *verifier) inner(value []byte, name string) error {
	if root := binary.NativeEndian.Uint64(value); root != 0 {
		return v.bucket(root, name)
	}
	p, last := parsePage(value[bucketHead:]), ""
	if p.kind != kindLeaf {
		return fmt.Errorf("%w: bucket %q is of kind %d", errDamaged, name, p.kind)
	}
	return v.leaf(p, name, &last)
}

// freelist checks that what is free is not in use.
func (v *verifier) freelist(id uint64) error {
	p, err := v.read(id)
	if err != nil {
		return err
	}
	if p.kind != kindFreelist {
		return fmt.Errorf("%w: page %d is of kind %d, not the list of free ones", errDamaged, id, p.kind)
	}
	ids, count := p.bytes[pageHead:], p.count
	if count == countFollows {
		count = int(binary.NativeEndian.Uint64(ids))
		ids = ids[8:]
	}
	for i := range count {
		free := binary.NativeEndian.Uint64(ids[8*i:])
		if v.known[free] {
			return fmt.Errorf("%w: page %d is used and free", errDamaged, free)
		}
		v.known[free] = true
	}
	return nil
}

// The layout of a bbolt file (its format 2), as far as its pages hang together. Pages have a head, then elements of
// fixed size, then the keys and values that these point to.
const (
	pageHead    = 16 // id, kind, count, number of the pages that it runs over into
	metaSize    = 64 // eight words, the last of them the checksum of the others
	elementSize = 16 // of branches: where the key is, its length, page; of leaves: flags, where, two lengths

	kindBranch   = 0x01
	kindLeaf     = 0x02
	kindFreelist = 0x10

	flagBucket   = 0x01   // of a leaf's element
	bucketHead   = 16     // of its value: the root page, or 0 where a page follows in the value itself
	countFollows = 0xffff // a freelist with more pages than the head can count
)

// meta is the part of a meta page that says where everything is.
type meta struct{ root, freelist, end, transaction uint64 }

// newestMeta reads the meta page that counts: the one of the later transaction, unless that was not written whole. Both
// reports whether the other was, too.
func newestMeta(file io.ReaderAt, pageSize int) (newest meta, both bool, err error) {
	both = true
	for i := range int64(2) {
		bytes := make([]byte, pageHead+metaSize)
		if _, err := file.ReadAt(bytes, i*int64(pageSize)); err != nil {
			return meta{}, false, fmt.Errorf("meta page %d: %w", i, err)
		}
		word := func(i int) uint64 { return binary.NativeEndian.Uint64(bytes[pageHead+8*i:]) }
		sum := fnv.New64a()
		sum.Write(bytes[pageHead : pageHead+metaSize-8])
		m := meta{root: word(2), freelist: word(4), end: word(5), transaction: word(6)}
		switch whole := sum.Sum64() == word(7); {
		case !whole:
			both = false
		case m.transaction >= newest.transaction:
			newest = m
		}
	}
	return newest, both, nil
}

// page is a page with what it runs over into.
type page struct {
	kind  uint16
	count int
	bytes []byte
}

func parsePage(bytes []byte) page {
	return page{binary.NativeEndian.Uint16(bytes[8:]), int(binary.NativeEndian.Uint16(bytes[10:])), bytes}
}

// number is 32 bits of element i.
func (p page) number(i, offset int) int {
	return int(binary.NativeEndian.Uint32(p.bytes[pageHead+i*elementSize+offset:]))
}

// part is what element i points to.
func (p page) part(i, at, length int) []byte {
	start := pageHead + i*elementSize + at
	return p.bytes[start : start+length]
}
