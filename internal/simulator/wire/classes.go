package wire

import (
	"net/netip"
	"strings"
	"unicode"
)

// The classes of characters of the tables (凡例【型と桁数について】) and the forms of values.

// IsPlain: NX, anything but control characters.
func IsPlain(s string) bool { return !strings.ContainsFunc(s, unicode.IsControl) }

// IsHalf: X, what takes half the width: ASCII and half-width katakana.
func IsHalf(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !halfWidth(r) || unicode.IsControl(r) })
}

// IsWide: N, nothing of half the width.
func IsWide(s string) bool { return !strings.ContainsFunc(s, halfWidth) && IsPlain(s) }

func halfWidth(r rune) bool { return r < 0x80 || r >= '｡' && r <= 'ﾟ' }

// IsAlnum: half-width letters and digits.
func IsAlnum(s string) bool { return IsWord(s, "") }

// IsWord: half-width letters, digits and some symbols.
func IsWord(s, symbols string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		return !letter && !strings.ContainsRune(symbols, r)
	})
}

// IsAddress: IPv4. The example of call 17 has a blank before one.
func IsAddress(s string) bool {
	address, err := netip.ParseAddr(strings.TrimSpace(s))
	return err == nil && address.Is4()
}

// OneOf is for fields that take a few values alone.
func OneOf(values ...string) func(string) bool {
	return func(s string) bool {
		for _, value := range values {
			if s == value {
				return true
			}
		}
		return false
	}
}

// IsDigits: 9, half-width digits.
func IsDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// HasLetter reports whether there is an ASCII letter in s.
func HasLetter(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; c >= 'a' && c <= 'z' {
			return true
		}
	}
	return false
}
