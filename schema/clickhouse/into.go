package clickhouse

import (
	"fmt"
	"time"

	"kaisen/schema"
)

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
