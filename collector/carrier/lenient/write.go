package lenient

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"unsafe"

	"kaisen/collector/carrier"
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
	return planner{forms}.plan(reflect.TypeFor[T]()).write(unsafe.Pointer(&answer)), nil
}

// Sent writes the body of a request by its tags: days as YYYYMMDD, and secrets, which hide in JSON, as they are.
func Sent[T any](request *T) []byte {
	return planner{}.plan(reflect.TypeFor[T]()).write(unsafe.Pointer(request))
}

func (p *plan) write(object unsafe.Pointer) []byte {
	text := []byte{'{'}
	for i := range p.fields {
		f := &p.fields[i]
		from := unsafe.Add(object, f.offset)
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
	return append(text, '}')
}

// written returns what stands for a field in JSON. Numbers of bytes and codes are strings, as the carrier writes them:
// JSON's readers keep only 53 bits of a number.
func (f *field) written(from unsafe.Pointer) any {
	value := reflect.NewAt(f.typ, from).Elem()
	switch f.op {
	case opForm:
		return f.form.write(from)
	case opText:
		return value.String()
	case opDate:
		return value.Interface().(Date).Compact()
	case opBytes:
		return OrNull(*(*schema.Opt[uint64])(from), func(n uint64) any { return strconv.FormatUint(n, 10) })
	case opStatus:
		return OrNull(*(*schema.Opt[uint8])(from), func(n uint8) any { return strconv.Itoa(int(n)) })
	case opDay:
		return OrNull(*(*schema.Opt[schema.Date])(from), func(d schema.Date) any { return DateOf(d) })
	case opObject:
		return json.RawMessage(f.object.write(from))
	case opPointer:
		if value.IsNil() {
			return nil
		}
		return f.target.written(value.UnsafePointer())
	case opList:
		if value.IsNil() {
			return nil
		}
		rows := make([]json.RawMessage, value.Len())
		for i := range rows {
			rows[i] = f.object.write(value.Index(i).Addr().UnsafePointer())
		}
		return rows
	}
	return value.Interface()
}

// Get is a GET with those fields of a request that are not empty as its parameters, by their json names and in their
// order, which is the document's. Days go out as YYYYMMDD.
func Get[T any](path string, request *T) carrier.RequestSpec {
	spec := carrier.RequestSpec{Method: http.MethodGet, Path: path}
	for _, f := range (planner{}).plan(reflect.TypeFor[T]()).fields {
		from := unsafe.Add(unsafe.Pointer(request), f.offset)
		if reflect.NewAt(f.typ, from).Elem().IsZero() {
			continue
		}
		if spec.Query == nil {
			spec.Query = url.Values{}
		}
		spec.Query.Set(f.name, fmt.Sprint(f.written(from)))
		spec.Order = append(spec.Order, f.name)
	}
	return spec
}

// OrNull returns null for what was not given.
func OrNull[T any](v schema.Opt[T], form func(T) any) any {
	if !v.Known {
		return nil
	}
	return form(v.V)
}
