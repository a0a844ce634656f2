package fleet

import (
	"strings"
	"unicode"
	"unique"

	"golang.org/x/text/unicode/norm"
)

// query is a text that somebody looks for. What many lines share is looked at once.
type query struct {
	text   string // folded
	digits bool
	infos  map[unique.Handle[info]]bool
	values map[unique.Handle[string]]bool
}

func newQuery(text string) *query {
	return &query{text: fold(text), digits: strings.Trim(text, "0123456789") == "", infos: map[unique.Handle[info]]bool{}, values: map[unique.Handle[string]]bool{}}
}

// matches reports whether the text is in anything that may be known of the line.
func (q *query) matches(l *line) bool {
	if strings.Contains(strings.ToLower(l.label()), q.text) || l.words != nil && q.in(l.words.folded) {
		return true
	}
	if l.listed.known && once(q.infos, l.info, func(i info) bool { return q.in(fold(i.planCode)) || q.in(fold(i.deviceName)) }) {
		return true
	}
	n, known := l.contract.names[l.number]
	return known && (q.in(n.folded) || n.values != (unique.Handle[string]{}) && once(q.values, n.values, func(values string) bool { return q.in(fold(values)) }))
}

// in reports whether the text is in folded words. Of digits the hyphens between them do not count: who looks for room 3-12 has
// asked for 312, as who looks for a line by its number has.
func (q *query) in(words string) bool {
	if strings.Contains(words, q.text) {
		return true
	}
	return q.digits && strings.Contains(words, "-") && strings.Contains(strings.ReplaceAll(words, "-", ""), q.text)
}

// once is what a question about a shared value was answered, or is.
func once[T comparable](known map[unique.Handle[T]]bool, of unique.Handle[T], ask func(T) bool) bool {
	answer, has := known[of]
	if !has {
		answer = ask(of.Value())
		known[of] = answer
	}
	return answer
}

// fold is a text without its case and width. One that has neither is returned as it is.
func fold(text string) string { return norm.NFKC.String(strings.ToLower(text)) }

// Finder reports of words whether a search for the text finds them, as the page's does.
func Finder(text string) func(words string) bool {
	q := newQuery(SearchText(text))
	return func(words string) bool { return q.in(fold(words)) }
}

// maxQuery is more characters than any label or contract has.
const maxQuery = 64

// SearchText is what somebody meant: full-width digits are digits, and a number may be written with gaps, dashes or the
// country's code. Dots are of a number that begins with 0, else of an address.
func SearchText(query string) string {
	query = strings.ToLower(strings.TrimSpace(norm.NFKC.String(strings.ToValidUTF8(query, ""))))
	if runes := []rune(query); len(runes) > maxQuery {
		query = string(runes[:maxQuery])
	}
	digits := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || strings.ContainsRune("-‐‑–—−ー().", r) {
			return -1
		}
		return r
	}, query)
	national := digits
	if rest, abroad := strings.CutPrefix(digits, "+81"); abroad {
		national = "0" + rest
	}
	if strings.Contains(query, ".") && !strings.HasPrefix(national, "0") {
		return query
	}
	if national != "" && strings.Trim(national, "0123456789") == "" {
		return national
	}
	return query
}
