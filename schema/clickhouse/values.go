package clickhouse

import (
	"fmt"
	"time"

	"kaisen/schema"
)

// A put function makes of a value of a row what clickhouse-go takes, and digests it. What is digested, and how, never
// changes: a spool may hold rows of which an earlier kaisen has sent a part.

func putBytes(v *[]byte, d *digest) string {
	text := string(*v)
	d.text(text)
	return text
}

func putTexts(v *[]string, d *digest) []string {
	d.texts(*v)
	return *v
}

func putBool(v *bool, d *digest) bool {
	d.boolean(*v)
	return *v
}

func putNumber[V uint8 | uint16 | uint64](v *V, d *digest) V {
	d.number(uint64(*v))
	return *v
}

func putTime(v *time.Time, d *digest) time.Time {
	digestMillis(v, d)
	return *v
}

func putSecond(v *time.Time, d *digest) time.Time {
	second := v.Truncate(time.Second)
	digestMillis(&second, d)
	return second
}

func putDate(v *schema.Date, d *digest) time.Time {
	d.number(uint64(*v))
	return v.Time()
}

func putOptDate(v *schema.Opt[schema.Date], d *digest) *time.Time {
	d.boolean(v.Known)
	if !v.Known {
		return nil
	}
	midnight := v.V.Time()
	digestSeconds(&midnight, d)
	return &midnight
}

func putOptDates(v *[]schema.Opt[schema.Date], d *digest) []*time.Time {
	out := make([]*time.Time, len(*v))
	d.number(uint64(len(out)))
	for i, day := range *v {
		d.boolean(day.Known)
		if day.Known {
			d.number(uint64(day.V))
			midnight := day.V.Time()
			out[i] = &midnight
		}
	}
	return out
}

func digestBool(v *bool, d *digest) { d.boolean(*v) }

func digestNumber[V uint8 | uint64](v *V, d *digest) { d.number(uint64(*v)) }

func digestMillis(v *time.Time, d *digest) { d.number(uint64(v.UnixMilli())) }

func digestSeconds(v *time.Time, d *digest) { d.number(uint64(v.Unix())) }

// taker is what clickhouse-go scans values S into: take puts each where it belongs.
type taker[S any] struct {
	what string // S, for errors
	take func(S)
	null func() // what a NULL does, or nil where there is none
}

// Scan is a database/sql Scanner's.
func (t taker[S]) Scan(src any) error {
	switch v := src.(type) {
	case S:
		t.take(v)
	case *S:
		t.take(*v)
	default:
		if src != nil || t.null == nil {
			return fmt.Errorf("%T is no %s", src, t.what)
		}
		t.null()
	}
	return nil
}

// takeOpt is the target of a Nullable column.
func takeOpt[V any](into *schema.Opt[V]) any {
	return taker[V]{fmt.Sprintf("%T", into.V), func(v V) { *into = schema.Some(v) }, func() { *into = schema.Opt[V]{} }}
}

// takeWord is the target of a column in which a word stands for what is not known.
func takeWord(into *schema.Opt[string], absent string) any {
	return taker[string]{what: "name", take: func(word string) {
		*into = schema.Opt[string]{}
		if word != absent {
			*into = schema.Some(word)
		}
	}}
}

// takeDate takes a day's midnight.
func takeDate(into *schema.Date) any {
	return taker[time.Time]{what: "day", take: func(t time.Time) { *into = schema.DateOf(t) }}
}

func takeOptDate(into *schema.Opt[schema.Date]) any {
	return taker[time.Time]{"day", func(t time.Time) { *into = schema.Some(schema.DateOf(t)) }, func() { *into = schema.Opt[schema.Date]{} }}
}

// takeTexts makes nil of an empty list, as does takeOptDates.
func takeTexts(into *[]string) any {
	return taker[[]string]{what: "list of texts", take: func(texts []string) {
		*into = nil
		if len(texts) > 0 {
			*into = texts
		}
	}}
}

func takeOptDates(into *[]schema.Opt[schema.Date]) any {
	return taker[[]*time.Time]{what: "list of days", take: func(days []*time.Time) {
		*into = nil
		for _, day := range days {
			var known schema.Opt[schema.Date]
			if day != nil {
				known = schema.Some(schema.DateOf(*day))
			}
			*into = append(*into, known)
		}
	}}
}
