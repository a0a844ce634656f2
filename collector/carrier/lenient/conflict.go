package lenient

import (
	"bytes"
	"encoding/json"
)

// compare warns where a field that comes again in an object has another value than before, NULL aside: which of them the
// carrier means nobody knows. Of the document's own spelling and a former one that is decided, and they are not compared.
// The members of the object begin at begin, and the value that was just read at at. It happens to hardly any answer, so
// that nothing is kept for it: the members before are read once more.
func (r *Reader) compare(begin, at int, p *plan, field int, alias bool) {
	again := scanner{data: r.data, pos: at, depth: 1}
	now, err := again.value()
	if err != nil || now.Null() {
		return
	}
	again = scanner{data: r.data, pos: begin, depth: 1}
	for first, next := true, 0; again.pos < at; first = false {
		key, more, err := again.member(first)
		if err != nil || !more || again.pos >= at {
			return
		}
		before, err := again.value()
		if i, other, ok := p.find(key, &next); err == nil && ok && i == field && other == alias && !before.Null() && !sameValue(before, now) {
			r.WarnOf(p.fields[field].name, ReasonConflict, now.raw)
			return
		}
	}
}

// sameValue reports whether two values mean the same: a number is one as a text, and with zeros at its beginning, too.
func sameValue(a, b Value) bool {
	one, other := a.Text(), b.Text()
	if one == nil || other == nil {
		return bytes.Equal(withoutBlanks(a), withoutBlanks(b))
	}
	if allDigits(one) && allDigits(other) {
		one, other = bytes.TrimLeft(one, "0"), bytes.TrimLeft(other, "0")
	}
	return bytes.Equal(one, other)
}

// withoutBlanks is what a value says, without blanks.
func withoutBlanks(v Value) []byte {
	var text bytes.Buffer
	_ = json.Compact(&text, v.raw) // it was scanned before
	return text.Bytes()
}
