package spool

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"slices"
	"time"

	"kaisen/schema"
)

// reader takes values from bytes. After an error all are zero.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.rest, r.err = nil, err
	}
}

func (r *reader) count() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.fail(errDamaged)
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *reader) difference() int64 {
	v := r.count()
	return int64(v>>1) ^ -int64(v&1)
}

// some is how many of what takes a byte each follow.
func (r *reader) some(n uint64) int {
	if n > uint64(len(r.rest)) {
		r.fail(errDamaged)
		return 0
	}
	return int(n)
}

func (r *reader) take(n uint64) []byte {
	k := r.some(n)
	taken := r.rest[:k]
	r.rest = r.rest[k:]
	return taken
}

// readRows reads the columns of all tables into a batch, to which as much will come some times in all.
func (c *codec) readRows(rows []byte, b *schema.Batch, times int) error {
	for r := (&reader{rest: rows}); len(r.rest) > 0; {
		table := string(r.take(r.count()))
		n := r.some(r.count())
		into := c.rowsOf(b, table)
		if into == nil {
			r.fail(errLater)
		} else if l := c.layout(into).recorded(r); r.err == nil && n > 0 {
			l.read(r, grown(into, n, times))
		}
		if r.err != nil {
			return fmt.Errorf("rows of %s: %w", table, r.err)
		}
	}
	return nil
}

// grown are n rows more, all zero. Where there is no room for them, room is made for as many some times.
func grown(rows schema.Rows, n, times int) span {
	all := reflect.ValueOf(rows.All()).Elem()
	before := all.Len()
	if before+n > all.Cap() {
		all.Grow(n * times)
	}
	all.SetLen(before + n)
	return span{all.Index(before).Addr().UnsafePointer(), n}
}

// lengths are how many rows a batch has of each table.
func lengths(b *schema.Batch) map[string]int {
	all := map[string]int{}
	for _, part := range b.Parts() {
		if n := part.Rows.Len(); n > 0 {
			all[part.Table] = n
		}
	}
	return all
}

// cut takes all rows away that a batch has beside so many.
func cut(b *schema.Batch, lengths map[string]int) {
	for _, part := range b.Parts() {
		rows := reflect.ValueOf(part.Rows.All()).Elem()
		n := lengths[part.Table]
		rows.Slice(n, rows.Len()).Clear()
		rows.SetLen(n)
	}
}

// recorded is the columns that a record has, which are some of those that rows have.
func (l *layout) recorded(r *reader) *layout {
	columns := make([]column, 0, len(l.columns))
	for range r.some(r.count()) {
		kind := r.take(1)
		name := string(r.take(r.count()))
		known := slices.IndexFunc(l.columns, func(c column) bool { return c.name == name && string(kind) == string(c.kind) })
		if known < 0 {
			r.fail(fmt.Errorf("column %s: %w", name, errLater))
			return nil
		}
		c := l.columns[known]
		if c.list != nil {
			c.list = c.list.recorded(r)
		}
		columns = append(columns, c)
	}
	return &layout{columns: columns, size: l.size}
}

// read reads the values of all columns.
func (l *layout) read(r *reader, rows span) {
	for i := range l.columns {
		l.columns[i].read(&l.columns[i], r, l.size, rows)
	}
}

func (c *column) readTexts(r *reader, size uintptr, rows span) {
	var blob []byte
	text := ""
	for i := range rows.len {
		switch n := r.count(); {
		case n == 1:
			blob = nil
		case n > 1 && c.kind == texts:
			text = string(r.take(n - 2))
		case n > 1:
			blob = append([]byte{}, r.take(n-2)...)
		}
		if place := rows.at(i, size, c.offset); c.kind == texts {
			*(*string)(place) = text
		} else {
			*(*[]byte)(place) = blob
		}
	}
}

func (c *column) readNumbers(r *reader, size uintptr, rows span) {
	number, width := uint64(0), c.of.Size()
	for i := range rows.len {
		number += uint64(r.difference())
		if number>>(8*width) != 0 || c.of.Kind() == reflect.Bool && number > 1 { // a later kaisen's is wider
			r.fail(fmt.Errorf("column %s: the number %d: %w", c.name, number, errLater))
			return
		}
		switch place := rows.at(i, size, c.offset); width {
		case 1:
			*(*uint8)(place) = uint8(number)
		case 2:
			*(*uint16)(place) = uint16(number)
		case 4:
			*(*uint32)(place) = uint32(number)
		default:
			*(*uint64)(place) = number
		}
	}
}

func (c *column) readMoments(r *reader, size uintptr, rows span) {
	var seconds, nanoseconds int64
	for i := range rows.len {
		seconds += r.difference()
		nanoseconds += r.difference()
		*(*time.Time)(rows.at(i, size, c.offset)) = time.Unix(seconds, nanoseconds).UTC()
	}
}

// readLists makes one slice of the elements of all lists, of which each is a part.
func (c *column) readLists(r *reader, size uintptr, rows span) {
	lengths, total := make([]int, rows.len), 0
	for i := range lengths {
		n := r.count()
		lengths[i] = r.some(max(n, 1) - 1)
		if n == 0 {
			lengths[i] = -1
		}
		total += max(lengths[i], 0)
	}
	if r.some(uint64(total)); r.err != nil {
		return
	}
	all := reflect.MakeSlice(c.of, total, total)
	c.list.read(r, span{all.UnsafePointer(), total})
	from := 0
	for i, n := range lengths {
		if n >= 0 {
			reflect.NewAt(c.of, rows.at(i, size, c.offset)).Elem().Set(all.Slice3(from, from+n, from+n))
			from += n
		}
	}
}
