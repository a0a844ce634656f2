package lenient

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"unsafe"

	"kaisen/schema"
)

// Coded is a code with a meaning: "" for one that the document does not list, which is kept with a warning. Leading
// zeros are not part of a code, unless a tag width:"2" says with how many digits the document writes it.
type Coded interface{ Meaning() string }

// Listed is a code without words of its own.
type Listed interface{ Known() bool }

// Nulls is a member of a struct that was read: the names of the fields that the object has, but as NULL. Each has a
// blank behind it. What the object does not have at all is not among them.
type Nulls string

// Has reports whether a field was NULL; case does not count.
func (n Nulls) Has(name string) bool {
	for null := range strings.FieldsSeq(string(n)) {
		if strings.EqualFold(null, name) {
			return true
		}
	}
	return false
}

// Completer is a struct that checks itself, and decides what follows from its fields, once it was read.
type Completer interface{ Complete(r *Reader) error }

// op is how a field is read.
type op uint8

const (
	opText    op = iota // any text
	opDate              // a Date, with a warning where it is no day
	opCode              // a Coded or a Listed
	opInt               // a whole number, with a warning where it is none
	opBytes             // schema.Opt[uint64]: a number of bytes, with a warning where it is none
	opStatus            // schema.Opt[uint8]: a status code, with a warning where it is none
	opDay               // schema.Opt[schema.Date]: YYYYMMDD, with a warning where it is no day
	opSame              // a text that must be as asked for, which is what the field holds before
	opValue             // a Value, for later
	opPointer           // to any of the above, or to a struct
	opObject            // a struct
	opList              // a list of structs
	opForm              // by a Form of the decoder
)

// need is what an object cannot be without.
type need uint8

const (
	needNothing need = iota
	needValue        // need:"true": a value
	needWarning      // need:"warn": a value; without it there is a warning
)

// field is one field of a plan.
type field struct {
	name     string // as the document spells it
	offset   uintptr
	op       op
	need     need
	omitZero bool
	width    int // of a code in digits; 0: without leading zeros
	typ      reflect.Type
	object   *plan  // of a struct, a list's elements
	target   *field // of a pointer
	form     *Form
}

// plan is how objects are read into a struct.
type plan struct {
	fields     []field // in the document's order
	keys       map[string]place
	needs      []int
	completers []portion
	nulls      uintptr   // the offset of its Nulls and 1 more; 0: it has none
	scratch    sync.Pool // of *scratch[T], for the struct of the plan
}

// portion is a struct within another one, or itself.
type portion struct {
	typ    reflect.Type
	offset uintptr
}

// place is a field by one of its names.
type place struct {
	field int
	alias bool // not the document's spelling
}

// maxFields is how many fields a plan may have, one bit each.
const maxFields = 256

// bits is a set of fields.
type bits [maxFields / 64]uint64

func (b *bits) set(i int)      { b[i/64] |= 1 << (i % 64) }
func (b *bits) has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }

// planner makes plans. A mistake in a struct or its tags is one in the program, so that it panics.
type planner struct{ forms map[string]Form }

// plan makes the plan of a struct from its tags, those of embedded structs too.
func (pl planner) plan(t reflect.Type) *plan {
	p := &plan{keys: map[string]place{}}
	pl.part(p, t, 0)
	if len(p.fields) > maxFields {
		panic(fmt.Sprintf("lenient: %s has more than %d fields", t, maxFields))
	}
	for i, f := range p.fields {
		if f.need != needNothing {
			p.needs = append(p.needs, i)
		}
	}
	return p
}

// part adds a struct that may be a Completer; one that is embedded lends its method to the struct around it.
func (pl planner) part(p *plan, t reflect.Type, offset uintptr) {
	if reflect.PointerTo(t).Implements(reflect.TypeFor[Completer]()) {
		p.completers = append(p.completers, portion{t, offset})
	}
	pl.add(p, t, offset)
}

func (pl planner) add(p *plan, t reflect.Type, offset uintptr) {
	for i := range t.NumField() {
		sf := t.Field(i)
		name, options, _ := strings.Cut(sf.Tag.Get("json"), ",")
		switch {
		case sf.Anonymous && name == "" && sf.Type.Kind() == reflect.Struct:
			pl.add(p, sf.Type, offset+sf.Offset)
		case name == "" && options == "inline":
			pl.part(p, sf.Type, offset+sf.Offset)
		case sf.Tag.Get("each") != "":
			names := strings.Split(sf.Tag.Get("each"), ",")
			for n := range sf.Type.Len() {
				element := sf
				element.Type = sf.Type.Elem()
				pl.field(p, element, offset+sf.Offset+uintptr(n)*element.Type.Size(), numbered(names, n), n)
			}
		case sf.Type == reflect.TypeFor[Nulls]():
			p.nulls = offset + sf.Offset + 1
		case name == "" || name == "-":
		default:
			f := pl.field(p, sf, offset+sf.Offset, name, 0)
			f.omitZero = strings.Contains(options, "omitzero")
		}
	}
}

// numbered returns the name of an array's element.
func numbered(names []string, n int) string {
	return strings.ReplaceAll(names[min(n, len(names)-1)], "%d", fmt.Sprint(n))
}

// field adds a field to the plan, under all of its names. The names of an array's first element, which have no number,
// have no other spellings.
func (pl planner) field(p *plan, sf reflect.StructField, offset uintptr, name string, n int) *field {
	f := field{name: name, offset: offset, typ: sf.Type}
	switch sf.Tag.Get("need") {
	case "true":
		f.need = needValue
	case "warn":
		f.need = needWarning
	}
	if _, err := fmt.Sscan(sf.Tag.Get("width"), &f.width); err != nil {
		f.width = 0
	}
	pl.choose(&f, sf.Type, sf.Tag.Get("form"))
	key := func(name string, alias bool) {
		var buffer [maxKey]byte
		folded := string(fold([]byte(name), &buffer))
		if _, taken := p.keys[folded]; !taken || !alias {
			p.keys[folded] = place{len(p.fields), alias}
		}
	}
	key(name, false)
	if also := sf.Tag.Get("also"); also != "" {
		for other := range strings.SplitSeq(also, ",") {
			if n > 0 || !strings.Contains(other, "%d") {
				key(numbered([]string{other}, n), true)
			}
		}
	}
	p.fields = append(p.fields, f)
	return &p.fields[len(p.fields)-1]
}

// choose decides how a field is read.
func (pl planner) choose(f *field, t reflect.Type, form string) {
	if form == "same" {
		f.op = opSame
		return
	}
	if form != "" {
		chosen, known := pl.forms[form]
		if !known || chosen.typ != t {
			panic(fmt.Sprintf("lenient: no form %s for %s", form, t))
		}
		f.op, f.form = opForm, &chosen
		return
	}
	pointer := reflect.PointerTo(t)
	switch {
	case t == reflect.TypeFor[Value]():
		f.op = opValue
	case t == reflect.TypeFor[Date]():
		f.op = opDate
	case t == reflect.TypeFor[schema.Opt[uint64]]():
		f.op = opBytes
	case t == reflect.TypeFor[schema.Opt[uint8]]():
		f.op = opStatus
	case t == reflect.TypeFor[schema.Opt[schema.Date]]():
		f.op = opDay
	case pointer.Implements(reflect.TypeFor[Coded]()) || pointer.Implements(reflect.TypeFor[Listed]()):
		f.op = opCode
	case t.Kind() == reflect.String:
		f.op = opText
	case t.Kind() == reflect.Int || t.Kind() == reflect.Int64:
		f.op = opInt
	case t.Kind() == reflect.Struct:
		f.op, f.object = opObject, pl.plan(t)
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct:
		f.op, f.object = opList, pl.plan(t.Elem())
	case t.Kind() == reflect.Pointer:
		f.op, f.target = opPointer, &field{name: f.name, width: f.width, typ: t.Elem()}
		pl.choose(f.target, t.Elem(), "")
	default:
		panic(fmt.Sprintf("lenient: no way to read %s into %s", f.name, t))
	}
}

// find returns the field of a key, nil where there is none. Answers come in the document's order, so that the key is
// compared with the next field's name before it is looked up.
func (p *plan) find(key []byte, next *int) (i int, alias, ok bool) {
	if i = *next; i < len(p.fields) && p.fields[i].name == string(key) {
		*next = i + 1
		return i, false, true
	}
	var buffer [maxKey]byte
	at, ok := p.keys[string(fold(key, &buffer))]
	if ok {
		*next = at.field + 1
	}
	return at.field, at.alias, ok
}

// Form reads and writes fields that their type alone does not explain.
type Form struct {
	typ   reflect.Type
	read  func(r *Reader, field string, v Value, into unsafe.Pointer) (given bool, err error)
	write func(from unsafe.Pointer) any
}

// FormOf makes the form of a type. Read fills the field and reports whether it was given something; a NULL it sees only
// where the tag need:"warn" asks for a value. Write returns what stands for the field in JSON.
func FormOf[T any](read func(r *Reader, field string, v Value, into *T) (given bool, err error), write func(T) any) Form {
	return Form{
		typ: reflect.TypeFor[T](),
		read: func(r *Reader, field string, v Value, into unsafe.Pointer) (bool, error) {
			return read(r, field, v, (*T)(into))
		},
		write: func(from unsafe.Pointer) any { return write(*(*T)(from)) },
	}
}

// CodesOf makes the form of a code that becomes one of words, in the order of the document's numbers from first, which
// it writes with width digits. Anything but the codes listed is unknown, with a warning.
func CodesOf[T comparable](unknown T, first, width int, words ...T) Form {
	return FormOf(func(r *Reader, field string, v Value, into *T) (bool, error) {
		*into = CodeOf(r, field, v, unknown, first, words...)
		return !v.Null(), nil
	}, func(word T) any {
		for i, w := range words {
			if w == word {
				return fmt.Sprintf("%0*d", width, first+i)
			}
		}
		return nil
	})
}

// CodeOf reads such a code.
func CodeOf[T any](r *Reader, field string, v Value, unknown T, first int, words ...T) T {
	n, ok := v.Code()
	switch {
	case v.Null():
		r.WarnOf(field, ReasonMissing, nil)
		return unknown
	case !ok || int(n.V) < first || int(n.V)-first >= len(words):
		r.WarnOf(field, ReasonCode, v.raw)
		return unknown
	}
	return words[int(n.V)-first]
}
