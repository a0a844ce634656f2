package api

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"kaisen/collector/carrier/lenient"
)

// need reports whether a field may be left out.
type need bool

const (
	optional  need = false
	mandatory need = true
)

// check gathers what is wrong with a request, by the rows of the document's tables.
type check struct{ lenient.Check }

func newCheck() check { return check{lenient.Check{Terse: true}} }

// text checks a field by its row in a table of the document.
func (c *check) text(field, value string, need need, class lenient.Class, most int) {
	if need == mandatory {
		c.Required(field, value)
	}
	c.Text(field, value, 0, most, class)
}

// The document's character classes of a field (凡例【型と桁数について】).

// wide is N: full-width.
func wide(text string) []string {
	return classed(text, "must be full-width (N) throughout", func(r rune) bool { return !halfWidth(r) })
}

// half is X: half-width.
func half(text string) []string { return classed(text, "must be half-width (X) throughout", halfWidth) }

// digits is 9: half-width digits.
func digits(text string) []string {
	return classed(text, "must be half-width digits (9)", func(r rune) bool { return r >= '0' && r <= '9' })
}

// mixed is NX: both.
func mixed(text string) []string { return classed(text, "", func(rune) bool { return true }) }

// classed returns what is wrong with a text: blanks at its ends, and the first character that is none of the class.
func classed(text, problem string, has func(rune) bool) (problems []string) {
	if strings.TrimSpace(text) != text {
		problems = append(problems, "begins or ends with a blank")
	}
	for _, r := range text {
		switch {
		case unicode.IsControl(r):
			return append(problems, "holds a control character")
		case !has(r):
			return append(problems, problem)
		}
	}
	return problems
}

// halfWidth reports whether Shift_JIS, by which the carrier's systems count, keeps a character in one byte: ASCII and
// half-width katakana.
func halfWidth(r rune) bool { return r < 0x7f || r >= '｡' && r <= 'ﾟ' }

// contract: 契約番号(N番), X, fixed 10: N and nine digits.
func (c *check) contract(id string) {
	switch {
	case id == "":
		c.Add("contractId", "missing")
	case len(id) != 10 || id[0] != 'N' || !allDigits(id[1:]):
		c.Add("contractId", "want N and nine digits, like N123456789")
	}
}

// line: 回線番号, 9, up to 11. Blanks and hyphens, as people write them, are none of the carrier's.
func (c *check) line(field, no string) { c.text(field, no, mandatory, digits, 11) }

// order: 入力元受付ID, X9, up to 64: AGU and digits, or AGB, which row ⑬ of the table of errors knows beside it. Where the
// table of a call allows bare digits too, bare does.
func (c *check) order(id string, bare bool) {
	rest, tagged := strings.CutPrefix(id, "AGU")
	if !tagged {
		rest, tagged = strings.CutPrefix(id, "AGB")
	}
	switch {
	case id == "":
		c.Add("orderId", "missing")
	case len(id) > 64:
		c.Add("orderId", "%d characters, at most 64", utf8.RuneCountInString(id))
	case !tagged && !bare || rest == "" || !allDigits(rest):
		c.Add("orderId", "want AGU and digits, like AGU1712080057782, or AGB and digits")
	}
}

// agreement: 同意する, X, fixed 3. With no the carrier stops, so that only yes makes sense.
func (c *check) agreement(a Agreement) {
	switch a {
	case Agreed:
	case "":
		c.Add("agreement", "missing: must be yes")
	default:
		c.Add("agreement", "must be yes: with anything else the carrier stops")
	}
}

// code checks a field that takes a few values alone.
func (c *check) code(field, value string, known bool, want string) {
	switch {
	case value == "":
		c.Add(field, "missing: want %s", want)
	case !known:
		c.Add(field, "want %s", want)
	}
}

// ipv4: NX up to 1,024, IPv4.
func (c *check) ipv4(field, value string, need need) {
	if need == mandatory {
		c.Required(field, value)
	}
	c.IPv4(field, value)
}

// roaming: 国際ローミング上限額, up to 11. Call 06 may list codes that the document does not.
func (c *check) roaming(field string, code RoamingCode) {
	if code != "" && code != RoamingNone && (len(code) != 8 || code[0] != 'T' || !allDigits(string(code[1:]))) {
		c.Add(field, "want T and seven digits, like T6000036, or none")
	}
}

// day: YYYYMMDD, from the day of the order to the last of the next month. It is false where nothing more can be said
// of the day.
func (c *check) day(field string, d Day, now time.Time) (time.Time, bool) {
	if d == "" {
		c.Add(field, "missing")
		return time.Time{}, false
	}
	at, ok := d.in(now.Location())
	if !ok {
		c.Add(field, "want a day that exists, as YYYYMMDD")
		return time.Time{}, false
	}
	year, month, today := now.Date()
	first := time.Date(year, month, today, 0, 0, 0, 0, now.Location())
	last := time.Date(year, month+2, 0, 0, 0, 0, 0, now.Location())
	if at.Before(first) || at.After(last) {
		c.Add(field, "must lie between today and the last of next month, %s and %s", DayOf(first), DayOf(last))
		return time.Time{}, false
	}
	return at, true
}

// numbers checks that the orders of a list are numbered 1..999, each by its own.
func (c *check) numbers(list []Number) {
	seen := map[Number]bool{}
	for i, n := range list {
		n = n.at(i)
		if n > 999 {
			c.Add(fmt.Sprintf("linesList[%d].number", i), "at most 999")
		}
		if seen[n] {
			c.Add(fmt.Sprintf("linesList[%d].number", i), "%d was used before", n)
		}
		seen[n] = true
	}
}

// orders checks how many there are in one request (row ⑨ of the table of errors).
func (c *check) orders(n, most int) {
	switch {
	case n == 0:
		c.Add("linesList", "missing")
	case n > most:
		c.Add("linesList", "%d orders, at most %d", n, most)
	}
}

func allDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}
