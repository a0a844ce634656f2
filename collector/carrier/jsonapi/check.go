package jsonapi

import (
	"strings"
	"unicode/utf8"

	"kaisen/collector/carrier"
)

// Checks collects what is wrong with a request. Its texts never quote a value, which may be a password.
type Checks struct{ carrier.Violations }

// Class is which characters a text may have.
type Class struct {
	words string // has characters other than …
	has   func(c rune) bool
}

// AnyCharacter lets everything through.
func AnyCharacter() Class { return Class{"", func(rune) bool { return true }} }

// Digits are 0-9, half width.
func Digits() Class {
	return Class{"half-width digits", func(c rune) bool { return c >= '0' && c <= '9' }}
}

// Alphanumeric are letters and digits, half width.
func Alphanumeric() Class {
	return Class{"half-width letters and digits", func(c rune) bool {
		return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
	}}
}

// HalfWidth are letters, digits and signs, without blanks.
func HalfWidth() Class {
	return Class{"half-width letters, digits and signs", func(c rune) bool { return c > ' ' && c <= '~' }}
}

// Text checks an optional text: its length in characters, from least to most, and its characters.
func (c *Checks) Text(field, value string, least, most int, class Class) {
	if value == "" {
		return
	}
	switch n := utf8.RuneCountInString(value); {
	case n >= least && n <= most:
	case least == most:
		c.Add(field, "is %d characters long, must be %d", n, most)
	case least <= 1:
		c.Add(field, "is %d characters long, may be %d at most", n, most)
	default:
		c.Add(field, "is %d characters long, must be %d to %d", n, least, most)
	}
	if strings.ContainsFunc(value, func(r rune) bool { return !class.has(r) }) {
		c.Add(field, "may have nothing but %s", class.words)
	}
}

// Required notes a value that is missing.
func (c *Checks) Required(field, value string) {
	if value == "" {
		c.Add(field, "is missing")
	}
}

// OneOf checks an optional code.
func (c *Checks) OneOf(field, value string, allowed ...string) {
	if value == "" {
		return
	}
	for _, code := range allowed {
		if value == code {
			return
		}
	}
	c.Add(field, "must be one of %s", strings.Join(allowed, ", "))
}

// FourDigits checks a number that the document limits to four digits.
func (c *Checks) FourDigits(field string, n int) {
	if n < 0 || n > 9999 {
		c.Add(field, "must be 0 to 9999")
	}
}

// Date checks an optional day: it must exist.
func (c *Checks) Date(field string, d Date) {
	if d != "" && !d.Day().Known {
		c.Add(field, "is no day that exists, as YYYYMMDD")
	}
}

// Period checks two optional days, of which the first must not be the later one.
func (c *Checks) Period(fromField string, from Date, toField string, to Date) {
	c.Date(fromField, from)
	c.Date(toField, to)
	first, last := from.Day(), to.Day()
	if first.Known && last.Known && first.V > last.V {
		c.Add(fromField, "is after %s", toField)
	}
}

// Within adds the violations of a part of the request, with the part's name before the fields.
func (c *Checks) Within(name string, part carrier.Violations) {
	for _, v := range part {
		c.Add(name+"."+v.Field, "%s", v.Problem)
	}
}
