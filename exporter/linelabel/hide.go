package linelabel

import (
	"strings"
	"unicode"
)

// HideNumbers puts stars for the digits of every line number in a text, that of its own line in whatever form: where labels are
// masked or hashed, a name must not say what they hide. Digits may stand apart, and be full-width.
func HideNumbers(text, own string) string {
	runes := []rune(text)
	var digits []byte
	var places []int // of the digits, in runes
	end := func() {
		for _, found := range numbersIn(string(digits), own) {
			for _, at := range places[found.from:found.to] {
				runes[at] = '*'
			}
		}
		digits, places = digits[:0], places[:0]
	}
	for at, r := range runes {
		switch {
		case r >= '0' && r <= '9':
			digits, places = append(digits, byte(r)), append(places, at)
		case r >= '０' && r <= '９':
			digits, places = append(digits, byte(r-'０'+'0')), append(places, at)
		case strings.ContainsRune("-‐‑–—−ー－.()（）+/_", r) || unicode.IsSpace(r) || unicode.Is(unicode.Cf, r):
		default:
			end()
		}
	}
	end()
	return string(runes)
}

// span is a part of a row of digits.
type span struct{ from, to int }

// numbersIn finds line numbers in a row of digits: the line's own, also without its first 0 as it is dialled from abroad, and
// whatever has a 0 and nine or ten digits behind it.
func numbersIn(digits, own string) (found []span) {
	const shortest, longest = 10, 11
	if len(own) < shortest {
		if digits == own && own != "" {
			return []span{{0, len(digits)}}
		}
	} else {
		for from := 0; ; from++ {
			at := strings.Index(digits[from:], own[1:])
			if at < 0 {
				break
			}
			from += at
			found = append(found, span{from, from + len(own) - 1})
		}
	}
	for from := 0; len(digits)-from >= shortest; from++ {
		if digits[from] == '0' {
			found = append(found, span{from, min(from+longest, len(digits))})
		}
	}
	return found
}
