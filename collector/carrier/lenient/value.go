package lenient

import (
	"bytes"
	"iter"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"kaisen/schema"
)

// kind is what a value looks like.
type kind uint8

const (
	isNull kind = iota
	isString
	isNumber
	isBool
	isList
	isObject
)

// Value is one JSON value as it stands in the answer, to be looked into later; the zero Value is one that was not given.
type Value struct {
	kind    kind
	escaped bool   // a string with backslashes
	raw     []byte // a string without its quotes; anything else whole
}

// Text returns a value as the carrier meant it: a string without the blanks around it, or a number as it was written.
// NULL in its three forms, lists, objects and booleans have none.
func (v Value) Text() []byte {
	switch v.kind {
	case isString:
		text := trim(unescape(v.raw, v.escaped))
		if len(text) == 4 && strings.EqualFold(string(text), "null") {
			return nil
		}
		return text
	case isNumber:
		return v.raw
	}
	return nil
}

// Null reports whether the value is one of the three forms of NULL: null, "" and the text NULL.
func (v Value) Null() bool { return v.kind == isNull || v.kind == isString && len(v.Text()) == 0 }

// IsNumber reports whether the value is a JSON number, which loses the zeros at its beginning.
func (v Value) IsNumber() bool { return v.kind == isNumber }

// IsList reports whether the value is a list.
func (v Value) IsList() bool { return v.kind == isList }

// IsObject reports whether the value is an object.
func (v Value) IsObject() bool { return v.kind == isObject }

// Elements are the values of a list; of anything else there are none.
func (v Value) Elements() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		s := scanner{data: v.raw, depth: 1}
		for first := true; v.kind == isList; first = false {
			more, err := s.element(']', first)
			if err != nil || !more { // no error can be: the value was scanned before
				return
			}
			if element, err := s.value(); err != nil || !yield(element) {
				return
			}
		}
	}
}

// Members are the members of an object with their keys, folded to lower case without blanks; "" is a key that no
// document has. Of anything else there are none.
func (v Value) Members() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		s := scanner{data: v.raw, depth: 1}
		var buffer [maxKey]byte
		for first := true; v.kind == isObject; first = false {
			key, more, err := s.member(first)
			if err != nil || !more { // no error can be: the value was scanned before
				return
			}
			if member, err := s.value(); err != nil || !yield(string(fold(key, &buffer)), member) {
				return
			}
		}
	}
}

// Count returns a whole number, 0..2^64-1. The documents' range of bytes goes one further, to 2^64, which a UInt64 does
// not hold: that one is the maximum, and saturated. ok is false for anything that is not a whole number in range.
func (v Value) Count() (n schema.Opt[uint64], saturated, ok bool) {
	text := v.Text()
	if len(text) == 0 {
		return n, false, v.Null()
	}
	sum, saturated, ok := count(text)
	return schema.Opt[uint64]{V: sum, Known: ok}, saturated, ok
}

func count(text []byte) (sum uint64, saturated, ok bool) {
	text = narrow(text)
	for i, c := range text {
		if !isDigit(c) {
			return 0, false, false
		}
		digit := uint64(c - '0')
		if sum > (math.MaxUint64-digit)/10 {
			// 2^64-1 ends in 5, 2^64 in 6: the only sum that may overflow, and only as the last digit.
			if sum == math.MaxUint64/10 && digit == 6 && i == len(text)-1 {
				return math.MaxUint64, true, true
			}
			return 0, false, false
		}
		sum = sum*10 + digit
	}
	return sum, false, len(text) > 0
}

// Code reads a status code: "1", "01" and 1 are the same. ok is false for what is given but is no number up to 255.
func (v Value) Code() (n schema.Opt[uint8], ok bool) {
	count, _, ok := v.Count()
	if !ok || count.V > math.MaxUint8 {
		return n, false
	}
	return schema.Opt[uint8]{V: uint8(count.V), Known: count.Known}, true
}

// quote returns the value for an error text: short, because an answer may hold anything.
func (v Value) quote() string {
	const most = 40
	text := string(v.raw)
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return "\"" + text + "\""
}

// kindName returns what the value is, for an error text that must not quote it.
func (v Value) kindName() string {
	return [...]string{"null", "a text", "a number", "a truth", "a list", "an object"}[v.kind]
}

// trim takes blanks off both ends, also the wide ones that the carrier's own rules forbid (UNO Mobile API v2.1, note on §1.1).
func trim(text []byte) []byte {
	n := len(text)
	if n == 0 || plain(text[0]) && plain(text[n-1]) {
		return text
	}
	return bytes.TrimFunc(text, unicode.IsSpace)
}

// plain reports whether a byte is certainly no part of a blank.
func plain(c byte) bool { return c > ' ' && c < utf8.RuneSelf }

// clean returns a text with what is not UTF-8 replaced, as encoding/json does.
func clean(text []byte) string {
	if utf8.Valid(text) {
		return string(text)
	}
	return string([]rune(string(text)))
}

// maxKey is longer than any key of the documents.
const maxKey = 40

// fold returns a key without blanks and case, in a buffer that the caller gives; nil for one that no document has.
func fold(key []byte, buffer *[maxKey]byte) []byte {
	key = trim(key)
	if len(key) > maxKey {
		return nil
	}
	for i, c := range key {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		buffer[i] = c
	}
	return buffer[:len(key)]
}

// narrow turns full-width digits into ordinary ones.
func narrow(text []byte) []byte {
	for _, c := range text {
		if c >= utf8.RuneSelf {
			return bytes.Map(func(r rune) rune {
				if r >= '０' && r <= '９' {
					return r - '０' + '0'
				}
				return r
			}, text)
		}
	}
	return text
}

func allDigits[T string | []byte](text T) bool {
	for i := range len(text) {
		if !isDigit(text[i]) {
			return false
		}
	}
	return true
}
