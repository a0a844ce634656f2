package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"
)

// form is an object of a request's body. It is read field by field in the document's order, so that the first
// mistake told is the one that a reader of the document meets first; what was not asked for by then is unknown.
type form struct {
	fields   map[string]json.RawMessage
	asked    map[string]bool
	inside   []*form    // that were read
	problems *[]problem // of the whole body
}

// problem is one thing that is wrong with a field, and with which of its rules.
type problem struct {
	kind  problemKind
	rule  rule
	value string // empty where there is none that is a text
}

// problemKind says what is wrong with a field.
type problemKind uint8

const (
	problemUnknown problemKind = iota // there is no such field
	problemLength                     // too long or too short, or not there at all
	problemClass                      // other characters than it may have
	problemValue                      // none of the values it may have
	problemMany                       // more in a list than there may be
)

// rule is a field's row in a table of a document.
type rule struct {
	name      string
	mandatory bool
	min, max  int               // characters; max 0: any number
	class     func(string) bool // nil: any characters
	known     func(string) bool // nil: any value
}

// readForm reads a body. A body that is no JSON object, or has a key twice, is no form.
func readForm(body []byte) (*form, bool) {
	d := json.NewDecoder(bytes.NewReader(body))
	fields, ok := readObject(d)
	if _, err := d.Token(); !ok || !errors.Is(err, io.EOF) {
		return nil, false
	}
	return &form{fields: fields, asked: map[string]bool{}, problems: new([]problem)}, true
}

func readObject(d *json.Decoder) (map[string]json.RawMessage, bool) {
	if begin, err := d.Token(); err != nil || begin != json.Delim('{') {
		return nil, false
	}
	fields := map[string]json.RawMessage{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, false
		}
		key, _ := name.(string) // it is: the decoder sees to it
		var value json.RawMessage
		if _, twice := fields[key]; twice || d.Decode(&value) != nil {
			return nil, false
		}
		fields[key] = value
	}
	_, err := d.Token()
	return fields, err == nil
}

func (f *form) wrong(kind problemKind, r rule) {
	*f.problems = append(*f.problems, problem{kind, r, f.read(r.name)})
}

// read is a field that was read before, where it is a text.
func (f *form) read(name string) string {
	var value string
	_ = json.Unmarshal(f.fields[name], &value)
	return value
}

// given reports whether a field is there, be it empty.
func (f *form) given(name string) bool { return f.fields[name] != nil }

// has reports whether a field is there, with something in it.
func (f *form) has(name string) bool {
	value := string(f.fields[name])
	return value != "" && value != "null" && value != `""`
}

// text reads a field. Integers are taken for their digits, as some of the documents' examples have them.
func (f *form) text(r rule) string {
	f.asked[r.name] = true
	if !f.has(r.name) {
		if r.mandatory {
			f.wrong(problemLength, r)
		}
		return ""
	}
	var text string
	if err := json.Unmarshal(f.fields[r.name], &text); err != nil {
		text = string(f.fields[r.name])
		if _, err := strconv.ParseUint(text, 10, 64); err != nil {
			f.wrong(problemValue, r)
			return ""
		}
	}
	if kind, ok := r.check(text); !ok {
		f.wrong(kind, r)
		return ""
	}
	return text
}

// check tells which rule a text breaks first.
func (r rule) check(text string) (problemKind, bool) {
	n := utf8.RuneCountInString(text)
	switch {
	case n < r.min || r.max > 0 && n > r.max:
		return problemLength, false
	case r.class != nil && !r.class(text):
		return problemClass, false
	case r.known != nil && !r.known(text):
		return problemValue, false
	default:
		return 0, true
	}
}

// open is a form inside this one.
func (f *form) open(fields map[string]json.RawMessage) *form {
	inner := &form{fields: fields, asked: map[string]bool{}, problems: f.problems}
	f.inside = append(f.inside, inner)
	return inner
}

// object reads a field that is an object; where there is none, one without fields.
func (f *form) object(name string, mandatory bool) *form {
	f.asked[name] = true
	inner := f.open(nil)
	if !f.has(name) {
		if mandatory {
			f.wrong(problemLength, rule{name: name})
		}
		return inner
	}
	fields, ok := readObject(json.NewDecoder(bytes.NewReader(f.fields[name])))
	if !ok {
		f.wrong(problemValue, rule{name: name})
	}
	inner.fields = fields
	return inner
}

// list reads a field that is a list of objects with one at least. How many there are is told before they are read.
func (f *form) list(name string, mandatory bool) []*form {
	f.asked[name] = true
	var raw []json.RawMessage
	if f.has(name) && json.Unmarshal(f.fields[name], &raw) != nil {
		f.wrong(problemValue, rule{name: name})
		return nil
	}
	if len(raw) == 0 && mandatory {
		f.wrong(problemLength, rule{name: name})
	}
	var list []*form
	for _, element := range raw {
		fields, ok := readObject(json.NewDecoder(bytes.NewReader(element)))
		if !ok {
			f.wrong(problemValue, rule{name: name})
		}
		list = append(list, f.open(fields))
	}
	return list
}

// done returns everything that is wrong with the body, the fields that nobody asked for among it.
func (f *form) done() []problem {
	f.reportUnknown()
	return *f.problems
}

func (f *form) reportUnknown() {
	for name := range f.fields {
		if !f.asked[name] {
			f.wrong(problemUnknown, rule{name: name})
		}
	}
	for _, inner := range f.inside {
		inner.reportUnknown()
	}
}
