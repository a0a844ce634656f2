package fleet

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// matches reports whether a text that somebody looks for, in small letters and without the forms of full-width, is in anything
// that may be known of the line.
func (l *line) matches(text string) bool {
	if strings.Contains(strings.ToLower(l.label()), text) {
		return true
	}
	if l.listed.known {
		i := l.info.Value()
		return contains(i.planCode, text) || contains(i.deviceName, text)
	}
	return false
}

// contains reports whether a text is in people's words, whatever their case and width.
func contains(words, text string) bool {
	return strings.Contains(searchable(words), text)
}

// searchable is words as texts that somebody looks for are compared with them.
func searchable(words ...string) string {
	return norm.NFKC.String(strings.ToLower(strings.Join(words, "\n")))
}
