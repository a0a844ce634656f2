package spool

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
)

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

// meta is the part of a meta page that tells where everything is.
type meta struct{ root, freelist, end, transaction uint64 }

// newestMeta reads the meta page that counts: the one of the later transaction, unless that was not written whole.
func newestMeta(file io.ReaderAt, pageSize int) (newest meta, err error) {
	for i := range int64(2) {
		bytes := make([]byte, pageHead+metaSize)
		if _, err := file.ReadAt(bytes, i*int64(pageSize)); err != nil {
			return meta{}, fmt.Errorf("meta page %d: %w", i, err)
		}
		word := func(i int) uint64 { return binary.NativeEndian.Uint64(bytes[pageHead+8*i:]) }
		sum := fnv.New64a()
		sum.Write(bytes[pageHead : pageHead+metaSize-8])
		m := meta{root: word(2), freelist: word(4), end: word(5), transaction: word(6)}
		if sum.Sum64() == word(7) && m.transaction >= newest.transaction {
			newest = m
		}
	}
	return newest, nil
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
