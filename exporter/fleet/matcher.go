package fleet

import "strings"

// matcher finds lines by a text: the whole of it, or each of its words, must be in something that is known of the line. A word
// with stars is a label with its middle hidden.
type matcher struct {
	text, digits string
	words        []string
}

func newMatcher(q Query) *matcher {
	m := &matcher{text: q.Text, digits: q.Digits, words: strings.Fields(q.Text)}
	if len(m.words) == 1 && !strings.Contains(m.text, "*") {
		m.words = nil // the word is the text
	}
	return m
}

// finds needs the lock.
func (m *matcher) finds(l *line) bool {
	switch {
	case m.text == "", m.digits != "" && m.in(l, m.digits), m.in(l, m.text):
		return true
	case len(m.words) == 0:
		return false
	}
	for _, word := range m.words {
		if !m.in(l, word) && !hasPieces(strings.ToLower(l.label()), word) {
			return false
		}
	}
	return true
}

func (m *matcher) in(l *line, text string) bool {
	return strings.Contains(strings.ToLower(l.contract.id()), text) || l.matches(text)
}

// hasPieces reports whether a label has what is left and right of the stars in a word, in that order.
func hasPieces(label, word string) bool {
	pieces := strings.FieldsFunc(word, func(r rune) bool { return r == '*' })
	if !strings.Contains(word, "*") || len(pieces) == 0 {
		return false
	}
	for _, piece := range pieces {
		at := strings.Index(label, piece)
		if at < 0 {
			return false
		}
		label = label[at+len(piece):]
	}
	return true
}
