package schema

import (
	"slices"
	"unsafe"
)

// Part is the rows that a batch has for one table.
type Part struct {
	Table string // its name in the database
	Rows  Rows
}

// Rows are rows of one table whose type the reader need not know. What is done with every table alike, such as
// counting, merging and spooling, goes through them, so that a new table is one line in Batch.Parts.
type Rows interface {
	Len() int
	At(i int) any  // row i, by value
	All() any      // a pointer to the slice, for encoders
	RowBytes() int // memory of a row, without the texts it points to
	append(more Rows)
	grow(n int)
	cut(n int, head, tail Rows)
	deal(to []int, into []Rows)
}

// rowsOf is no larger than a pointer, so that making one allocates nothing.
type rowsOf[R any] struct{ rows *[]R }

func (r rowsOf[R]) Len() int         { return len(*r.rows) }
func (r rowsOf[R]) At(i int) any     { return (*r.rows)[i] }
func (r rowsOf[R]) All() any         { return r.rows }
func (r rowsOf[R]) RowBytes() int    { return int(unsafe.Sizeof(*new(R))) }
func (r rowsOf[R]) grow(n int)       { *r.rows = slices.Grow(*r.rows, n) }
func (r rowsOf[R]) append(more Rows) { *r.rows = append(*r.rows, Typed[R](more)...) }

func (r rowsOf[R]) cut(n int, head, tail Rows) {
	*head.(rowsOf[R]).rows, *tail.(rowsOf[R]).rows = (*r.rows)[:n:n], (*r.rows)[n:]
}

func (r rowsOf[R]) deal(to []int, into []Rows) {
	for i, row := range *r.rows {
		rows := into[to[i]].(rowsOf[R]).rows
		*rows = append(*rows, row)
	}
}

// Typed is the rows as what they are; it panics where they are of another type.
func Typed[R any](rows Rows) []R { return *rows.(rowsOf[R]).rows }

// KeyOf is what a row is about, as far as it has a source, a contract and a line.
func KeyOf(row any) LineKey {
	if keyed, ok := row.(interface{ Key() LineKey }); ok {
		return keyed.Key()
	}
	return LineKey{}
}
