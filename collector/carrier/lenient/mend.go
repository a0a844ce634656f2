package lenient

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	wideBlank = '\u3000' // the document indents with it
	hardBlank = '\u00a0'
)

// Mend makes JSON of what the document itself shows as answers, in case the carrier sends it so. It changes only:
//
//   - the wide blank (U+3000) and the hard one outside strings, which become ordinary;
//   - typographic quotes “ ” where a string begins, and where one of ASCII letters and digits ends;
//   - optionCodeList's braces { "T6000036", "T6000084" }, which become brackets;
//   - the comma that is missing between a closing bracket, or a null at the end of a line, and the next member's key;
//   - the quote that is missing between a key and its colon: "resultList: [;
//   - the object that stands for more rows, { 検索結果数分繰り返し }, which is left out.
//
// It adds nothing at the end of an answer, so that one that was cut off stays broken. It is tried only on answers
// that are not JSON as they are; false means that there is nothing to mend.
func Mend(body []byte) ([]byte, bool) {
	m := mender{in: body, out: make([]byte, 0, len(body)+8)}
	for m.pos < len(m.in) {
		m.step()
	}
	return m.out, m.changed
}

type mender struct {
	in, out []byte
	pos     int
	last    []byte // the string that was read last
	isKey   bool   // and a colon followed it
	inList  bool   // inside optionCodeList's braces
	changed bool
}

// step copies one thing: a string, a blank, or a sign.
func (m *mender) step() {
	r, size := utf8.DecodeRune(m.in[m.pos:])
	switch {
	case isQuote(r):
		m.text(r, size)
		m.isKey = false
		return
	case r == wideBlank || r == hardBlank:
		m.put(' ', size, true)
		return
	case r == '{' && m.standIn() > 0:
		m.pos += m.standIn()
		m.out = bytes.TrimSuffix(bytes.TrimRight(m.out, " \t\r\n"), []byte(","))
		m.changed = true
	case r == '{' && m.isKey && isOptionList(m.last) && m.listInBraces():
		m.inList = true
		m.put('[', size, true)
	case r == '}' && m.inList:
		m.inList = false
		m.put(']', size, true)
		m.comma(r)
	default:
		m.out = append(m.out, m.in[m.pos:m.pos+size]...)
		m.pos += size
		if unicode.IsSpace(r) {
			return
		}
		m.comma(r)
	}
	m.isKey = r == ':'
}

// comma adds the comma that is missing after r, if r ends a value that is no string.
func (m *mender) comma(r rune) {
	next, lineEnds := m.following(m.pos)
	if isQuote(next) && (r == '}' || r == ']' || lineEnds && bytes.HasSuffix(m.out, []byte("null"))) {
		m.out = append(m.out, ',')
		m.changed = true
	}
}

// put writes c in place of the next size bytes.
func (m *mender) put(c byte, size int, changed bool) {
	m.out = append(m.out, c)
	m.pos += size
	m.changed = m.changed || changed
}

// text copies a string, mending its quotes.
func (m *mender) text(opening rune, size int) {
	m.put('"', size, opening != '"')
	begin := m.pos
	if n := tornKey(m.in[begin:]); n > 0 {
		m.last = m.in[begin : begin+n]
		m.out = append(append(m.out, m.last...), '"')
		m.pos, m.changed = begin+n, true
		return
	}
	for m.pos < len(m.in) {
		r, size := utf8.DecodeRune(m.in[m.pos:])
		if r == '"' || isQuote(r) && isWord(m.in[begin:m.pos]) && m.endsValue(m.pos+size) {
			m.last = m.in[begin:m.pos]
			m.put('"', size, r != '"')
			return
		}
		if r == '\\' {
			size = min(2, len(m.in)-m.pos)
		}
		m.out = append(m.out, m.in[m.pos:m.pos+size]...)
		m.pos += size
	}
}

// standIn is the length of an object at pos that holds nothing but the document's words for "repeated for each row", 0
// for any other.
func (m *mender) standIn() int {
	inside, _, closed := bytes.Cut(m.in[m.pos+1:], []byte("}"))
	if !closed || !bytes.Contains(inside, []byte("繰り返し")) || bytes.ContainsAny(inside, `"{[:`) {
		return 0
	}
	return len(inside) + 2
}

// tornKey is the length of a key that begins a text and lacks its closing quote, 0 if there is none: letters and digits,
// a colon, the beginning of a value, and no quote further on that would end the text as one of JSON's.
func tornKey(text []byte) int {
	n := 0
	for n < len(text) && (isDigit(text[n]) || text[n]|0x20 >= 'a' && text[n]|0x20 <= 'z') {
		n++
	}
	if n == 0 || n == len(text) || text[n] != ':' {
		return 0
	}
	blank := func(r rune) bool { return r != '\n' && unicode.IsSpace(r) }
	value := bytes.TrimLeftFunc(text[n+1:], blank)
	if len(value) == 0 || !bytes.ContainsAny(value[:1], `"[{`) {
		return 0
	}
	line, _, _ := bytes.Cut(value, []byte("\n"))
	before, after, quoted := bytes.Cut(line, []byte(`"`))
	after = bytes.TrimLeftFunc(after, blank)
	if quoted && (len(after) == 0 || bytes.ContainsAny(after[:1], ",}]:")) && !bytes.HasSuffix(before, []byte(`\`)) {
		return 0
	}
	return n
}

// endsValue reports whether a quote before pos can be the end of a string: a sign of JSON's follows, or the line ends.
func (m *mender) endsValue(pos int) bool {
	next, lineEnds := m.following(pos)
	return lineEnds || next == ',' || next == '}' || next == ']' || next == ':'
}

// following is the next sign after pos, and whether a line ends before it.
func (m *mender) following(pos int) (next rune, lineEnds bool) {
	for pos < len(m.in) {
		r, size := utf8.DecodeRune(m.in[pos:])
		if !unicode.IsSpace(r) {
			return r, lineEnds
		}
		lineEnds = lineEnds || r == '\n'
		pos += size
	}
	return 0, lineEnds
}

// listInBraces reports whether the brace at pos opens a list: it is empty, or its first string has no colon after it.
func (m *mender) listInBraces() bool {
	rest := bytes.TrimLeftFunc(m.in[m.pos+1:], unicode.IsSpace)
	r, size := utf8.DecodeRune(rest)
	if r == '}' {
		return true
	}
	if !isQuote(r) {
		return false
	}
	rest = rest[size:]
	end := bytes.IndexFunc(rest, isQuote)
	if end < 0 {
		return false
	}
	_, size = utf8.DecodeRune(rest[end:])
	rest = bytes.TrimLeftFunc(rest[end+size:], unicode.IsSpace)
	return len(rest) > 0 && rest[0] != ':'
}

func isQuote(r rune) bool { return r == '"' || r == '“' || r == '”' }

func isOptionList(key []byte) bool { return strings.EqualFold(string(trim(key)), "optionCodeList") }

// isWord reports whether a string holds nothing but ASCII letters and digits, in which a typographic quote is no text.
func isWord(text []byte) bool {
	for _, c := range text {
		if !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return len(text) > 0
}
