// Package wire writes and reads JSON as the carrier's documents have it: Writer prints the spaces and the kinds of NULL
// of their examples, and Form reads a body field by field and names the rule of a table that a field breaks. It knows
// no call, and no text in which a mistake is refused.
package wire

import (
	"encoding/json"
	"strconv"
)

// Style says in which of its forms the carrier writes its answers.
type Style string

// The styles.
const (
	StyleDocument Style = "document" // as the examples of UNO Mobile API v2.1 print them: misspelt keys, blanks, braces, 2013/12/31:20:30
	StyleModern   Style = "modern"   // as its tables say and its notes announce: right keys, accessType, arrays, ISO 8601, null
	StyleMixed    Style = "mixed"    // every combination, by line: a client that reads this reads them all
)

// AsPrinted reports whether, of two forms that a document has, that of its examples is the one to use, which the
// modern style never uses and the mixed one by a number that stands for chance.
func (s Style) AsPrinted(n uint64) bool { return s == StyleDocument || s == StyleMixed && n%2 == 0 }

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

// Close closes the innermost lists and objects, with their brackets in order, and returns all that was written.
func (w *Writer) Close(brackets string) []byte {
	w.Bytes = append(w.Bytes, brackets...)
	return w.Bytes
}

// Element writes a string that stands in a list.
func (w *Writer) Element(value string) {
	w.comma()
	w.quoted(value)
}

// Text writes a string.
func (w *Writer) Text(key, value string) {
	w.name(key)
	w.quoted(value)
}

// quoted writes a JSON string. What needs no escape, as most texts, is copied.
func (w *Writer) quoted(value string) {
	for i := range len(value) {
		if c := value[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			w.Bytes = append(w.Bytes, Quote(value)...)
			return
		}
	}
	w.Bytes = append(w.Bytes, '"')
	w.Bytes = append(w.Bytes, value...)
	w.Bytes = append(w.Bytes, '"')
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

// Raw writes JSON as it is.
func (w *Writer) Raw(key, value string) {
	w.name(key)
	w.Bytes = append(w.Bytes, value...)
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
