package clickhouse

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"kaisen/schema"
)

// tagged is a table whose columns are the fields of R with a tag column, in their order: for latest-state tables of many
// columns, whose names would otherwise stand in three lists. It uses reflection, a row at a time, which is too slow for
// samples and does not matter for rows that change once a day.
func tagged[R any](name string) table[R] {
	var columns []column[R]
	for _, f := range fieldsOf(reflect.TypeFor[R](), "", nil) {
		columns = append(columns, columnOf[R](f))
	}
	return table[R]{name, columns}
}

// field is one field of a row, wherever in it, and its column.
type field struct {
	column string
	index  []int
	kind   reflect.Type
}

// in is a pointer to the field of a row.
func (f field) in(row any) any {
	return reflect.ValueOf(row).Elem().FieldByIndex(f.index).Addr().Interface()
}

// fieldsOf lists the fields of a struct. The fields of one inside of it have the prefix that its tag is.
func fieldsOf(of reflect.Type, prefix string, path []int) []field {
	var fields []field
	for i := range of.NumField() {
		f := of.Field(i)
		tag := f.Tag.Get("column")
		index := append(path[:len(path):len(path)], i)
		switch {
		case f.Anonymous || strings.HasSuffix(tag, "_"):
			fields = append(fields, fieldsOf(f.Type, prefix+tag, index)...)
		case tag != "":
			fields = append(fields, field{prefix + tag, index, f.Type})
		}
	}
	return fields
}

// columnOf is the column of a field by its type. A type that it does not know is a mistake in the program.
func columnOf[R any](f field) column[R] {
	switch reflect.New(f.kind).Interface().(type) {
	case *[]string:
		return texts(f.column, func(r *R) []string { return *f.in(r).(*[]string) })
	case *[]schema.Opt[schema.Date]:
		return optionalDays(f.column, func(r *R) []schema.Opt[schema.Date] { return *f.in(r).(*[]schema.Opt[schema.Date]) })
	case *bool:
		return boolean(f.column, func(r *R) bool { return *f.in(r).(*bool) })
	case *uint16:
		return number(f.column, func(r *R) uint16 { return *f.in(r).(*uint16) })
	case *schema.Opt[uint64]:
		return optionalNumber(f.column, func(r *R) *schema.Opt[uint64] { return f.in(r).(*schema.Opt[uint64]) })
	case *schema.Opt[schema.Date]:
		return optionalDay(f.column, func(r *R) *schema.Opt[schema.Date] { return f.in(r).(*schema.Opt[schema.Date]) })
	case *time.Time:
		return moment(f.column, func(r *R) time.Time { return *f.in(r).(*time.Time) })
	case *schema.Opt[time.Time]:
		return optionalMoment(f.column, func(r *R) *schema.Opt[time.Time] { return f.in(r).(*schema.Opt[time.Time]) })
	}
	if f.kind.Kind() != reflect.String {
		panic(fmt.Sprintf("column %s: a %s has no column", f.column, f.kind))
	}
	return text(f.column, func(r *R) string { return reflect.ValueOf(r).Elem().FieldByIndex(f.index).String() })
}

// latest reads the rows of a source from a tagged table, the newest of each.
func latest[R any](ctx context.Context, db *DB, into *[]R, table, order string, source any) error {
	fields := fieldsOf(reflect.TypeFor[R](), "", nil)
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.column
	}
	sql := "SELECT " + strings.Join(names, ", ") + " FROM " + table + " FINAL WHERE source = {source:String} ORDER BY " + order
	scan := func(rows driver.Rows, r *R) error {
		targets := make([]any, len(fields))
		for i, f := range fields {
			targets[i] = scannerOf(f, r)
		}
		return rows.Scan(targets...)
	}
	return collect(ctx, db, into, scan, sql, source)
}

// scannerOf takes a column's value into the field of a row.
func scannerOf(f field, row any) any {
	into := f.in(row)
	switch into := into.(type) {
	case *[]string:
		return textList{into}
	case *[]schema.Opt[schema.Date]:
		return optDates{into}
	case *schema.Opt[uint64]:
		return opt(into)
	case *schema.Opt[schema.Date]:
		return optDate(into)
	case *schema.Opt[time.Time]:
		return opt(into)
	}
	if f.kind.Kind() == reflect.String && f.kind != reflect.TypeFor[string]() {
		return named{reflect.ValueOf(into).Elem()}
	}
	return into
}

// named scans a word of the vocabulary.
type named struct{ into reflect.Value }

// Scan takes the word.
func (n named) Scan(src any) error {
	word, ok := src.(string)
	if !ok {
		return fmt.Errorf("%T is no word", src)
	}
	n.into.SetString(word)
	return nil
}

// textList scans an Array(String); an empty one is nil.
type textList struct{ into *[]string }

// Scan takes the texts.
func (l textList) Scan(src any) error {
	texts, ok := src.([]string)
	if !ok {
		return fmt.Errorf("%T is no list of texts", src)
	}
	*l.into = nil
	if len(texts) > 0 {
		*l.into = texts
	}
	return nil
}

// optDates scans an Array(Nullable(Date)); an empty one is nil.
type optDates struct{ into *[]schema.Opt[schema.Date] }

// Scan takes days' midnights.
func (d optDates) Scan(src any) error {
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
