package fleet

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// matches reports whether a text that somebody looks for, in small letters and without the forms of full-width, is in anything
// that may be known of the line.
func (l *line) matches(text string) bool {
	if strings.Contains(strings.ToLower(l.label()), text) || contains(l.displayName(), text) || contains(l.inventory, text) {
		return true
	}
	if l.listed.known {
		if i := l.info.Value(); contains(i.planCode, text) || contains(i.deviceName, text) {
			return true
		}
	}
	n, known := l.contract.names[l.number]
	if !known {
		return false
	}
	found := false
	n.each(func(_, value string) { found = found || contains(value, text) })
	return found
}

// contains reports whether a text is in people's words, whatever their case and width. Of digits the hyphens between
// them do not count: who looks for room 3-12 has asked for 312, as who looks for a line by its number has.
func contains(words, text string) bool {
	if words == "" {
		return false
	}
	words = norm.NFKC.String(strings.ToLower(words))
	if strings.Contains(words, text) {
		return true
	}
	return strings.Contains(words, "-") && strings.Trim(text, "0123456789") == "" && strings.Contains(strings.ReplaceAll(words, "-", ""), text)
}
