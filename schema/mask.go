package schema

import (
	"strings"
	"unicode/utf8"
)

// MaskLines hides the line numbers in a text, in every form in which people, devices and carriers write them: 09012345678,
// 090-1234-5678, (090) 1234 5678, +81 90-1234-5678, in full-width digits too. Each becomes what MaskLine makes of its digits.
// Other numbers stay as they are: contracts, times, counts of bytes.
func MaskLines(text string) string {
	var masked strings.Builder
	done := 0
	for at := 0; at < len(text); {
		if _, size := digitAt(text, at); size == 0 {
			_, size := utf8.DecodeRuneInString(text[at:])
			at += size
			continue
		}
		groups := groupsAt(text, at)
		for i := 0; i < len(groups); {
			n, digits := lineOf(groups[i:], strings.HasSuffix(text[:groups[i].start], "+") || strings.HasSuffix(text[:groups[i].start], "＋"))
			if n == 0 {
				i++
				continue
			}
			masked.WriteString(text[done:groups[i].start])
			masked.WriteString(MaskLine(digits))
			done = groups[i+n-1].end
			i += n
		}
		at = groups[len(groups)-1].end
	}
	if done == 0 {
		return text
	}
	return masked.String() + text[done:]
}

// group is a run of digits, and where in a text it stands.
type group struct {
	digits     string
	start, end int
}

// groupsAt are the groups that begin at a place, with nothing between them but what stands between the groups of a number.
func groupsAt(text string, at int) (groups []group) {
	for {
		g := group{start: at}
		for {
			digit, size := digitAt(text, at)
			if size == 0 {
				break
			}
			g.digits += string(digit)
			at += size
		}
		g.end = at
		groups = append(groups, g)
		for range 2 { // ") "
			if r, size := utf8.DecodeRuneInString(text[at:]); size > 0 && strings.ContainsRune(" -‐‑‒–—―−－ー()（）\u00a0\u3000", r) {
				at += size
			}
		}
		if _, size := digitAt(text, at); size == 0 {
			return groups
		}
	}
}

// digitAt is the digit at a place, and how many bytes it has; 0 bytes: there is none.
func digitAt(text string, at int) (digit byte, size int) {
	if at >= len(text) {
		return 0, 0
	}
	switch r, size := utf8.DecodeRuneInString(text[at:]); {
	case r >= '0' && r <= '9':
		return byte(r), size
	case r >= '０' && r <= '９':
		return byte(r-'０') + '0', size
	}
	return 0, 0
}

// lineOf is how many of the groups, from the first on, are a line number, and its digits: 0 and ten digits more, or nine, or
// 13; or 81 in place of the 0, of the first two.
func lineOf(groups []group, international bool) (n int, line string) {
	const most = 5 // +81 (0) 90 1234 5678
	digits := ""
	for i, g := range groups[:min(most, len(groups))] {
		digits += g.digits
		domestic := digits
		if rest, is := strings.CutPrefix(digits, "81"); is && (international || i == 0) {
			domestic = "0" + strings.TrimPrefix(rest, "0")
		}
		if domestic[0] != '0' || len(domestic) > 14 || len(groups[0].digits) == 1 {
			return n, line
		}
		switch len(domestic) {
		case 11:
			return i + 1, digits
		case 10, 14:
			if n == 0 {
				n, line = i+1, digits
			}
		}
	}
	return n, line
}
