package clickhouse

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"unsafe"

	"kaisen/schema"
)

// read appends the rows of a query to rows, whose columns it lists in their order.
func (t *table) read(ctx context.Context, db *DB, rows schema.Rows, n names, sql string, args ...any) error {
	row, add := rows.Next()
	return t.each(ctx, db, row, func() error { add(); return nil }, n, sql, args...)
}

// each reads the rows of a query, whose columns it lists in their order, into row, one after the other, and has take take each.
func (t *table) each(ctx context.Context, db *DB, row any, take func() error, n names, sql string, args ...any) error {
	answer, err := db.conn.Query(ctx, sql, args...)
	if err != nil {
		return brief(err)
	}
	defer answer.Close()
	s := t.scanInto(row, n)
	for answer.Next() {
		if err := answer.Scan(s.targets...); err != nil {
			return err
		}
		if err := s.finish(); err != nil {
			return err
		}
		if err := take(); err != nil {
			return err
		}
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

// one reports whether there was one.
func (n names) one(s *string) bool {
	if kept, ok := n[*s]; ok {
		*s = kept
		return true
	}
	n[*s] = *s
	return false
}

// textScan is a text of a row, and how often it recurred.
type textScan struct {
	text        *string
	again, anew int
}

// fewAnew is how many different texts a column may have before it counts that more of them are new than recur.
const fewAnew = 4096

// keepOne keeps one copy of the text, unless those of its column hardly recur, as the numbers of cards do not.
func (t *textScan) keepOne(n names) {
	switch {
	case t.anew > fewAnew && t.anew > t.again:
	case n.one(t.text):
		t.again++
	default:
		t.anew++
	}
}

// scan is where the values of one row go, time and again.
type scan struct {
	row     any
	targets []any // one a column
	texts   []*textScan
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
			s.texts = append(s.texts, &textScan{text: text})
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
	return takeTexts(texts)
}

// finish makes a row of what was scanned.
func (s *scan) finish() error {
	for _, t := range s.texts {
		t.keepOne(s.names)
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
