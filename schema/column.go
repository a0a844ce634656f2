package schema

import (
	"reflect"
	"time"
)

// Column is one column of a table: its name in the database, and where in a row its values lie. All that is known of
// the columns of a table is in the tags of the fields of its row:
//
//	column:"bytes"      the column's name. Fields of a struct inside of a row, of an Opt of a struct or of a list of
//	                    structs have columns too, whose names begin with the tag of the whole: location_, cancel_. A
//	                    list makes one column of lists for each field of its structs.
//	time:"DateTime"     of a time: the column holds whole seconds of the years 1970 to 2106, and no others.
//	time:"seconds"      of a time: the column could hold milliseconds, and whole seconds are written.
//	absent:"none"       of a word: its value where the Opt that the field is, or is part of, is not known.
//
// A field without the tag has no column.
type Column struct {
	Name   string
	Type   reflect.Type // of the field
	Time   string       // the tag time
	Absent string       // the tag absent
	Offset uintptr      // of the field: from the beginning of the row, or of a struct in List
	Whole  *Field       // the Opt of a struct that it is a part of, or nil
	List   *Field       // the list of structs that it is a field of, or nil
}

// Field is a field of a row that has several columns.
type Field struct {
	Name   string
	Type   reflect.Type
	Offset uintptr // from the beginning of the row
}

// Columns are those of rows of a type, in the order of the fields.
func Columns(row reflect.Type) []Column { return columnsIn(row, Column{}) }

// columnsIn are the columns of a struct that lies where outer says.
func columnsIn(of reflect.Type, outer Column) []Column {
	var columns []Column
	for i := range of.NumField() {
		f := of.Field(i)
		c := outer
		c.Name += f.Tag.Get("column")
		c.Type, c.Time, c.Absent = f.Type, f.Tag.Get("time"), f.Tag.Get("absent")
		c.Offset += f.Offset
		whole := &Field{f.Name, f.Type, c.Offset}
		switch {
		case isPart(f.Type):
			columns = append(columns, columnsIn(f.Type, c)...)
		case isOpt(f.Type) && isPart(f.Type.Field(0).Type) && outer.Whole == nil:
			c.Whole = whole
			columns = append(columns, columnsIn(f.Type.Field(0).Type, c)...)
		case f.Type.Kind() == reflect.Slice && isPart(f.Type.Elem()) && outer.List == nil:
			c.List, c.Offset = whole, 0
			columns = append(columns, columnsIn(f.Type.Elem(), c)...)
		case f.Tag.Get("column") != "":
			columns = append(columns, c)
		}
	}
	return columns
}

// isPart reports whether fields of the type have columns of their own.
func isPart(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t != reflect.TypeFor[time.Time]() && !isOpt(t)
}

func isOpt(t reflect.Type) bool { return t.Implements(reflect.TypeFor[interface{ optional() }]()) }
