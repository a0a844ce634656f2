package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"
)

// Form is an object of a request's body. It is read field by field in the document's order, so that the first
// mistake in the list is the one that a reader of the document comes to first; what was not asked for by then is unknown.
type Form struct {
	fields   map[string]json.RawMessage
	asked    map[string]bool
	inside   []*Form    // that were read
	problems *[]Problem // of the whole body
}

// Problem is one thing that is wrong with a field, and with which of its rules.
type Problem struct {
	Kind  ProblemKind
	Rule  Rule
	Value string // empty where there is none that is a text
}

// ProblemKind says what is wrong with a field.
type ProblemKind uint8

// What can be wrong with a field.
const (
	ProblemUnknown ProblemKind = iota // there is no such field
	ProblemLength                     // too long or too short, or not there at all
	ProblemClass                      // other characters than it may have
	problemValue                      // none of the values it may have
	ProblemMany                       // more in a list than there may be
)

// Rule is a field's row in a table of a document.
type Rule struct {
	Name      string
	Mandatory bool
	Min, Max  int               // characters; max 0: any number
	Class     func(string) bool // nil: any characters
	Known     func(string) bool // nil: any value
}

// ReadForm reads a body. A body that is no JSON object, or has a key twice, is no form.
func ReadForm(body []byte) (*Form, bool) {
	d := json.NewDecoder(bytes.NewReader(body))
	fields, ok := readObject(d)
	if _, err := d.Token(); !ok || !errors.Is(err, io.EOF) {
		return nil, false
	}
	return &Form{fields: fields, asked: map[string]bool{}, problems: new([]Problem)}, true
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

// Wrong notes that a field breaks a rule.
func (f *Form) Wrong(kind ProblemKind, r Rule) {
	*f.problems = append(*f.problems, Problem{kind, r, f.Value(r.Name)})
}

// Value is a field that was read before, where it is a text.
func (f *Form) Value(name string) string {
	var value string
	_ = json.Unmarshal(f.fields[name], &value)
	return value
}

// Given reports whether a field is there, be it empty.
func (f *Form) Given(name string) bool { return f.fields[name] != nil }

// Has reports whether a field is there, with something in it.
func (f *Form) Has(name string) bool {
	value := string(f.fields[name])
	return value != "" && value != "null" && value != `""`
}

// Text reads a field. Integers are taken for their digits, as some of the documents' examples have them.
func (f *Form) Text(r Rule) string {
	f.asked[r.Name] = true
	if !f.Has(r.Name) {
		if r.Mandatory {
			f.Wrong(ProblemLength, r)
		}
		return ""
	}
	var text string
	if err := json.Unmarshal(f.fields[r.Name], &text); err != nil {
		text = string(f.fields[r.Name])
		if _, err := strconv.ParseUint(text, 10, 64); err != nil {
			f.Wrong(problemValue, r)
			return ""
		}
	}
	if kind, ok := r.Check(text); !ok {
		f.Wrong(kind, r)
		return ""
	}
	return text
}

// Check returns what a text breaks first; false: it breaks something.
func (r Rule) Check(text string) (ProblemKind, bool) {
	n := utf8.RuneCountInString(text)
	switch {
	case n < r.Min || r.Max > 0 && n > r.Max:
		return ProblemLength, false
	case r.Class != nil && !r.Class(text):
		return ProblemClass, false
	case r.Known != nil && !r.Known(text):
		return problemValue, false
	default:
		return 0, true
	}
}

// open is a form inside this one.
func (f *Form) open(fields map[string]json.RawMessage) *Form {
	inner := &Form{fields: fields, asked: map[string]bool{}, problems: f.problems}
	f.inside = append(f.inside, inner)
	return inner
}

// Object reads a field that is an object; where there is none, one without fields.
func (f *Form) Object(name string, mandatory bool) *Form {
	f.asked[name] = true
	inner := f.open(nil)
	if !f.Has(name) {
		if mandatory {
			f.Wrong(ProblemLength, Rule{Name: name})
		}
		return inner
	}
	fields, ok := readObject(json.NewDecoder(bytes.NewReader(f.fields[name])))
	if !ok {
		f.Wrong(problemValue, Rule{Name: name})
	}
	inner.fields = fields
	return inner
}

// List reads a field that is a list of objects with one at least. Whether there are too few is checked before they are read.
func (f *Form) List(name string, mandatory bool) []*Form {
	f.asked[name] = true
	var raw []json.RawMessage
	if f.Has(name) && json.Unmarshal(f.fields[name], &raw) != nil {
		f.Wrong(problemValue, Rule{Name: name})
		return nil
	}
	if len(raw) == 0 && mandatory {
		f.Wrong(ProblemLength, Rule{Name: name})
	}
	var list []*Form
	for _, element := range raw {
		fields, ok := readObject(json.NewDecoder(bytes.NewReader(element)))
		if !ok {
			f.Wrong(problemValue, Rule{Name: name})
		}
		list = append(list, f.open(fields))
	}
	return list
}

// Done returns everything that is wrong with the body, the fields that nobody asked for among it.
func (f *Form) Done() []Problem {
	f.reportUnknown()
	return *f.problems
}

func (f *Form) reportUnknown() {
	for name := range f.fields {
		if !f.asked[name] {
			f.Wrong(ProblemUnknown, Rule{Name: name})
		}
	}
	for _, inner := range f.inside {
		inner.reportUnknown()
	}
}
