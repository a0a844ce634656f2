package lenient

import (
	"encoding/json"
	"fmt"
)

// The scanner reads JSON in place: an answer about traffic is one flat object with forty members, asked for once a
// line and sweep, and encoding/json spends most of its time there on reflection. It accepts exactly what
// encoding/json accepts, which a fuzz test holds it to.

// SyntaxError says where an answer stops being JSON.
type SyntaxError struct {
	offset int
	want   string
	words  string // another text of the error, if any
}

// Error says what was wanted at which byte, without quoting the answer.
func (e *SyntaxError) Error() string {
	if e.words != "" {
		return e.words
	}
	return fmt.Sprintf("no JSON at byte %d: want %s", e.offset, e.want)
}

// maxDepth is encoding/json's own bound.
const maxDepth = 10000

type scanner struct {
	data  []byte
	pos   int
	depth int
}

// fail is the error of an answer that is no JSON where the scanner stands.
func (s *scanner) fail(want string) error { return &SyntaxError{offset: s.pos, want: want} }

// end checks that nothing but blanks follows.
func (s *scanner) end() error {
	if s.peek(); s.pos < len(s.data) {
		return s.fail("the end")
	}
	return nil
}

// peek skips blanks and is the next byte, 0 at the end.
func (s *scanner) peek() byte {
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; c {
		case ' ', '\t', '\r', '\n':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

// value reads one value, nested ones whole.
func (s *scanner) value() (Value, error) {
	start := s.peek()
	begin := s.pos
	var err error
	v := Value{}
	switch {
	case start == '"':
		v.kind = isString
		v.raw, v.escaped, err = s.text()
		return v, err
	case start == '{':
		v.kind = isObject
		err = s.nested('}')
	case start == '[':
		v.kind = isList
		err = s.nested(']')
	case start == 'n':
		v.kind = isNull
		err = s.literal("null")
	case start == 't':
		v.kind = isBool
		err = s.literal("true")
	case start == 'f':
		v.kind = isBool
		err = s.literal("false")
	default:
		v.kind = isNumber
		err = s.number()
	}
	v.raw = s.data[begin:s.pos]
	return v, err
}

// text reads a string and leaves its escapes alone.
func (s *scanner) text() (raw []byte, escaped bool, err error) {
	s.pos++ // the quote
	data, begin := s.data, s.pos
	for i := begin; i < len(data); i++ {
		switch c := data[i]; {
		case c == '"':
			s.pos = i + 1
			return data[begin:i], escaped, nil
		case c == '\\':
			escaped = true
			n := escapeLen(data[i+1:])
			if n == 0 {
				s.pos = i
				return nil, false, s.fail("an escape")
			}
			i += n
		case c < ' ':
			s.pos = i
			return nil, false, s.fail("no control character in a string")
		}
	}
	s.pos = len(data)
	return nil, false, s.fail("the end of a string")
}

// escapeLen is how many bytes of an escape follow its backslash, 0 if it is none.
func escapeLen(rest []byte) int {
	if len(rest) == 0 {
		return 0
	}
	switch rest[0] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 1
	case 'u':
		if len(rest) < 5 {
			return 0
		}
		for _, c := range rest[1:5] {
			if !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
				return 0
			}
		}
		return 5
	}
	return 0
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func (s *scanner) literal(want string) error {
	if len(s.data)-s.pos < len(want) || string(s.data[s.pos:s.pos+len(want)]) != want {
		return s.fail(want)
	}
	s.pos += len(want)
	return nil
}

// number reads -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?
func (s *scanner) number() error {
	s.skip('-', '-')
	if !s.skip('0', '0') && !s.digits() {
		return s.fail("a value")
	}
	if s.skip('.', '.') && !s.digits() {
		return s.fail("a digit")
	}
	if s.skip('e', 'E') {
		s.skip('+', '-')
		if !s.digits() {
			return s.fail("a digit")
		}
	}
	return nil
}

// skip passes over one of two bytes.
func (s *scanner) skip(a, b byte) bool {
	if s.pos < len(s.data) && (s.data[s.pos] == a || s.data[s.pos] == b) {
		s.pos++
		return true
	}
	return false
}

// digits passes over at least one digit.
func (s *scanner) digits() bool {
	begin := s.pos
	for s.pos < len(s.data) && isDigit(s.data[s.pos]) {
		s.pos++
	}
	return s.pos > begin
}

// nested reads a list or an object to its end.
func (s *scanner) nested(end byte) error {
	if err := s.enter(); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := s.element(end, first)
		if err != nil || !more {
			s.depth--
			return err
		}
		if end == '}' {
			if _, _, err := s.key(); err != nil {
				return err
			}
		}
		if _, err := s.value(); err != nil {
			return err
		}
	}
}

// element goes to the next element of a list or an object, past its bracket or the comma; false at the end.
func (s *scanner) element(end byte, first bool) (more bool, err error) {
	if first {
		s.pos++ // the bracket
		if s.peek() == end {
			s.pos++
			return false, nil
		}
		return true, nil
	}
	switch s.peek() {
	case ',':
		s.pos++
		return true, nil
	case end:
		s.pos++
		return false, nil
	}
	return false, s.fail("a comma or " + string(end))
}

// key reads a member's name and the colon.
func (s *scanner) key() (raw []byte, escaped bool, err error) {
	if s.peek() != '"' {
		return nil, false, s.fail("a key")
	}
	raw, escaped, err = s.text()
	if err != nil {
		return nil, false, err
	}
	if s.peek() != ':' {
		return nil, false, s.fail("a colon")
	}
	s.pos++
	return raw, escaped, nil
}

// member goes to the next member of an object, and reads its key as the carrier spelled it; false at the end.
func (s *scanner) member(first bool) (key []byte, more bool, err error) {
	if more, err = s.element('}', first); err != nil || !more {
		return nil, false, err
	}
	raw, escaped, err := s.key()
	return unescape(raw, escaped), err == nil, err
}

// enter goes one level down.
func (s *scanner) enter() error {
	if s.depth++; s.depth > maxDepth {
		return s.fail("fewer levels")
	}
	return nil
}

// unescape is a string's text. Escapes are rare enough to leave them to encoding/json.
func unescape(raw []byte, escaped bool) []byte {
	if !escaped {
		return raw
	}
	quoted := make([]byte, 0, len(raw)+2)
	quoted = append(append(append(quoted, '"'), raw...), '"')
	var text string
	if err := json.Unmarshal(quoted, &text); err != nil {
		return raw // cannot be: the scanner has read it
	}
	return []byte(text)
}
