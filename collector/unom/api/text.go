package api

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

const (
	wideBlank = '\u3000' // the document indents with it
	hardBlank = '\u00a0'
)

// trim takes blanks off both ends, also the wide ones that the carrier's own rules forbid (UNO Mobile API v2.1, note on §1.1).
func trim(text []byte) []byte {
	n := len(text)
	if n == 0 || plain(text[0]) && plain(text[n-1]) {
		return text
	}
	return bytes.TrimFunc(text, isBlank)
}

// plain tells bytes that are certainly no part of a blank.
func plain(c byte) bool { return c > ' ' && c < utf8.RuneSelf }

func isBlank(r rune) bool { return r <= ' ' || r == wideBlank || r == hardBlank }

// text is a value as the carrier meant it: a string without the blanks around it, or a number as it was written.
// NULL in its three forms, lists, objects and booleans have none.
func (v value) text() []byte {
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

// null tells the three forms of NULL: null, "" and the text NULL.
func (v value) null() bool { return v.kind == isNull || v.kind == isString && len(v.text()) == 0 }

// maxKey is longer than any key of the documents.
const maxKey = 40

// fold is a key without blanks and case, in a buffer that the caller gives; nil for one that no document has.
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

// quote is a value for an error text: short, because an answer may hold anything.
func (v value) quote() string {
	const most = 40
	text := string(v.raw)
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return "\"" + text + "\""
}
