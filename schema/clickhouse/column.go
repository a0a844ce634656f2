package clickhouse

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/cespare/xxhash/v2"

	"kaisen/schema"
)

// column is one column of the inserts into a table of rows R: its name in the database, and how its values are
// taken from the rows: as one typed slice, because clickhouse-go is an order of magnitude faster with those than row
// by row. On the way every value goes into the digest that becomes the insert's deduplication token. An error blames
// a value.
type column[R any] struct {
	name   string
	values func(rows []R, d *digest) (any, error)
}

// digest hashes values so that two inserts with the same digest have the same rows in the same order.
type digest struct {
	hash xxhash.Digest
	word [8]byte
}

func newDigest(table string) *digest {
	d := new(digest)
	d.hash.Reset()
	d.text(table)
	return d
}

func (d *digest) number(v uint64) {
	binary.LittleEndian.PutUint64(d.word[:], v)
	d.hash.Write(d.word[:])
}

func (d *digest) text(v string) {
	d.number(uint64(len(v)))
	d.hash.WriteString(v)
}

// text is a String, LowCardinality(String) or Enum8 column.
func text[R any, S ~string](name string, of func(*R) S) column[R] {
	return column[R]{name, func(rows []R, d *digest) (any, error) {
		out := make([]string, len(rows))
		for i := range rows {
			v := string(of(&rows[i]))
			d.text(v)
			out[i] = v
		}
		return out, nil
	}}
}

// texts is an Array of strings.
func texts[R any](name string, of func(*R) []string) column[R] {
	return column[R]{name, func(rows []R, d *digest) (any, error) {
		out := make([][]string, len(rows))
		for i := range rows {
			out[i] = of(&rows[i])
			d.number(uint64(len(out[i])))
			for _, v := range out[i] {
				d.text(v)
			}
		}
		return out, nil
	}}
}

// number is an unsigned column of V's width.
func number[R any, V uint8 | uint16 | uint64](name string, of func(*R) V) column[R] {
	return column[R]{name, func(rows []R, d *digest) (any, error) {
		out := make([]V, len(rows))
		for i := range rows {
			out[i] = of(&rows[i])
			d.number(uint64(out[i]))
		}
		return out, nil
	}}
}

// boolean is a Bool column.
func boolean[R any](name string, of func(*R) bool) column[R] {
	return column[R]{name, func(rows []R, d *digest) (any, error) {
		out := make([]bool, len(rows))
		for i := range rows {
			out[i] = of(&rows[i])
			d.number(asWord(out[i]))
		}
		return out, nil
	}}
}

// second is a DateTime column. It holds the years 1970 to 2106; clickhouse-go would turn any other into one of them.
func second[R any](name string, of func(*R) time.Time) column[R] {
	all := moment(name, of)
	return column[R]{name, func(rows []R, d *digest) (any, error) {
		for i := range rows {
			if err := representable(of(&rows[i])); err != nil {
				return nil, err
			}
		}
		return all.values(rows, d)
	}}
}

func representable(t time.Time) error {
	if s := t.Unix(); s < 0 || s > math.MaxUint32 {
		return fmt.Errorf("the time %s is not one that a DateTime can hold", t.Format(time.RFC3339))
	}
	return nil
}

// moment is a DateTime64(3) column.
func moment[R any](name string, of func(*R) time.Time) column[R] {
	return column[R]{name, func(rows []R, d *digest) (any, error) {
		out := make([]time.Time, len(rows))
		for i := range rows {
			out[i] = of(&rows[i])
			d.number(uint64(out[i].UnixMilli()))
		}
		return out, nil
	}}
}

// day is a Date column.
func day[R any](name string, of func(*R) schema.Date) column[R] {
	return column[R]{name, func(rows []R, d *digest) (any, error) {
		out := make([]time.Time, len(rows))
		for i := range rows {
			v := of(&rows[i])
			out[i] = v.Time()
			d.number(uint64(v))
		}
		return out, nil
	}}
}

// optional is a Nullable column: V as the row has it, W as clickhouse-go takes it.
func optional[R, V, W any](name string, of func(*R) *schema.Opt[V], convert func(*V) *W, word func(*W) uint64) column[R] {
	return column[R]{name, func(rows []R, d *digest) (any, error) {
		out := make([]*W, len(rows))
		for i := range rows {
			v := of(&rows[i])
			d.number(asWord(v.Known))
			if v.Known {
				out[i] = convert(&v.V)
				d.number(word(out[i]))
			}
		}
		return out, nil
	}}
}

func optionalNumber[R any, V uint8 | uint64](name string, of func(*R) *schema.Opt[V]) column[R] {
	return optional(name, of, same[V], func(v *V) uint64 { return uint64(*v) })
}

func optionalBoolean[R any](name string, of func(*R) *schema.Opt[bool]) column[R] {
	return optional(name, of, same[bool], func(v *bool) uint64 { return asWord(*v) })
}

func optionalSecond[R any](name string, of func(*R) *schema.Opt[time.Time]) column[R] {
	all := optional(name, of, same[time.Time], func(v *time.Time) uint64 { return uint64(v.Unix()) })
	return column[R]{name, func(rows []R, d *digest) (any, error) {
		for i := range rows {
			if v := of(&rows[i]); v.Known {
				if err := representable(v.V); err != nil {
					return nil, err
				}
			}
		}
		return all.values(rows, d)
	}}
}

func optionalDay[R any](name string, of func(*R) *schema.Opt[schema.Date]) column[R] {
	convert := func(v *schema.Date) *time.Time { t := v.Time(); return &t }
	return optional(name, of, convert, func(v *time.Time) uint64 { return uint64(v.Unix()) })
}

// optionalMoment is a Nullable(DateTime64(3)) column.
func optionalMoment[R any](name string, of func(*R) *schema.Opt[time.Time]) column[R] {
	return optional(name, of, same[time.Time], func(v *time.Time) uint64 { return uint64(v.UnixMilli()) })
}

// optionalDays is an Array(Nullable(Date)) column.
func optionalDays[R any](name string, of func(*R) []schema.Opt[schema.Date]) column[R] {
	return column[R]{name, func(rows []R, d *digest) (any, error) {
		out := make([][]*time.Time, len(rows))
		for i := range rows {
			days := of(&rows[i])
			out[i] = make([]*time.Time, len(days))
			d.number(uint64(len(days)))
			for j, day := range days {
				d.number(asWord(day.Known))
				if day.Known {
					midnight := day.V.Time()
					out[i][j] = &midnight
					d.number(uint64(day.V))
				}
			}
		}
		return out, nil
	}}
}

func same[V any](v *V) *V { return v }

func asWord(v bool) uint64 {
	if v {
		return 1
	}
	return 0
}
