package lenient

import (
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"

	"kaisen/collector/carrier"
)

// Check gathers what is wrong with a request, every broken rule by its field. Its texts never quote a value, which may be
// a password.
type Check struct {
	carrier.Violations

	// Terse words rules as those of UNO Mobile: "missing" instead of "is missing".
	Terse bool
}

// Class returns what is wrong with the characters of a text.
type Class func(text string) (problems []string)

// Only is the class of texts that have no other characters than those; any other is the problem.
func Only(has func(c rune) bool, problem string) Class {
	return func(text string) []string {
		if strings.ContainsFunc(text, func(c rune) bool { return !has(c) }) {
			return []string{problem}
		}
		return nil
	}
}

// AnyCharacter lets everything through.
func AnyCharacter() Class { return func(string) []string { return nil } }

// Digits are 0-9, half width.
func Digits() Class {
	return Only(func(c rune) bool { return c >= '0' && c <= '9' }, "may have nothing but half-width digits")
}

// Alphanumeric are letters and digits, half width.
func Alphanumeric() Class {
	return Only(func(c rune) bool {
		return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
	}, "may have nothing but half-width letters and digits")
}

// HalfWidth are letters, digits and signs, without blanks.
func HalfWidth() Class {
	return Only(func(c rune) bool { return c > ' ' && c <= '~' }, "may have nothing but half-width letters, digits and signs")
}

// Text checks an optional text: its length in characters, from least to most, and its characters.
func (c *Check) Text(field, value string, least, most int, class Class) {
	if value == "" {
		return
	}
	if !utf8.ValidString(value) {
		c.Add(field, "is not UTF-8")
		return
	}
	n := utf8.RuneCountInString(value)
	switch {
	case n >= least && n <= most:
	case c.Terse && least > 0:
		c.Add(field, "%d characters, want %d to %d", n, least, most)
	case c.Terse:
		c.Add(field, "%d characters, at most %d", n, most)
	case least == most:
		c.Add(field, "is %d characters long, must be %d", n, most)
	case least <= 1:
		c.Add(field, "is %d characters long, may be %d at most", n, most)
	default:
		c.Add(field, "is %d characters long, must be %d to %d", n, least, most)
	}
	for _, problem := range class(value) {
		c.Add(field, "%s", problem)
	}
}

// Required notes a value that is missing.
func (c *Check) Required(field, value string) {
	switch {
	case value != "":
	case c.Terse:
		c.Add(field, "missing")
	default:
		c.Add(field, "is missing")
	}
}

// IPv4 checks an optional address; ok is true where there is one.
func (c *Check) IPv4(field, text string) (address netip.Addr, ok bool) {
	if text == "" {
		return address, false
	}
	address, err := netip.ParseAddr(text)
	switch {
	case err == nil && address.Is4():
		return address, true
	case c.Terse:
		c.Add(field, "want an IPv4 address, like 192.168.1.1")
	default:
		c.Add(field, "is no IPv4 address, as 192.0.2.1")
	}
	return address, false
}

// OneOf checks an optional code.
func (c *Check) OneOf(field, value string, allowed ...string) {
	if value == "" {
		return
	}
	if !slices.Contains(allowed, value) {
		c.Add(field, "must be one of %s", strings.Join(allowed, ", "))
	}
}

// FourDigits checks a number that the document limits to four digits.
func (c *Check) FourDigits(field string, n int) {
	if n < 0 || n > 9999 {
		c.Add(field, "must be 0 to 9999")
	}
}

// Date checks an optional day: it must exist.
func (c *Check) Date(field string, d Date) {
	if d != "" && !d.Day().Known {
		c.Add(field, "is no day that exists, as YYYYMMDD")
	}
}

// Period checks two optional days, of which the first must not be the later one.
func (c *Check) Period(fromField string, from Date, toField string, to Date) {
	c.Date(fromField, from)
	c.Date(toField, to)
	first, last := from.Day(), to.Day()
	if first.Known && last.Known && first.V > last.V {
		c.Add(fromField, "is after %s", toField)
	}
}

// Within adds the violations of a part of the request, with the part's name before the fields.
func (c *Check) Within(name string, part carrier.Violations) {
	for _, v := range part {
		c.Add(name+"."+v.Field, "%s", v.Problem)
	}
}
