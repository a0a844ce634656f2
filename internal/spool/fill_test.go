package spool

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"kaisen/schema"
)

// filler puts something into every field there is, so that a field added later is tested too.
type filler struct {
	t      testing.TB
	random *rand.Rand
}

// batch has some rows for every table.
func (f filler) batch(most int) schema.Batch {
	var b schema.Batch
	for _, part := range b.Parts() {
		rows := reflect.ValueOf(part.Rows.All()).Elem()
		for range f.random.IntN(most + 1) {
			row := reflect.New(rows.Type().Elem()).Elem()
			f.fill(row)
			rows.Set(reflect.Append(rows, row))
		}
	}
	return b
}

func (f filler) fill(v reflect.Value) {
	if f.random.IntN(8) == 0 {
		return // the zero value
	}
	if at, ok := v.Addr().Interface().(*time.Time); ok {
		*at = f.time()
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(f.random.IntN(2) == 0)
	case reflect.String:
		v.SetString(f.text())
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uint:
		v.SetUint(f.random.Uint64() >> (64 - v.Type().Bits()) >> f.random.IntN(v.Type().Bits()))
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Int:
		v.SetInt(int64(f.random.Uint64()) >> (64 - v.Type().Bits()))
	case reflect.Float64:
		v.SetFloat(math.Float64frombits(f.random.Uint64() &^ (1 << 62))) // no NaN: it equals nothing
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), f.random.IntN(4), 4))
		for i := range v.Len() {
			f.fill(v.Index(i))
		}
	default:
		f.t.Fatalf("a row has a %s; teach the spool's tests what to put there", v.Type())
	}
}

// text is any bytes: what a carrier sends need not be UTF-8.
func (f filler) text() string {
	text := make([]byte, f.random.IntN(40))
	for i := range text {
		text[i] = byte(f.random.Uint32())
	}
	if f.random.IntN(2) == 0 {
		return fmt.Sprintf("回線 %x", text)
	}
	return string(text)
}

// time is any instant of the years 1 to 9999, to the nanosecond, in any zone.
func (f filler) time() time.Time {
	first, last := time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC).Unix(), time.Date(9999, 12, 30, 0, 0, 0, 0, time.UTC).Unix()
	at := time.Unix(first+f.random.Int64N(last-first), f.random.Int64N(1e9))
	return at.In(time.FixedZone("", f.random.IntN(24*3600)-12*3600))
}
