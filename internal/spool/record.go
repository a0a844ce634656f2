package spool

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"reflect"
	"sync"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/klauspost/compress/zstd"

	"kaisen/schema"
)

// A record is rows as they lie on disk: a head of fixed size, and behind it their columns.
const (
	recordFormat = 2 // the first byte; 1 is olderrecord.go's
	headBytes    = 18
)

// The second byte says what the rows are wrapped in.
const (
	plain  = 0 // some of format 1 are
	packed = 1 // zstd
)

var (
	errDamaged = errors.New("the bytes are not those that were written")
	errLater   = errors.New("a later kaisen wrote it")
)

// codec turns batches into records and back. It is safe for concurrent use.
type codec struct {
	dec   cbor.DecMode // of older records
	zip   *zstd.Encoder
	unzip *zstd.Decoder

	tables  []schema.Table // beside those of a batch
	layouts sync.Map       // *layout by the reflect.Type of a pointer to rows
}

// newCodec panics where its own options are wrong, like regexp.MustCompile.
func newCodec(tables ...schema.Table) *codec {
	dec, decErr := olderOptions()
	zip, zipErr := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithWindowSize(1<<20)) // few records are longer, and it allocates twice that
	unzip, unzipErr := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<30))
	if err := errors.Join(decErr, zipErr, unzipErr); err != nil {
		panic(err)
	}
	return &codec{dec: dec, zip: zip, unzip: unzip, tables: tables}
}

// layout is the columns of rows.
func (c *codec) layout(rows schema.Rows) *layout {
	of := reflect.TypeOf(rows.All())
	known, ok := c.layouts.Load(of)
	if !ok {
		known, _ = c.layouts.LoadOrStore(of, layoutOf(of.Elem().Elem()))
	}
	return known.(*layout)
}

// bytes is about what a batch takes in memory, and more than its record does.
func (c *codec) bytes(b *schema.Batch) (all int) {
	for _, part := range b.Parts() {
		if part.Rows.Len() > 0 {
			l := c.layout(part.Rows)
			all += len(part.Table) + len(l.head) + l.bytes(spanOf(part.Rows))
		}
	}
	return all
}

// record is the record of some batches of so many rows, which were accepted from a time on.
func (c *codec) record(since time.Time, count int, batches ...*schema.Batch) []byte {
	rows := c.appendRows(make([]byte, 0, 1024+16*count), batches)
	record := c.zip.EncodeAll(rows, make([]byte, headBytes, headBytes+len(rows)))
	record[0], record[1] = recordFormat, packed
	binary.BigEndian.PutUint32(record[2:], uint32(count))
	binary.BigEndian.PutUint64(record[6:], uint64(since.UnixMilli()))
	binary.BigEndian.PutUint32(record[14:], checksum(record))
	return record
}

// head is what is known of a record without decoding it. That of a damaged record may be wrong.
type head struct {
	rows  int
	since time.Time
}

func headOf(record []byte) head {
	if len(record) < headBytes {
		return head{}
	}
	return head{
		rows:  int(binary.BigEndian.Uint32(record[2:])),
		since: time.UnixMilli(int64(binary.BigEndian.Uint64(record[6:]))),
	}
}

// decode reads a record. The batch shares no memory with it.
func (c *codec) decode(record []byte) (b schema.Batch, err error) {
	err = c.decodeBehind(&b, record, 0)
	return b, err
}

// decodeBehind reads a record behind the rows of a batch, to which so many will come in all. After an error the batch is as it was.
func (c *codec) decodeBehind(b *schema.Batch, record []byte, all int) (err error) {
	switch {
	case len(record) > 0 && record[0] > recordFormat:
		return fmt.Errorf("record format %d: %w", record[0], errLater)
	case len(record) < headBytes, checksum(record) != binary.BigEndian.Uint32(record[14:]), record[1] > packed:
		return errDamaged
	}
	rows := record[headBytes:]
	if record[1] == packed {
		if rows, err = c.unzip.DecodeAll(rows, nil); err != nil {
			return fmt.Errorf("packed rows: %w", err)
		}
	}
	before := lengths(b)
	if record[0] < recordFormat {
		err = c.readOlder(rows, b)
	} else {
		err = c.readRows(rows, b, 1+max(0, all)/max(1, headOf(record).rows))
	}
	if err != nil {
		cut(b, before)
	}
	return err
}

// rowsOf are the rows that a batch has for a table, nil where nobody has said what they are.
func (c *codec) rowsOf(b *schema.Batch, table string) schema.Rows {
	for _, t := range c.tables {
		if t.Name == table {
			return t.In(b)
		}
	}
	return b.Part(table).Rows
}

// checksum covers all of a record but the checksum itself.
func checksum(record []byte) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli) // made once, by the library
	return crc32.Update(crc32.Checksum(record[:14], table), table, record[headBytes:])
}
