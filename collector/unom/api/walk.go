package api

// members walks over the members of an object; elements over the values of a list. After the last one, err says
// whether the end was reached in good order.
type members struct {
	scanner
	key     []byte // as the carrier spelled it, blanks included
	value   value
	err     error
	started bool
	whole   bool // nothing but blanks may follow
}

// document walks over an answer, which must be one object and nothing else.
func document(body []byte) members { return members{scanner: scanner{data: body}, whole: true} }

// object walks over a value that is an object.
func (v value) object() members { return members{scanner: scanner{data: v.raw}} }

// next goes to the next member; false at the end and on an error.
func (m *members) next() bool {
	if m.err != nil {
		return false
	}
	first := !m.started
	if first {
		m.started = true
		if m.peek() != '{' {
			m.err = m.fail("an object")
			return false
		}
		m.depth = 1
	}
	more, err := m.element('}', first)
	if err != nil || !more {
		m.err = err
		if err == nil && m.whole && (m.peek() != 0 || m.pos < len(m.data)) {
			m.err = m.fail("the end")
		}
		return false
	}
	raw, escaped, err := m.scanner.key()
	if err == nil {
		m.key = unescape(raw, escaped)
		m.value, err = m.scanner.value()
	}
	m.err = err
	return err == nil
}

// list calls each for the values of a list, with their places, until one fails.
func (v value) list(each func(i int, v value) error) error {
	s := scanner{data: v.raw, depth: 1}
	for i := 0; ; i++ {
		more, err := s.element(']', i == 0)
		if err != nil || !more {
			return err
		}
		element, err := s.value()
		if err != nil {
			return err
		}
		if err := each(i, element); err != nil {
			return err
		}
	}
}
