package clickhouse

import (
	"encoding/binary"

	"github.com/cespare/xxhash/v2"
)

// digest hashes values so that two inserts with the same digest have the same rows in the same order.
type digest struct {
	hash xxhash.Digest
	word [8]byte
}

func newDigest(table string) *digest {
	d := new(digest)
	d.hash.Reset()
	d.text(table)
	return d
}

func (d *digest) number(v uint64) {
	binary.LittleEndian.PutUint64(d.word[:], v)
	d.hash.Write(d.word[:])
}

func (d *digest) boolean(v bool) {
	if v {
		d.number(1)
	} else {
		d.number(0)
	}
}

func (d *digest) text(v string) {
	d.number(uint64(len(v)))
	d.hash.WriteString(v)
}

func (d *digest) texts(list []string) {
	d.number(uint64(len(list)))
	for _, v := range list {
		d.text(v)
	}
}
