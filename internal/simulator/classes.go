package simulator

import (
	"net/netip"
	"strings"
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

// isDigits: 9, half-width digits.
func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// hasLetter reports whether there is an ASCII letter in s.
func hasLetter(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; c >= 'a' && c <= 'z' {
			return true
		}
	}
	return false
}
