package simulator

import (
	"net/netip"
	"strings"
	"time"
	"unicode"
)

// The classes of characters of the tables (凡例【型と桁数について】) and the forms of values.

// isPlain: NX, anything but control characters.
func isPlain(s string) bool { return !strings.ContainsFunc(s, unicode.IsControl) }

// isHalf: X, what takes half the width: ASCII and half-width katakana.
func isHalf(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !halfWidth(r) || unicode.IsControl(r) })
}

// isWide: N, nothing of half the width.
func isWide(s string) bool { return !strings.ContainsFunc(s, halfWidth) && isPlain(s) }

func halfWidth(r rune) bool { return r < 0x80 || r >= '｡' && r <= 'ﾟ' }

// isAlnum: half-width letters and digits.
func isAlnum(s string) bool { return isWord(s, "") }

// isWord: half-width letters, digits and some symbols.
func isWord(s, symbols string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		return !letter && !strings.ContainsRune(symbols, r)
	})
}

// isAddress: IPv4. The example of call 17 has a blank before one.
func isAddress(s string) bool {
	address, err := netip.ParseAddr(strings.TrimSpace(s))
	return err == nil && address.Is4()
}

// oneOf is for fields that take a few values alone.
func oneOf(values ...string) func(string) bool {
	return func(s string) bool {
		for _, value := range values {
			if s == value {
				return true
			}
		}
		return false
	}
}

// dateForm is YYYYMMDD.
const dateForm = "20060102"

// parseDay reads YYYYMMDD, a day that exists.
func parseDay(text string) (day int, ok bool) {
	if len(text) != len(dateForm) || !isDigits(text) {
		return 0, false
	}
	date, err := time.Parse(dateForm, text)
	if err != nil {
		return 0, false
	}
	return dayNumber(date.Date()), true
}

func isDay(text string) bool {
	_, ok := parseDay(text)
	return ok
}

// dayDigits is a day as YYYYMMDD.
func dayDigits(day int) string { return dateOf(day).Format(dateForm) }
