package clickhouse_test

import (
	"encoding/hex"
	"reflect"
	"slices"
	"testing"

	"kaisen/schema"
)

func hexOf(text string) string { return hex.EncodeToString([]byte(text)) }

// Every table of a batch has a writer and is in the migrated database, and takes a row in which nothing is known.
func TestEveryPartOfABatchHasATable(t *testing.T) {
	db := migrated(t)
	batch := everyRow()
	if err := db.Insert(t.Context(), &batch); err != nil {
		t.Fatal(err)
	}
	for _, part := range batch.Parts() {
		if got := query(t, db, "SELECT count() FROM "+part.Table); got != itoa(part.Rows.Len())+"\n" {
			t.Errorf("%s has %s rows, expected %d", part.Table, got, part.Rows.Len())
		}
	}
}

// The tests' rows are worth comparing only where they differ from empty ones, in every field.
func TestEveryRowFillsEveryField(t *testing.T) {
	batch := everyRow()
	for _, part := range batch.Parts() {
		filled := map[string]bool{}
		for i := range part.Rows.Len() {
			fill(filled, "", reflect.ValueOf(part.Rows.At(i)))
		}
		if len(filled) == 0 {
			t.Errorf("%s: no row", part.Table)
		}
		for field, is := range filled {
			if !is {
				t.Errorf("%s: no row has a %s", part.Table, field)
			}
		}
	}
}

// fill notes for every field, through structs and lists of them, whether it is other than zero.
func fill(filled map[string]bool, path string, v reflect.Value) {
	switch {
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
		if v.Len() == 0 {
			fill(filled, path, reflect.Zero(v.Type().Elem()))
		}
		for i := range v.Len() {
			fill(filled, path, v.Index(i))
		}
	case v.Kind() == reflect.Struct && v.Type().PkgPath() == reflect.TypeFor[schema.Batch]().PkgPath():
		columns := schema.Columns(v.Type())
		for i := range v.NumField() {
			field := v.Type().Field(i)
			stored := slices.ContainsFunc(columns, func(c schema.Column) bool {
				return c.List != nil || c.Whole != nil || c.Offset >= field.Offset && c.Offset < field.Offset+field.Type.Size()
			})
			if stored || len(columns) == 0 { // an optional value has none of its own
				fill(filled, path+"."+field.Name, v.Field(i))
			}
		}
	default:
		filled[path] = filled[path] || !v.IsZero()
	}
}
