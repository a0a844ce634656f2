package clickhouse

import (
	"fmt"
	"reflect"
	"slices"
	"unsafe"

	"kaisen/schema"
)

// table is a table that kaisen writes or reads: its columns, as the tags of its rows declare them. It is made once, by
// reflection; from then on each column knows the place of its values in a row, and takes and puts them there as what they
// are. That is as fast as code written for each column, and rows need no second list of their columns.
type table struct {
	name    string
	columns []column
	names   []string // of the columns
}

// column is a column and what is done with its values.
type column struct {
	schema.Column
	codec
}

// newTables are the tables of a batch, and more, by name.
func newTables(more []schema.Table) map[string]*table {
	var b schema.Batch
	for _, t := range more {
		t.In(&b)
	}
	tables := map[string]*table{}
	for _, part := range b.Parts() {
		tables[part.Table] = newTable(part.Table, part.Rows)
	}
	return tables
}

// newTable panics where a row has a field that cannot be a column, which is a mistake in the program.
func newTable(name string, rows schema.Rows) *table {
	t := &table{name: name}
	all := schema.Columns(typeOf(rows))
	for _, c := range all {
		codec, ok := codecOf(c)
		if !ok || c.Whole != nil && !hasWord(all, c.Whole) {
			panic(fmt.Sprintf("table %s: column %s: a %s of time %q has no column", name, c.Name, c.Type, c.Time))
		}
		t.columns = append(t.columns, column{c, codec})
		t.names = append(t.names, c.Name)
	}
	return t
}

// hasWord reports whether a column has a word for the absence of the whole: without one, absence could not be read back.
func hasWord(columns []schema.Column, whole *schema.Field) bool {
	return slices.ContainsFunc(columns, func(c schema.Column) bool {
		return c.Absent != "" && c.Whole != nil && c.Whole.Offset == whole.Offset
	})
}

// table is what is known of a table by its name.
func (db *DB) table(name string) (*table, error) {
	if t, ok := db.tables[name]; ok {
		return t, nil
	}
	return nil, fmt.Errorf("table %s is not one that this kaisen knows", name)
}

// typeOf is the type of one of the rows.
func typeOf(rows schema.Rows) reflect.Type { return reflect.TypeOf(rows.All()).Elem().Elem() }

// span is rows of one type, as they lie in memory one behind the other.
type span struct {
	first unsafe.Pointer
	size  uintptr // of a row
	len   int
}

func spanOf(rows schema.Rows) span {
	all := reflect.ValueOf(rows.All()).Elem()
	return span{all.UnsafePointer(), all.Type().Elem().Size(), all.Len()}
}

// from is at most n rows from row i on.
func (s span) from(i, n int) span { return span{s.at(i, 0), s.size, min(n, s.len-i)} }

// at is the place in row i that is offset bytes from its beginning.
func (s span) at(i int, offset uintptr) unsafe.Pointer {
	return unsafe.Add(s.first, uintptr(i)*s.size+offset)
}
