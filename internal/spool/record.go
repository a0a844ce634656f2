package spool

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/klauspost/compress/zstd"

	"kaisen/schema"
)

// A record is a batch as it lies on disk: a head of fixed size, then for each table that has rows its name and the
// rows as a CBOR array of maps by field name (RFC 8949), one after another; a table comes again where batches were accepted
// together. Names rather than positions, because a
// spool outlives the kaisen that wrote it: a field that a newer one added is zero when it reads an older record, and
// a field that an older one does not know makes the record unreadable for it instead of being dropped.
const (
	recordFormat = 1 // the first byte
	headBytes    = 18
)

// The second byte says what the rows are wrapped in.
const (
	plain  = 0
	packed = 1 // zstd
)

var (
	errDamaged = errors.New("the bytes are not those that were written")
	errLater   = errors.New("a later kaisen wrote it")
)

// codec turns batches into records and back. It is safe for concurrent use.
type codec struct {
	enc   cbor.UserBufferEncMode
	dec   cbor.DecMode
	zip   *zstd.Encoder
	unzip *zstd.Decoder

	tables []schema.Table // beside those of a batch
}

// newCodec panics where its own options are wrong, like regexp.MustCompile.
func newCodec(tables ...schema.Table) *codec {
	enc, encErr := cbor.EncOptions{Time: cbor.TimeRFC3339NanoUTC}.UserBufferEncMode() // the only exact one
	dec, decErr := cbor.DecOptions{
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField, FieldNameMatching: cbor.FieldNameMatchingCaseSensitive,
		UTF8: cbor.UTF8DecodeInvalid, MaxArrayElements: math.MaxInt32, // a carrier's text is kept as it came
	}.DecMode()
	zip, zipErr := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
	unzip, unzipErr := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<30))
	if err := errors.Join(encErr, decErr, zipErr, unzipErr); err != nil {
		panic(err)
	}
	return &codec{enc, dec, zip, unzip, tables}
}

// encode makes the record of a batch that was accepted at a time. It fails for a time that has no year of four
// digits.
func (c *codec) encode(b *schema.Batch, since time.Time, wrap byte) ([]byte, error) {
	rows, err := c.rows(b)
	if err != nil {
		return nil, err
	}
	return c.seal(rows, b.Rows(), since, wrap), nil
}

// rows are the rows of a batch as they are in a record, which may have those of other batches behind them.
func (c *codec) rows(b *schema.Batch) ([]byte, error) {
	rows := bytes.NewBuffer(make([]byte, 0, 256+192*b.Rows()))
	for _, part := range b.Parts() {
		if part.Rows.Len() == 0 {
			continue
		}
		if err := errors.Join(c.enc.MarshalToBuffer(part.Table, rows), c.enc.MarshalToBuffer(part.Rows.All(), rows)); err != nil {
			return nil, fmt.Errorf("rows of %s: %w", part.Table, err)
		}
	}
	return rows.Bytes(), nil
}

// record is the record of some rows, packed where that gains anything.
func (c *codec) record(rows []byte, count int, since time.Time) []byte {
	const worthwhile = 512
	if len(rows) < worthwhile {
		return c.seal(rows, count, since, plain)
	}
	return c.seal(rows, count, since, packed)
}

func (c *codec) seal(rows []byte, count int, since time.Time, wrap byte) []byte {
	record := make([]byte, headBytes, headBytes+len(rows))
	if wrap == packed {
		record = c.zip.EncodeAll(rows, record)
	} else {
		record = append(record, rows...)
	}
	record[0], record[1] = recordFormat, wrap
	binary.BigEndian.PutUint32(record[2:], uint32(count))
	binary.BigEndian.PutUint64(record[6:], uint64(since.UnixMilli()))
	binary.BigEndian.PutUint32(record[14:], checksum(record))
	return record
}

// head is what is known of a record without decoding it. That of a damaged record may be wrong.
type head struct {
	rows   int
	since  time.Time
	packed bool
}

func headOf(record []byte) head {
	if len(record) < headBytes {
		return head{}
	}
	return head{
		rows:   int(binary.BigEndian.Uint32(record[2:])),
		since:  time.UnixMilli(int64(binary.BigEndian.Uint64(record[6:]))),
		packed: record[1] == packed,
	}
}

// decode reads a record. The batch shares no memory with it.
func (c *codec) decode(record []byte) (b schema.Batch, err error) {
	switch {
	case len(record) > 0 && record[0] > recordFormat:
		return b, fmt.Errorf("record format %d: %w", record[0], errLater)
	case len(record) < headBytes, checksum(record) != binary.BigEndian.Uint32(record[14:]), record[1] > packed:
		return b, errDamaged
	}
	rows := record[headBytes:]
	if record[1] == packed {
		if rows, err = c.unzip.DecodeAll(rows, nil); err != nil {
			return b, fmt.Errorf("packed rows: %w", err)
		}
	}
	for len(rows) > 0 {
		var table string
		if rows, err = c.dec.UnmarshalFirst(rows, &table); err != nil {
			return b, fmt.Errorf("name of a table: %w", err)
		}
		into := c.rowsOf(&b, table)
		if into == nil {
			return b, fmt.Errorf("table %s: %w", table, errLater)
		}
		again := into.Len() > 0 // another batch had rows of this table
		one := schema.Batch{}
		if again {
			into = c.rowsOf(&one, table)
		}
		if rows, err = c.dec.UnmarshalFirst(rows, into.All()); err != nil {
			if unknown := new(cbor.UnknownFieldError); errors.As(err, &unknown) {
				err = fmt.Errorf("%w: %w", errLater, err)
			}
			return b, fmt.Errorf("rows of %s: %w", table, err)
		}
		if again {
			b.Append(one)
		}
	}
	return b, nil
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
