package lenient

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
	"unsafe"

	"kaisen/schema"
)

// Body writes JSON: compact, in the order of the fields, and with & < > as they are, since a password may hold them and
// the documents escape nothing.
func Body(v any) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err) // a type that JSON does not know is a mistake in the program
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// Marshal writes an answer by the tags it was read by, with the document's names, in its order and its forms, so that
// kaisen api prints what the documents describe whatever dialect the carrier spoke. It is for MarshalJSON.
func Marshal[T any](answer T, forms map[string]Form) ([]byte, error) {
	p := planner{forms}.plan(reflect.TypeFor[T]())
	text := []byte{'{'}
	for i := range p.fields {
		f := &p.fields[i]
		from := unsafe.Add(unsafe.Pointer(&answer), f.offset)
		if f.omitZero && reflect.NewAt(f.typ, from).Elem().IsZero() {
			continue
		}
		if len(text) > 1 {
			text = append(text, ',')
		}
		text = strconv.AppendQuote(text, f.name) // keys are ASCII words
		text = append(text, ':')
		text = append(text, Body(f.written(from))...)
	}
	return append(text, '}'), nil
}

// written returns what stands for a field in JSON. Numbers of bytes and codes are strings, as the carrier writes them:
// JSON's readers keep only 53 bits of a number.
func (f *field) written(from unsafe.Pointer) any {
	switch f.op {
	case opForm:
		return f.form.write(from)
	case opBytes:
		return OrNull(*(*schema.Opt[uint64])(from), func(n uint64) any { return strconv.FormatUint(n, 10) })
	case opStatus:
		return OrNull(*(*schema.Opt[uint8])(from), func(n uint8) any { return strconv.Itoa(int(n)) })
	case opDay:
		return OrNull(*(*schema.Opt[schema.Date])(from), func(d schema.Date) any { return DateOf(d) })
	}
	return reflect.NewAt(f.typ, from).Elem().Interface()
}

// OrNull returns null for what was not told.
func OrNull[T any](v schema.Opt[T], form func(T) any) any {
	if !v.Known {
		return nil
	}
	return form(v.V)
}
