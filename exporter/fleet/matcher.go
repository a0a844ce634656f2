package fleet

import "strings"

// matcher finds lines by a text: the whole of it, the number in it, or each of its words, must be in something that is known of
// the line. A word with stars is a label with its middle hidden.
type matcher struct{ whole, digits, words []*query }

func newMatcher(q Query) *matcher {
	m := new(matcher)
	if q.Text != "" {
		m.whole = []*query{newQuery(q.Text)}
	}
	if q.Digits != "" && q.Digits != q.Text {
		m.digits = []*query{newQuery(q.Digits)}
	}
	if words := strings.Fields(q.Text); len(words) > 1 || strings.Contains(q.Text, "*") {
		for _, word := range words {
			m.words = append(m.words, newQuery(word))
		}
	}
	return m
}

// finds needs the lock.
func (m *matcher) finds(l *line) bool {
	return m.whole == nil || all(m.whole, l) || all(m.digits, l) || all(m.words, l)
}

// all reports whether a line has all of some texts; of none it has not.
func all(texts []*query, l *line) bool {
	for _, q := range texts {
		if !strings.Contains(strings.ToLower(l.contract.id()), q.text) && !q.matches(l) && !hasPieces(strings.ToLower(l.label()), q.text) {
			return false
		}
	}
	return len(texts) > 0
}

// hasText reports whether a text is in any of some fields.
func hasText(text string, fields ...string) bool {
	return strings.Contains(fold(strings.Join(fields, "\n")), fold(text))
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
