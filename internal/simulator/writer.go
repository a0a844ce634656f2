package simulator

import (
	"encoding/json"
	"strconv"
)

// NullForm is how NULL is written.
type NullForm uint8

// The forms of NULL.
const (
	NullEmpty  NullForm = iota // ""
	NullText                   // "NULL"
	NullJSON                   // null
	NullAbsent                 // without the key
)

// Writer builds JSON as the documents print it, which encoding/json cannot. The zero value is empty and writes ""
// for NULL.
type Writer struct {
	Bytes []byte
	Null  NullForm
}

// comma stands before everything that is not the first in its list or object.
func (w *Writer) comma() {
	if n := len(w.Bytes); n > 0 && w.Bytes[n-1] != '{' && w.Bytes[n-1] != '[' {
		w.Bytes = append(w.Bytes, ',')
	}
}

func (w *Writer) name(key string) {
	w.comma()
	w.Bytes = append(w.Bytes, '"')
	w.Bytes = append(w.Bytes, key...)
	w.Bytes = append(w.Bytes, '"', ':', ' ')
}

// Begin opens a list or an object that stands in a list or for itself.
func (w *Writer) Begin(bracket byte) {
	w.comma()
	w.Bytes = append(w.Bytes, bracket)
}

// Open opens a list or an object that is the value of a key.
func (w *Writer) Open(key string, bracket byte) {
	w.name(key)
	w.Bytes = append(w.Bytes, bracket)
}

// Close closes the innermost lists and objects, with their brackets in order.
func (w *Writer) Close(brackets string) { w.Bytes = append(w.Bytes, brackets...) }

// Element writes a string that stands in a list.
func (w *Writer) Element(value string) {
	w.comma()
	w.Bytes = append(w.Bytes, Quote(value)...)
}

// Text writes a string.
func (w *Writer) Text(key, value string) {
	w.name(key)
	w.Bytes = append(w.Bytes, Quote(value)...)
}

// Optional writes a string that may be NULL: an empty one is.
func (w *Writer) Optional(key, value string) {
	if value == "" {
		w.WriteNull(key)
		return
	}
	w.Text(key, value)
}

// WriteNull writes that there is no value.
func (w *Writer) WriteNull(key string) {
	switch w.Null {
	case NullEmpty:
		w.Text(key, "")
	case NullText:
		w.Text(key, "NULL")
	default:
		w.Nothing(key)
	}
}

// Nothing writes that there is no object: null, or no key.
func (w *Writer) Nothing(key string) {
	if w.Null != NullAbsent {
		w.name(key)
		w.Bytes = append(w.Bytes, "null"...)
	}
}

// Number writes digits, as a string or bare.
func (w *Writer) Number(key string, value uint64, bare bool) {
	w.name(key)
	if !bare {
		w.Bytes = append(w.Bytes, '"')
	}
	w.Bytes = strconv.AppendUint(w.Bytes, value, 10)
	if !bare {
		w.Bytes = append(w.Bytes, '"')
	}
}

// Quote is a JSON string.
func Quote(s string) string {
	text, _ := json.Marshal(s) // a string always can
	return string(text)
}
