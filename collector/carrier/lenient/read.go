package lenient

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"kaisen/collector/carrier"
	"kaisen/schema"
)

// path names a value in errors; an element of a list by its place.
type path struct {
	name  string
	place int // -1: no element
}

func (p path) String() string {
	if p.place < 0 {
		return p.name
	}
	return fmt.Sprintf("%s[%d]", p.name, p.place)
}

// within says where an error happened, unless the answer is no JSON there.
func (p path) within(err error) error {
	if p.name == "" || isSyntax(err) {
		return err
	}
	return fmt.Errorf("%s: %w", p, err)
}

// object fills a struct. Where the same key comes twice, or in two spellings, a value that was given wins over NULL, the
// document's own spelling over another one, and the later one otherwise, with a warning where they differ.
func (r *Reader) object(name path, p *plan, into unsafe.Pointer) error {
	if r.peek() != '{' {
		if r.rough && r.depth == 0 {
			return r.fail("an object")
		}
		v, err := r.value()
		if err != nil {
			return err
		}
		return r.NotThat(name.String(), v, "an object")
	}
	if err := r.enter(); err != nil {
		return err
	}
	begin := r.pos
	var given, byName, null bits
	var unknown []string
	known, next := 0, 0
	for first := true; ; first = false {
		key, more, err := r.scanner.member(first)
		if err != nil {
			return err
		}
		if !more {
			break
		}
		i, alias, ok := p.find(key, &next)
		if !ok {
			if r.strict {
				unknown = append(unknown, strings.ToLower(string(trim(key))))
			}
			if _, err := r.value(); err != nil {
				return err
			}
			continue
		}
		known++
		at := r.pos
		has, err := r.field(&p.fields[i], into, alias && byName.has(i))
		if err != nil {
			return name.within(err)
		}
		if given.has(i) {
			r.compare(begin, at, p, i, alias)
		}
		if has {
			given.set(i)
			if !alias {
				byName.set(i)
			}
		} else if r.null && p.nulls > 0 {
			null.set(i)
		}
	}
	if null != (bits{}) {
		p.noteNulls(into, &null, &given)
	}
	if r.depth--; r.depth == 0 {
		if err := r.end(); err != nil {
			return err
		}
	}
	return r.complete(name, p, into, &given, known, unknown)
}

// noteNulls fills the Nulls of a struct.
func (p *plan) noteNulls(into unsafe.Pointer, null, given *bits) {
	nulls := (*Nulls)(unsafe.Add(into, p.nulls-1))
	*nulls = ""
	for i := range p.fields {
		if null.has(i) && !given.has(i) {
			*nulls += Nulls(p.fields[i].name + " ")
		}
	}
}

// complete checks that an object has what it must have, and lets it check itself.
func (r *Reader) complete(name path, p *plan, into unsafe.Pointer, given *bits, known int, unknown []string) error {
	r.odd = nil // what is missing has no value, and what the object says of itself says its own
	for _, i := range p.needs {
		f := &p.fields[i]
		switch {
		case given.has(i):
		case f.need != needWarning:
			return name.within(fmt.Errorf("%s is missing", f.name))
		case f.op == opForm:
			if _, err := f.form.read(r, f.name, Value{}, unsafe.Add(into, f.offset)); err != nil {
				return name.within(err)
			}
		default:
			r.Warn(f.name, ReasonMissing)
		}
	}
	if known == 0 && !r.rough {
		return fmt.Errorf("%s has not a single known field", name)
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		return fmt.Errorf("%s: unknown field %s", name, strings.Join(slices.Compact(unknown), ", "))
	}
	for _, c := range p.completers {
		if err := reflect.NewAt(c.typ, unsafe.Add(into, c.offset)).Interface().(Completer).Complete(r); err != nil {
			return name.within(err)
		}
	}
	return nil
}

// field reads a member's value into its field, or only to its end, and reports whether it was given something.
func (r *Reader) field(f *field, object unsafe.Pointer, skip bool) (given bool, err error) {
	if !skip {
		into := unsafe.Add(object, f.offset)
		switch begin := r.peek(); {
		case begin == '{' && f.op == opObject:
			return true, r.object(path{f.name, -1}, f.object, into)
		case begin == '{' && f.op == opPointer && f.target.op == opObject:
			target := reflect.New(f.target.typ).UnsafePointer()
			*(*unsafe.Pointer)(into) = target
			return true, r.object(path{f.name, -1}, f.target.object, target)
		case begin == '[' && f.op == opList:
			return true, r.list(f.name, f.object, reflect.NewAt(f.typ, into).Elem())
		}
	}
	v, err := r.value()
	if err != nil || skip {
		return false, err
	}
	r.odd, r.null = v.raw, v.Null()
	return r.set(f, v, unsafe.Add(object, f.offset))
}

// list reads a list of objects; into is the slice. Where a row costs itself alone, one that cannot be read is left out
// with a warning, unless no row can be read. A row is read whole or not at all: of the lists in it nothing is left out.
func (r *Reader) list(name string, p *plan, into reflect.Value) error {
	if err := r.enter(); err != nil {
		return err
	}
	each := r.each
	r.each = false
	defer func() { r.each = each }()
	into.Set(reflect.MakeSlice(into.Type(), 0, 0))
	var lost error
	for n, place := 0, 0; ; place++ {
		more, err := r.element(']', place == 0)
		switch {
		case err != nil:
			return err
		case !more && n == 0 && lost != nil:
			return lost
		case !more:
			r.depth--
			return nil
		}
		into.Grow(1)
		into.SetLen(n + 1)
		begin, depth, known := r.pos, r.depth, len(r.warnings)
		err = r.object(path{name, place}, p, into.Index(n).Addr().UnsafePointer())
		switch {
		case err == nil:
			n++
			continue
		case !each || isSyntax(err):
			return err
		}
		into.Index(n).SetZero()
		into.SetLen(n)
		r.pos, r.depth, r.warnings = begin, depth, r.warnings[:known]
		if _, broken := r.value(); broken != nil {
			return broken
		}
		row := bytes.TrimSpace(r.data[begin:r.pos])
		r.warnings = append(r.warnings, carrier.Warning{Field: name, Reason: ReasonRow, Odd: carrier.OddOf(row), Row: string(row)})
		if lost == nil {
			lost = err
		}
	}
}

// set fills a field with one value; NULL leaves it as it is.
func (r *Reader) set(f *field, v Value, into unsafe.Pointer) (given bool, err error) {
	text := v.Text()
	if v.kind == isBool && !r.rough {
		text = v.raw
	}
	null := len(text) == 0 && (v.kind == isString || v.kind == isNull)
	switch f.op {
	case opValue:
		*(*Value)(into) = v
		return !null, nil
	case opPointer:
		if null {
			return false, nil
		}
		target := reflect.New(f.target.typ).UnsafePointer()
		// A number that is none stays unknown, rather than 0.
		if given, err = r.set(f.target, v, target); given {
			*(*unsafe.Pointer)(into) = target
		}
		return given, err
	}
	if null {
		return false, nil
	}
	switch f.op {
	case opForm:
		return f.form.read(r, f.name, v, into)
	case opObject:
		return false, r.NotThat(f.name, v, "an object")
	case opList:
		return false, r.NotThat(f.name, v, "a list")
	case opBytes:
		n, saturated, ok := count(text)
		if !ok {
			r.Warn(f.name, ReasonNumber)
			return false, nil
		}
		if saturated {
			r.Warn(f.name, ReasonSaturated)
		}
		*(*schema.Opt[uint64])(into) = schema.Some(n)
		return true, nil
	case opStatus:
		n, ok := v.Code()
		if !ok {
			r.Warn(f.name, ReasonCode)
		}
		*(*schema.Opt[uint8])(into) = n
		return true, nil
	case opDay:
		d, ok := day(text)
		told := schema.Opt[schema.Date]{V: d, Known: ok}
		if !ok {
			told = Date(narrow(text)).Day() // with a time behind it
		}
		if !told.Known {
			r.Warn(f.name, ReasonTime)
		}
		*(*schema.Opt[schema.Date])(into) = told
		return true, nil
	case opSame:
		return true, r.same(f.name, v, into)
	case opInt:
		return r.integer(f, v, text, into)
	}
	return r.text(f, v, text, into)
}

// same checks that an answer is about what was asked for, where it says so; where nobody asked, it says it.
func (r *Reader) same(field string, v Value, into unsafe.Pointer) error {
	asked, text := (*string)(into), v.Text()
	switch {
	case *asked == "":
		*asked = clean(text)
	case !strings.EqualFold(string(text), *asked):
		return r.NotThat(field, v, *asked)
	}
	return nil
}

func (r *Reader) integer(f *field, v Value, text []byte, into unsafe.Pointer) (given bool, err error) {
	if len(text) == 0 && r.strict {
		return false, r.NotThat(f.name, v, "a number")
	}
	n, err := strconv.ParseInt(string(text), 10, f.typ.Bits())
	switch {
	case err == nil:
		reflect.NewAt(f.typ, into).Elem().SetInt(n)
		return true, nil
	case r.strict:
		return false, fmt.Errorf("%s is not a whole number", f.name)
	}
	r.Warn(f.name, ReasonNumber)
	return false, nil
}

// text reads a text, a Date or a code.
func (r *Reader) text(f *field, v Value, text []byte, into unsafe.Pointer) (given bool, err error) {
	if len(text) == 0 {
		switch {
		case !r.rough:
			return false, r.NotThat(f.name, v, "a text")
		case f.op == opCode && f.need == needValue:
			return false, r.NotThat(f.name, v, "a code")
		}
		return false, nil
	}
	if f.op == opCode {
		text = digits(text, f.width)
	}
	*(*string)(into) = clean(text)
	switch f.op {
	case opDate:
		if !(*(*Date)(into)).Day().Known {
			r.Warn(f.name, ReasonTime)
		}
	case opCode:
		listed := true
		switch code := reflect.NewAt(f.typ, into).Interface().(type) {
		case Listed:
			listed = code.Known()
		case Coded:
			listed = code.Meaning() != ""
		}
		if !listed {
			r.Warn(f.name, ReasonCode)
		}
	}
	return true, nil
}

// digits writes a code with width digits, or without leading zeros; one that is no number stays as it is.
func digits(code []byte, width int) []byte {
	if width > 0 {
		code = narrow(code)
	}
	if !allDigits(code) {
		return code
	}
	text := strings.TrimLeft(string(code), "0")
	return []byte(strings.Repeat("0", max(0, max(width, 1)-len(text))) + text)
}

// NotThat is the error of a value of another kind. It does not quote the value, unless the answers are rough.
func (r *Reader) NotThat(field string, v Value, want string) error {
	is := v.kindName()
	if r.rough {
		is = v.quote()
	}
	return fmt.Errorf("%s is %s, want %s", field, is, want)
}
