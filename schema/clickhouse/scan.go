package clickhouse

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"time"
	"unsafe"

	"kaisen/schema"
)

// read appends the rows of a query to rows, whose columns it lists in their order.
func (t *table) read(ctx context.Context, db *DB, rows schema.Rows, n names, sql string, args ...any) error {
	answer, err := db.conn.Query(ctx, sql, args...)
	if err != nil {
		return brief(err)
	}
	defer answer.Close()
	row, add := rows.Next()
	s := t.scanInto(row, n)
	for answer.Next() {
		if err := answer.Scan(s.targets...); err != nil {
			return err
		}
		if err := s.finish(); err != nil {
			return err
		}
		add()
	}
	return answer.Err()
}

// selectFrom begins a query for all columns.
func (t *table) selectFrom(from string) string {
	return "SELECT " + strings.Join(t.names, ", ") + " FROM " + from
}

// names keeps one copy of each string that recurs from row to row: a line has hundreds of rows, and clickhouse-go
// makes a new string for each.
type names map[string]string

func (n names) one(s *string) {
	if kept, ok := n[*s]; ok {
		*s = kept
		return
	}
	n[*s] = *s
}

// scan is where the values of one row go, time and again.
type scan struct {
	row     any
	targets []any // one a column
	texts   []*string
	names   names
	wholes  []wholeScan
	lists   []listScan
}

// wholeScan is an Opt of a struct, of which one word says whether it is known.
type wholeScan struct {
	whole  reflect.Value
	word   *string
	absent string
}

// listScan is a list of structs, each field of which is a column.
type listScan struct {
	*schema.Field
	list    reflect.Value
	columns []listColumn
}

type listColumn struct {
	offset uintptr // in the struct
	texts  *[]string
}

// scanInto prepares to scan into a row that a pointer is to.
func (t *table) scanInto(row any, n names) *scan {
	s := &scan{row: row, names: n}
	first := reflect.ValueOf(row).UnsafePointer()
	for _, c := range t.columns {
		place := unsafe.Add(first, c.Offset)
		if c.List != nil {
			s.targets = append(s.targets, s.listColumn(first, c))
			continue
		}
		target := c.target(place)
		s.targets = append(s.targets, target)
		if text, ok := target.(*string); ok {
			s.texts = append(s.texts, text)
			if c.Absent != "" {
				s.wholes = append(s.wholes, wholeScan{reflect.NewAt(c.Whole.Type, unsafe.Add(first, c.Whole.Offset)).Elem(), text, c.Absent})
			}
		}
	}
	return s
}

// listColumn is the target of one of the columns that are a list.
func (s *scan) listColumn(first unsafe.Pointer, c column) any {
	last := len(s.lists) - 1
	if last < 0 || s.lists[last].Offset != c.List.Offset {
		s.lists = append(s.lists, listScan{Field: c.List, list: reflect.NewAt(c.List.Type, unsafe.Add(first, c.List.Offset)).Elem()})
		last++
	}
	texts := new([]string)
	s.lists[last].columns = append(s.lists[last].columns, listColumn{c.Column.Offset, texts})
	return textsInto{texts}
}

// finish makes a row of what was scanned.
func (s *scan) finish() error {
	for _, text := range s.texts {
		s.names.one(text)
	}
	for _, w := range s.wholes {
		if *w.word == w.absent {
			w.whole.SetZero()
		} else {
			w.whole.Field(1).SetBool(true)
		}
	}
	for _, l := range s.lists {
		if err := l.join(); err != nil {
			about := ""
			if named, ok := s.row.(fmt.Stringer); ok {
				about = " of " + named.String()
			}
			return fmt.Errorf("%s%s: %w", strings.ToLower(l.Name), about, err)
		}
	}
	return nil
}

// join makes the structs of a list of their columns, which speak of the same things unless somebody writes into the
// table by hand.
func (l listScan) join() error {
	n := len(*l.columns[0].texts)
	for _, c := range l.columns {
		if len(*c.texts) != n {
			return fmt.Errorf("columns of %d and %d values stand side by side", n, len(*c.texts))
		}
	}
	if n == 0 {
		return nil
	}
	l.list.Set(reflect.MakeSlice(l.Type, n, n))
	structs := listAt(l.list.Addr().UnsafePointer(), l.Field)
	for _, c := range l.columns {
		for i, text := range *c.texts {
			*(*string)(structs.at(i, c.offset)) = text
		}
	}
	return nil
}

// wordInto scans a word into an Opt of it, which one word stands for the absence of.
type wordInto struct {
	into   *schema.Opt[string]
	absent string
}

// Scan takes the word.
func (w wordInto) Scan(src any) error {
	word, ok := src.(string)
	if !ok {
		return fmt.Errorf("%T is no name", src)
	}
	*w.into = schema.Opt[string]{}
	if word != w.absent {
		*w.into = schema.Some(word)
	}
	return nil
}

// optInto scans a Nullable column.
type optInto[V any] struct{ into *schema.Opt[V] }

// Scan takes a value, a pointer to one, or nil for NULL.
func (o optInto[V]) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*o.into = schema.Opt[V]{}
	case V:
		*o.into = schema.Some(v)
	case *V:
		*o.into = schema.Some(*v)
	default:
		return fmt.Errorf("%T is no %T", src, o.into.V)
	}
	return nil
}

// dateInto scans a Date.
type dateInto struct{ into *schema.Date }

// Scan takes a day's midnight.
func (d dateInto) Scan(src any) error {
	t, ok := src.(time.Time)
	if !ok {
		return fmt.Errorf("%T is no day", src)
	}
	*d.into = schema.DateOf(t)
	return nil
}

// optDateInto scans a Nullable(Date).
type optDateInto struct{ into *schema.Opt[schema.Date] }

// Scan takes a day's midnight, or nil for NULL.
func (d optDateInto) Scan(src any) error {
	*d.into = schema.Opt[schema.Date]{}
	if src == nil {
		return nil
	}
	d.into.Known = true
	return dateInto{&d.into.V}.Scan(src)
}

// textsInto scans an Array(String); an empty one is nil.
type textsInto struct{ into *[]string }

// Scan takes the texts.
func (t textsInto) Scan(src any) error {
	texts, ok := src.([]string)
	if !ok {
		return fmt.Errorf("%T is no list of texts", src)
	}
	*t.into = nil
	if len(texts) > 0 {
		*t.into = texts
	}
	return nil
}

// optDatesInto scans an Array(Nullable(Date)); an empty one is nil.
type optDatesInto struct{ into *[]schema.Opt[schema.Date] }

// Scan takes days' midnights.
func (d optDatesInto) Scan(src any) error {
	days, ok := src.([]*time.Time)
	if !ok {
		return fmt.Errorf("%T is no list of days", src)
	}
	*d.into = nil
	for _, day := range days {
		var known schema.Opt[schema.Date]
		if day != nil {
			known = schema.Some(schema.DateOf(*day))
		}
		*d.into = append(*d.into, known)
	}
	return nil
}
