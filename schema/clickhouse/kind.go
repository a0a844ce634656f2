package clickhouse

import (
	"fmt"
	"math"
	"reflect"
	"time"
	"unsafe"

	"kaisen/schema"
)

// kind is how the values of a column get into the database and back.
type kind struct {
	// values takes the column's values out of rows: as one typed slice, because clickhouse-go is an order of magnitude
	// faster with those than row by row. On the way every value goes into the digest that becomes the insert's
	// deduplication token. An error blames a value.
	values func(rows span, d *digest) (any, error)

	// target is what clickhouse-go scans a value into, which is then in its place. It can be used for row after row.
	target func(place unsafe.Pointer) any
}

// kindOf is the kind of a column by the type of its field. It reports whether there is one.
func kindOf(c schema.Column) (kind, bool) {
	isText := c.Type.Kind() == reflect.String
	switch {
	case c.List != nil && (!isText || c.Whole != nil), isText && c.Absent != "" && c.Whole == nil:
		return kind{}, false
	case isText && c.Form == "":
		return textKind(c), true
	case c.Absent != "":
		return absentKind(c)
	}
	switch reflect.Zero(c.Type).Interface().(type) {
	case time.Time, schema.Opt[time.Time]:
		return timeKind(c)
	}
	if c.Form != "" {
		return kind{}, false
	}
	switch reflect.Zero(c.Type).Interface().(type) {
	case []byte:
		put := func(v *[]byte, d *digest) string { text := string(*v); d.text(text); return text }
		return kindFrom(c, put, itself), true
	case []string:
		put := func(v *[]string, d *digest) []string { d.texts(*v); return *v }
		return kindFrom(c, put, func(v *[]string) any { return textsInto{v} }), true
	case bool:
		return kindFrom(c, func(v *bool, d *digest) bool { d.boolean(*v); return *v }, itself), true
	case uint8:
		return kindFrom(c, putNumber[uint8], itself), true
	case uint16:
		return kindFrom(c, putNumber[uint16], itself), true
	case uint64:
		return kindFrom(c, putNumber[uint64], itself), true
	case schema.Date:
		put := func(v *schema.Date, d *digest) time.Time { d.number(uint64(*v)); return v.Time() }
		return kindFrom(c, put, func(v *schema.Date) any { return dateInto{v} }), true
	case schema.Opt[bool]:
		return optional(c, func(v *bool, d *digest) *bool { d.boolean(*v); return v }), true
	case schema.Opt[uint8]:
		return optional(c, func(v *uint8, d *digest) *uint8 { d.number(uint64(*v)); return v }), true
	case schema.Opt[uint64]:
		return optional(c, func(v *uint64, d *digest) *uint64 { d.number(*v); return v }), true
	case schema.Opt[schema.Date]:
		put := func(v *schema.Opt[schema.Date], d *digest) *time.Time {
			return putOpt(v, d, func(day *schema.Date, d *digest) *time.Time {
				midnight := day.Time()
				d.number(uint64(midnight.Unix()))
				return &midnight
			})
		}
		return kindFrom(c, put, func(v *schema.Opt[schema.Date]) any { return optDateInto{v} }), true
	case []schema.Opt[schema.Date]:
		return kindFrom(c, putDays, func(v *[]schema.Opt[schema.Date]) any { return optDatesInto{v} }), true
	}
	return kind{}, false
}

// kindFrom is the kind of values V that clickhouse-go takes as W. put makes the one of the other and digests it.
func kindFrom[V, W any](c schema.Column, put func(v *V, d *digest) W, target func(*V) any) kind {
	return kind{
		values: func(rows span, d *digest) (any, error) {
			out := make([]W, rows.len)
			for i := range out {
				out[i] = put((*V)(rows.at(i, c.Offset)), d)
			}
			return out, nil
		},
		target: func(place unsafe.Pointer) any { return target((*V)(place)) },
	}
}

// itself is the target of a value that clickhouse-go knows.
func itself[V any](v *V) any { return v }

func putNumber[V uint8 | uint16 | uint64](v *V, d *digest) V {
	d.number(uint64(*v))
	return *v
}

// optional is a Nullable column of values that clickhouse-go takes as they are.
func optional[V any](c schema.Column, put func(v *V, d *digest) *V) kind {
	return kindFrom(c,
		func(v *schema.Opt[V], d *digest) *V { return putOpt(v, d, put) },
		func(v *schema.Opt[V]) any { return optInto[V]{v} })
}

func putOpt[V, W any](v *schema.Opt[V], d *digest, put func(v *V, d *digest) *W) *W {
	d.boolean(v.Known)
	if !v.Known {
		return nil
	}
	return put(&v.V, d)
}

// putDays is an Array(Nullable(Date)).
func putDays(v *[]schema.Opt[schema.Date], d *digest) []*time.Time {
	out := make([]*time.Time, len(*v))
	d.number(uint64(len(out)))
	for i, day := range *v {
		d.boolean(day.Known)
		if day.Known {
			midnight := day.V.Time()
			out[i] = &midnight
			d.number(uint64(day.V))
		}
	}
	return out
}

// textKind is a String, LowCardinality(String) or Enum8, or a list of them.
func textKind(c schema.Column) kind {
	put := func(v *string, d *digest) string { d.text(*v); return *v }
	if c.Absent != "" {
		known := c.Whole.Offset + c.Whole.Type.Field(1).Offset - c.Offset // of the whole, seen from the word
		put = func(v *string, d *digest) string {
			text := *v
			if !*(*bool)(unsafe.Add(unsafe.Pointer(v), known)) {
				text = c.Absent
			}
			d.text(text)
			return text
		}
	}
	k := kindFrom(c, put, itself)
	if c.List == nil {
		return k
	}
	k.values = func(rows span, d *digest) (any, error) {
		out := make([][]string, rows.len)
		for i := range out {
			list := listAt(rows.at(i, c.List.Offset), c.List)
			out[i] = make([]string, list.len)
			for j := range out[i] {
				out[i][j] = *(*string)(list.at(j, c.Offset))
			}
			d.texts(out[i])
		}
		return out, nil
	}
	return k
}

// listAt are the structs of a list.
func listAt(place unsafe.Pointer, list *schema.Field) span {
	bytes := (*[]byte)(place) // all slices begin alike
	return span{unsafe.Pointer(unsafe.SliceData(*bytes)), list.Type.Elem().Size(), len(*bytes)}
}

// absentKind is the kind of an Opt of a word, which has a word for what is not known.
func absentKind(c schema.Column) (kind, bool) {
	if c.Type.Kind() != reflect.Struct || c.Type.Field(0).Type.Kind() != reflect.String {
		return kind{}, false
	}
	put := func(v *schema.Opt[string], d *digest) string {
		text := v.Or(c.Absent)
		d.text(text)
		return text
	}
	return kindFrom(c, put, func(v *schema.Opt[string]) any { return wordInto{v, c.Absent} }), true
}

// timeKind is the kind of a time, which is a DateTime64(3) unless its form says something else.
func timeKind(c schema.Column) (kind, bool) {
	millis := func(v *time.Time, d *digest) time.Time { d.number(uint64(v.UnixMilli())); return *v }
	optMillis := func(v *time.Time, d *digest) *time.Time { d.number(uint64(v.UnixMilli())); return v }
	optSeconds := func(v *time.Time, d *digest) *time.Time { d.number(uint64(v.Unix())); return v }
	seconds := func(v *time.Time, d *digest) time.Time { second := v.Truncate(time.Second); return millis(&second, d) }
	_, isOpt := reflect.Zero(c.Type).Interface().(schema.Opt[time.Time])
	switch {
	case c.Form == "" && isOpt:
		return optional(c, optMillis), true
	case c.Form == "":
		return kindFrom(c, millis, itself), true
	case c.Form == "DateTime" && isOpt:
		return checked(optional(c, optSeconds), c, func(v *schema.Opt[time.Time]) error {
			if !v.Known {
				return nil
			}
			return representable(v.V)
		}), true
	case c.Form == "DateTime":
		return checked(kindFrom(c, millis, itself), c, func(v *time.Time) error { return representable(*v) }), true
	case c.Form == "seconds" && !isOpt:
		return kindFrom(c, seconds, itself), true
	}
	return kind{}, false
}

// checked blames values that the column cannot hold.
func checked[V any](k kind, c schema.Column, check func(*V) error) kind {
	values := k.values
	k.values = func(rows span, d *digest) (any, error) {
		for i := range rows.len {
			if err := check((*V)(rows.at(i, c.Offset))); err != nil {
				return nil, err
			}
		}
		return values(rows, d)
	}
	return k
}

// representable reports whether a time is of the years 1970 to 2106, which are those of a DateTime; clickhouse-go would
// turn any other into one of them.
func representable(t time.Time) error {
	if s := t.Unix(); s < 0 || s > math.MaxUint32 {
		return fmt.Errorf("the time %s is not one that a DateTime can hold", t.Format(time.RFC3339))
	}
	return nil
}
