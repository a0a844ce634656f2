package spool

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"time"
	"unsafe"

	"kaisen/schema"
)

// The rows of a record lie in it by table, and those of a table by column: all values of one field, then all of the next.
// What follows from the row before takes a byte, and next to no time. Of each table it has
//
//	the table's name, how many rows it has, its columns, and then their values, column by column
//
// and of each column its kind and name. Names rather than positions, because a spool outlives the kaisen that wrote it: a
// field that a newer one added is zero when it reads an older record, and a field that an older one does not know makes the
// record unreadable for it instead of being dropped. Numbers are varints (encoding/binary).
const (
	texts   = 't' // for each value 0 where it is that of before, else its length + 2 and itself
	blobs   = 'b' // as texts; 1 is nil
	numbers = 'n' // for each what is added to that of before: of any width, and booleans
	moments = 'm' // for each what is added to the seconds and to the nanoseconds of that before
	lists   = 'l' // for each 0 where it is nil, else its length + 1; then the columns of all elements
)

// column is the values of a field in rows of a type.
type column struct {
	kind   byte
	name   string  // with those of the fields that it is in
	offset uintptr // from the beginning of the row
	of     reflect.Type
	list   *layout // of the elements

	append func(c *column, b []byte, size uintptr, rows []span) []byte // their values, of rows of a size
	read   func(c *column, r *reader, size uintptr, rows span)
}

// layout is the columns of rows of a type.
type layout struct {
	columns []column
	head    []byte // what a record says of them
	size    uintptr
}

// layoutOf panics where a row has a field that cannot be a column, which is a mistake in the program.
func layoutOf(row reflect.Type) *layout {
	l := &layout{size: row.Size()}
	l.add("", 0, row)
	l.head = binary.AppendUvarint(nil, uint64(len(l.columns)))
	for _, c := range l.columns {
		l.head = appendText(append(l.head, c.kind), c.name)
		if c.list != nil {
			l.head = append(l.head, c.list.head...)
		}
	}
	return l
}

func (l *layout) add(name string, offset uintptr, of reflect.Type) {
	c := column{name: name, offset: offset, of: of}
	switch of.Kind() {
	case reflect.Struct:
		if of == reflect.TypeFor[time.Time]() {
			c.kind, c.append, c.read = moments, (*column).appendMoments, (*column).readMoments
			break
		}
		for i := range of.NumField() {
			f, part := of.Field(i), name
			if !f.Anonymous {
				part += "." + f.Name
			}
			l.add(part, offset+f.Offset, f.Type)
		}
		return
	case reflect.String:
		c.kind, c.append, c.read = texts, (*column).appendTexts, (*column).readTexts
	case reflect.Bool, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		c.kind, c.append, c.read = numbers, (*column).appendNumbers, (*column).readNumbers
	case reflect.Slice:
		c.kind, c.append, c.read = blobs, (*column).appendTexts, (*column).readTexts
		if of.Elem().Kind() != reflect.Uint8 {
			c.kind, c.append, c.read, c.list = lists, (*column).appendLists, (*column).readLists, layoutOf(of.Elem())
		}
	default:
		panic(fmt.Sprintf("field %s: the spool has no column for a %s", name, of))
	}
	l.columns = append(l.columns, c)
}

// span is rows, or elements of a list, as they lie in memory one behind the other.
type span struct {
	first unsafe.Pointer
	len   int
}

// spanAt is the elements of a slice. All slices begin alike.
func spanAt(slice unsafe.Pointer) span {
	bytes := *(*[]byte)(slice)
	return span{unsafe.Pointer(unsafe.SliceData(bytes)), len(bytes)}
}

func spanOf(rows schema.Rows) span { return spanAt(reflect.ValueOf(rows.All()).UnsafePointer()) }

// at is the place of a column in row i of rows of a size.
func (s span) at(i int, size, offset uintptr) unsafe.Pointer {
	return unsafe.Add(s.first, uintptr(i)*size+offset)
}

// appendRows appends the columns of some batches, whose rows of a table become one.
func (c *codec) appendRows(b []byte, batches []*schema.Batch) []byte {
	type table struct {
		schema.Part
		spans []span
		rows  int
	}
	var tables []table
	for _, batch := range batches {
		for _, part := range batch.Parts() {
			if part.Rows.Len() == 0 {
				continue
			}
			at := 0
			for at < len(tables) && tables[at].Table != part.Table {
				at++
			}
			if at == len(tables) {
				tables = append(tables, table{Part: part, spans: make([]span, 0, len(batches))})
			}
			tables[at].spans = append(tables[at].spans, spanOf(part.Rows))
			tables[at].rows += part.Rows.Len()
		}
	}
	for _, t := range tables {
		l := c.layout(t.Rows)
		b = binary.AppendUvarint(appendText(b, t.Table), uint64(t.rows))
		b = l.appendTo(append(b, l.head...), t.spans)
	}
	return b
}

// appendTo appends the values of all columns.
func (l *layout) appendTo(b []byte, rows []span) []byte {
	for i := range l.columns {
		b = l.columns[i].append(&l.columns[i], b, l.size, rows)
	}
	return b
}

func (c *column) appendTexts(b []byte, size uintptr, rows []span) []byte {
	last, anew := "", c.kind == blobs // what is before the first is nil, or ""
	for _, s := range rows {
		for i := range s.len {
			place := s.at(i, size, c.offset)
			text := *(*string)(place) // a slice of bytes begins like one
			switch {
			case c.kind == blobs && *(*[]byte)(place) == nil:
				b, anew = append(b, 1), true
				continue
			case text == last && !anew:
				b = append(b, 0)
				continue
			}
			b = append(binary.AppendUvarint(b, uint64(len(text))+2), text...)
			last, anew = text, false
		}
	}
	return b
}

func (c *column) appendNumbers(b []byte, size uintptr, rows []span) []byte {
	last, width := uint64(0), c.of.Size()
	for _, s := range rows {
		for i := range s.len {
			number := numberAt(s.at(i, size, c.offset), width)
			b = binary.AppendVarint(b, int64(number-last))
			last = number
		}
	}
	return b
}

func numberAt(place unsafe.Pointer, width uintptr) uint64 {
	switch width {
	case 1:
		return uint64(*(*uint8)(place))
	case 2:
		return uint64(*(*uint16)(place))
	case 4:
		return uint64(*(*uint32)(place))
	}
	return *(*uint64)(place)
}

func (c *column) appendMoments(b []byte, size uintptr, rows []span) []byte {
	var seconds, nanoseconds int64
	for _, s := range rows {
		for i := range s.len {
			at := (*time.Time)(s.at(i, size, c.offset))
			b = binary.AppendVarint(b, at.Unix()-seconds)
			b = binary.AppendVarint(b, int64(at.Nanosecond())-nanoseconds)
			seconds, nanoseconds = at.Unix(), int64(at.Nanosecond())
		}
	}
	return b
}

func (c *column) appendLists(b []byte, size uintptr, rows []span) []byte {
	var elements []span
	for _, s := range rows {
		for i := range s.len {
			list := spanAt(s.at(i, size, c.offset))
			if list.first == nil {
				b = append(b, 0)
				continue
			}
			b = binary.AppendUvarint(b, uint64(list.len)+1)
			elements = append(elements, list)
		}
	}
	return c.list.appendTo(b, elements)
}

// bytes is about what rows take in memory, and more than they take in a record.
func (l *layout) bytes(rows span) int {
	all := rows.len * int(l.size)
	for i := range l.columns {
		switch c := &l.columns[i]; c.kind {
		case texts, blobs:
			for row := range rows.len {
				all += len(*(*string)(rows.at(row, l.size, c.offset)))
			}
		case lists:
			for row := range rows.len {
				all += c.list.bytes(spanAt(rows.at(row, l.size, c.offset)))
			}
		}
	}
	return all
}

func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}
