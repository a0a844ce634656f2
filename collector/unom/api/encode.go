package api

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"kaisen/schema"
)

// object writes an answer as JSON with the document's names, in its order and its forms, so that kaisen api prints
// what the documents describe whatever dialect the carrier spoke.
type object struct{ text []byte }

// put adds a member.
func (o *object) put(key string, value any) {
	sign := byte(',')
	if len(o.text) == 0 {
		sign = '{'
	}
	o.text = append(o.text, sign)
	o.text = strconv.AppendQuote(o.text, key) // keys are ASCII words
	o.text = append(o.text, ':')
	o.text = append(o.text, plainJSON(value)...)
}

// done ends the object, in the form that MarshalJSON returns.
func (o *object) done() ([]byte, error) { return append(o.text, '}'), nil }

// orNull is null for what was not told.
func orNull[T any](v schema.Opt[T], form func(T) any) any {
	if !v.Known {
		return nil
	}
	return form(v.V)
}

// dayText is YYYYMMDD or null.
func dayText(d schema.Opt[schema.Date]) any {
	return orNull(d, func(d schema.Date) any { return DayOf(d.Time()) })
}

// bytesText is a number of bytes as the carrier writes it, a string: JSON's readers keep only 53 bits of a number.
func bytesText(n schema.Opt[uint64]) any {
	return orNull(n, func(n uint64) any { return strconv.FormatUint(n, 10) })
}

// codeText is a code of one digit as a string.
func codeText(n schema.Opt[uint8]) any {
	return orNull(n, func(n uint8) any { return strconv.Itoa(int(n)) })
}

// minuteText is a time in ISO 8601 as the carrier announced it for the starts of restrictions.
func minuteText(t schema.Opt[time.Time]) any {
	return orNull(t, func(t time.Time) any { return t.Format("2006/01/02T15:04-07:00") })
}

// secondText is YYYYMMDDhhmmss.
func secondText(t time.Time) string { return t.Format(timeForm) }

// codeOf is the documented code of a word that coded has read, null for an unknown one.
func codeOf[T comparable](word T, words []T, first, width int) any {
	i := slices.Index(words, word)
	if i < 0 {
		return nil
	}
	return fmt.Sprintf("%0*d", width, first+i)
}

// List is an answer that is a list of rows about one contract.
type List[T any] struct {
	ContractID string // as the answer told it, "" if it did not
	Items      []T    // at most MaxRows

	key string // of the list
}

// MarshalJSON writes contract and rows.
func (l List[T]) MarshalJSON() ([]byte, error) {
	var o object
	o.put("contractId", l.ContractID)
	items := l.Items
	if items == nil {
		items = []T{}
	}
	o.put(l.key, items)
	return o.done()
}

// Rows are the rows alone, for a table.
func (l List[T]) Rows() any { return l.Items }
