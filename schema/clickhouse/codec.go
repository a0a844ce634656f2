package clickhouse

import (
	"fmt"
	"math"
	"reflect"
	"time"
	"unsafe"

	"kaisen/schema"
)

// codec is how the values of a column get into the database and back.
type codec struct {
	// values takes the column's values out of rows: as one typed slice, because clickhouse-go is an order of magnitude
	// faster with those than row by row, in the memory of an earlier one. On the way every value goes into the digest that
	// becomes the insert's deduplication token; nil: it has them. An error blames a value.
	values func(rows span, d *digest, used any) (any, error)

	// target is what clickhouse-go scans a value into, which is then in its place. It can be used for row after row.
	target func(place unsafe.Pointer) any
}

// codecOf is the codec of a column by the type of its field. It reports whether there is one.
func codecOf(c schema.Column) (codec, bool) {
	isText := c.Type.Kind() == reflect.String
	switch {
	case c.List != nil && (!isText || c.Whole != nil), isText && c.Absent != "" && c.Whole == nil:
		return codec{}, false
	case isText && c.Time == "":
		return textCodec(c), true
	case c.Absent != "":
		return absentCodec(c)
	}
	switch reflect.Zero(c.Type).Interface().(type) {
	case time.Time, schema.Opt[time.Time]:
		return timeCodec(c)
	}
	if c.Time != "" {
		return codec{}, false
	}
	switch reflect.Zero(c.Type).Interface().(type) {
	case []byte:
		return newCodec(c, putBytes, itself), true
	case []string:
		return newCodec(c, putTexts, takeTexts), true
	case bool:
		return newCodec(c, putBool, itself), true
	case uint8:
		return newCodec(c, putNumber[uint8], itself), true
	case uint16:
		return newCodec(c, putNumber[uint16], itself), true
	case uint64:
		return newCodec(c, putNumber[uint64], itself), true
	case schema.Date:
		return newCodec(c, putDate, takeDate), true
	case schema.Opt[bool]:
		return optionalCodec(c, digestBool), true
	case schema.Opt[uint8]:
		return optionalCodec(c, digestNumber[uint8]), true
	case schema.Opt[uint64]:
		return optionalCodec(c, digestNumber[uint64]), true
	case schema.Opt[schema.Date]:
		return newCodec(c, putOptDate, takeOptDate), true
	case []schema.Opt[schema.Date]:
		return newCodec(c, putOptDates, takeOptDates), true
	}
	return codec{}, false
}

// newCodec is the codec of values V that clickhouse-go takes as W. put makes the one of the other and digests it.
func newCodec[V, W any](c schema.Column, put func(v *V, d *digest) W, target func(*V) any) codec {
	return codec{
		values: func(rows span, d *digest, used any) (any, error) {
			out := again[W](used, rows.len)
			for i := range out {
				out[i] = put((*V)(rows.at(i, c.Offset)), d)
			}
			return out, nil
		},
		target: func(place unsafe.Pointer) any { return target((*V)(place)) },
	}
}

// again is a slice of n in the memory of one that was used, where it has so much.
func again[W any](used any, n int) []W {
	if out, ok := used.([]W); ok && cap(out) >= n {
		return out[:n]
	}
	return make([]W, n)
}

// itself is the target of a value that clickhouse-go knows.
func itself[V any](v *V) any { return v }

// optionalCodec is the codec of a Nullable column of values that clickhouse-go takes as they are, which add digests.
func optionalCodec[V any](c schema.Column, add func(v *V, d *digest)) codec {
	put := func(v *schema.Opt[V], d *digest) *V {
		d.boolean(v.Known)
		if !v.Known {
			return nil
		}
		add(&v.V, d)
		return &v.V
	}
	return newCodec(c, put, takeOpt[V])
}

// textCodec is the codec of a String, LowCardinality(String) or Enum8, or of a list of them. Most columns are texts, which
// is why they are spared a call for each value.
func textCodec(c schema.Column) codec {
	text := codec{target: func(place unsafe.Pointer) any { return (*string)(place) }}
	switch {
	case c.List != nil:
		text.values = func(rows span, d *digest, used any) (any, error) { return listTexts(c, rows, d), nil }
	case c.Absent != "":
		text.values = func(rows span, d *digest, used any) (any, error) { return textsOrAbsent(c, rows, d, used), nil }
	default:
		text.values = func(rows span, d *digest, used any) (any, error) { return texts(c.Offset, rows, d, used), nil }
	}
	return text
}

func texts(offset uintptr, rows span, d *digest, used any) []string {
	out := again[string](used, rows.len)
	for i := range out {
		out[i] = *(*string)(rows.at(i, offset))
		d.text(out[i])
	}
	return out
}

// textsOrAbsent are those of a word that stands for the absence of the whole that it is a part of.
func textsOrAbsent(c schema.Column, rows span, d *digest, used any) []string {
	known := c.Whole.Offset + c.Whole.Type.Field(1).Offset
	out := again[string](used, rows.len)
	for i := range out {
		out[i] = c.Absent
		if *(*bool)(rows.at(i, known)) {
			out[i] = *(*string)(rows.at(i, c.Offset))
		}
		d.text(out[i])
	}
	return out
}

// listTexts are those of one field of all structs in a list.
func listTexts(c schema.Column, rows span, d *digest) [][]string {
	out := make([][]string, rows.len)
	for i := range out {
		list := listAt(rows.at(i, c.List.Offset), c.List)
		out[i] = make([]string, list.len)
		for j := range out[i] {
			out[i][j] = *(*string)(list.at(j, c.Offset))
		}
		d.texts(out[i])
	}
	return out
}

// listAt are the structs of a list.
func listAt(place unsafe.Pointer, list *schema.Field) span {
	bytes := (*[]byte)(place) // all slices begin alike
	return span{unsafe.Pointer(unsafe.SliceData(*bytes)), list.Type.Elem().Size(), len(*bytes)}
}

// absentCodec is the codec of an Opt of a word, which has a word for what is not known.
func absentCodec(c schema.Column) (codec, bool) {
	if c.Type.Kind() != reflect.Struct || c.Type.Field(0).Type.Kind() != reflect.String {
		return codec{}, false
	}
	put := func(v *schema.Opt[string], d *digest) string {
		text := v.Or(c.Absent)
		d.text(text)
		return text
	}
	return newCodec(c, put, func(v *schema.Opt[string]) any { return takeWord(v, c.Absent) }), true
}

// timeCodec is the codec of a time, which is a DateTime64(3) unless its tag says something else.
func timeCodec(c schema.Column) (codec, bool) {
	_, isOpt := reflect.Zero(c.Type).Interface().(schema.Opt[time.Time])
	switch {
	case c.Time == "" && isOpt:
		return checked(optionalCodec(c, digestMillis), c, func(v *schema.Opt[time.Time]) error { return sortable(v.V) }), true
	case c.Time == "":
		return checked(newCodec(c, putTime, itself), c, func(v *time.Time) error { return sortable(*v) }), true
	case c.Time == "DateTime" && isOpt:
		return checked(optionalCodec(c, digestSeconds), c, func(v *schema.Opt[time.Time]) error {
			if !v.Known {
				return nil
			}
			return representable(v.V)
		}), true
	case c.Time == "DateTime":
		return checked(newCodec(c, putTime, itself), c, func(v *time.Time) error { return representable(*v) }), true
	case c.Time == "seconds" && !isOpt:
		return newCodec(c, putSecond, itself), true
	}
	return codec{}, false
}

// checked blames values that the column cannot hold.
func checked[V any](all codec, c schema.Column, check func(*V) error) codec {
	values := func(rows span, d *digest, used any) (any, error) {
		for i := range rows.len {
			if err := check((*V)(rows.at(i, c.Offset))); err != nil {
				return nil, err
			}
		}
		return all.values(rows, d, used)
	}
	return codec{values, all.target}
}

// representable reports whether a time is of the years 1970 to 2106, which are those of a DateTime; clickhouse-go would
// turn any other into one of them.
func representable(t time.Time) error {
	if s := t.Unix(); s < 0 || s > math.MaxUint32 {
		return fmt.Errorf("the time %s is not one that a DateTime can hold", t.Format(time.RFC3339))
	}
	return nil
}

// sortable reports whether a time is one that a DateTime64 shows as it is, up to 2299: one beyond would show as another, and
// sort behind everything for ever. What lies before 1900 is a time that was never set.
func sortable(t time.Time) error {
	if t.Unix() >= endOfTime {
		return fmt.Errorf("the time %s is not one that a DateTime64 can hold", t.Format(time.RFC3339))
	}
	return nil
}

// endOfTime is the beginning of 2299, in seconds.
const endOfTime = 10382256000
