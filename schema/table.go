package schema

import "slices"

// Part is the rows that a batch has for one table.
type Part struct {
	Table string // its name in the database
	Rows  Rows
}

// Rows are rows of one table whose type the reader need not know. What is done with every table alike, such as
// counting, merging, spooling, inserting and reading back, goes through them.
type Rows interface {
	Len() int
	At(i int) any                // row i, by value
	All() any                    // a pointer to the slice, for encoders
	Next() (row any, add func()) // a pointer to a row to be filled, and what puts it behind the others and empties it for another
	empty() Rows                 // of the same type
	append(more Rows)
	grow(n int)
	clear()
	cut(n int, head, tail Rows)
	deal(to []int, into []Rows)
}

// RowsIn are the rows of a slice, which grows with them.
func RowsIn[R any](rows *[]R) Rows { return rowsOf[R]{rows} }

// rowsOf is no larger than a pointer, so that making one allocates nothing.
type rowsOf[R any] struct{ rows *[]R }

func (r rowsOf[R]) Len() int         { return len(*r.rows) }
func (r rowsOf[R]) At(i int) any     { return (*r.rows)[i] }
func (r rowsOf[R]) All() any         { return r.rows }
func (r rowsOf[R]) empty() Rows      { return rowsOf[R]{new([]R)} }
func (r rowsOf[R]) grow(n int)       { *r.rows = slices.Grow(*r.rows, n) }
func (r rowsOf[R]) clear()           { clear(*r.rows); *r.rows = (*r.rows)[:0] }
func (r rowsOf[R]) append(more Rows) { *r.rows = append(*r.rows, *more.(rowsOf[R]).rows...) }

func (r rowsOf[R]) Next() (any, func()) {
	row := new(R)
	return row, func() {
		*r.rows = append(*r.rows, *row)
		*row = *new(R)
	}
}

func (r rowsOf[R]) cut(n int, head, tail Rows) {
	*head.(rowsOf[R]).rows, *tail.(rowsOf[R]).rows = (*r.rows)[:n:n], (*r.rows)[n:]
}

func (r rowsOf[R]) deal(to []int, into []Rows) {
	for i, row := range *r.rows {
		rows := into[to[i]].(rowsOf[R]).rows
		*rows = append(*rows, row)
	}
}

// KeyOf is what a row is about, as far as it has a source, a contract and a line.
func KeyOf(row any) LineKey {
	if keyed, ok := row.(interface{ Key() LineKey }); ok {
		return keyed.Key()
	}
	return LineKey{}
}

// Table is a table whose rows are declared elsewhere, by the collector that fills it: this package knows neither. Its
// rows travel in Batch.More, through the spool and into the database like all others, where both are given the table.
type Table struct {
	Name string // in the database
	// The columns that distinguish its rows: a state has the newest of each row of a source, in their order. "" where no
	// state has any.
	Key  string
	none Rows
}

// NewTable is a table of rows R, whose fields have the tags that Column describes.
func NewTable[R any](name, key string) Table { return Table{name, key, RowsIn(new([]R))} }

// In are the rows of the table in a batch, which has it then if it did not.
func (t Table) In(b *Batch) Rows { return b.more(Part{t.Name, t.none}) }

// More are the rows R that a batch has for a table of this name in More, to read or to append to. It panics where that
// table has rows of another type.
func More[R any](b *Batch, table string) *[]R {
	return b.more(Part{table, RowsIn(new([]R))}).(rowsOf[R]).rows
}
