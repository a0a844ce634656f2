package jsonapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"kaisen/collector/carrier"
)

// reader fills structs from parsed JSON.
type reader struct {
	warnings []carrier.Warning
	shapes   map[reflect.Type][]member
	strict   bool
}

// member is a field of a struct.
type member struct {
	index []int
	name  string   // as the document spells it
	keys  []string // folded, the document's first
	need  bool
}

func (r *reader) warn(field, reason string) {
	r.warnings = append(r.warnings, carrier.Warning{Field: field, Reason: reason})
}

// object fills a struct. Where the same key comes in two spellings, a value that was told wins over NULL.
func (r *reader) object(name string, into reflect.Value, v any) error {
	fields, ok := v.(map[string]any)
	if !ok {
		return notThat(name, v, "an object")
	}
	told := folded(fields)
	known := 0
	for _, m := range r.shape(into.Type()) {
		for i, key := range m.keys {
			value, given := told[key]
			if !given {
				continue
			}
			delete(told, key)
			known++
			if i > 0 && !into.FieldByIndex(m.index).IsZero() {
				continue // told in the document's spelling
			}
			if err := r.value(m.name, into.FieldByIndex(m.index), value); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		if m.need && into.FieldByIndex(m.index).IsZero() {
			return fmt.Errorf("%s: %s is missing", name, m.name)
		}
	}
	if known == 0 {
		return fmt.Errorf("%s has not a single known field", name)
	}
	if r.strict && len(told) > 0 {
		return fmt.Errorf("%s: unknown field %s", name, strings.Join(slices.Sorted(maps.Keys(told)), ", "))
	}
	return nil
}

// value fills one field; NULL leaves it as it is.
func (r *reader) value(name string, into reflect.Value, v any) error {
	if null(v) {
		return nil
	}
	switch into.Kind() {
	case reflect.Pointer:
		target := reflect.New(into.Type().Elem())
		before := len(r.warnings)
		if err := r.value(name, target.Elem(), v); err != nil {
			return err
		}
		// A number that is none stays unknown, rather than 0.
		if target.Elem().Kind() == reflect.Struct || len(r.warnings) == before {
			into.Set(target)
		}
		return nil
	case reflect.Struct:
		return r.object(name, into, v)
	case reflect.Slice:
		return r.list(name, into, v)
	case reflect.Int, reflect.Int64:
		return r.integer(name, into, v)
	default:
		return r.text(name, into, v)
	}
}

func (r *reader) list(name string, into reflect.Value, v any) error {
	if null(v) {
		return nil
	}
	values, ok := v.([]any)
	if !ok {
		return notThat(name, v, "a list")
	}
	rows := reflect.MakeSlice(into.Type(), len(values), len(values))
	for i, value := range values {
		if err := r.object(fmt.Sprintf("%s[%d]", name, i), rows.Index(i), value); err != nil {
			return err
		}
	}
	into.Set(rows)
	return nil
}

func (r *reader) integer(name string, into reflect.Value, v any) error {
	text, ok := textOf(v)
	if !ok {
		return notThat(name, v, "a number")
	}
	n, err := strconv.ParseInt(text, 10, into.Type().Bits())
	switch {
	case err == nil:
		into.SetInt(n)
	case r.strict:
		return fmt.Errorf("%s is not a whole number", name)
	default:
		r.warn(name, ReasonNumber)
	}
	return nil
}

func (r *reader) text(name string, into reflect.Value, v any) error {
	text, ok := textOf(v)
	if !ok {
		return notThat(name, v, "a text")
	}
	into.SetString(text)
	switch value := into.Interface().(type) {
	case Date:
		if !value.Day().Known {
			r.warn(name, ReasonTime)
		}
	case Coded:
		into.SetString(bare(text))
		if into.Interface().(Coded).Meaning() == "" {
			r.warn(name, ReasonCode)
		}
	}
	return nil
}

// shape lists the fields of a struct, those of embedded ones too.
func (r *reader) shape(t reflect.Type) []member {
	if members, ok := r.shapes[t]; ok {
		return members
	}
	var members []member
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || name == "" || name == "-" {
			continue
		}
		m := member{index: f.Index, name: name, keys: []string{fold(name)}, need: f.Tag.Get("need") == "true"}
		if also := f.Tag.Get("also"); also != "" {
			for _, key := range strings.Split(also, ",") {
				m.keys = append(m.keys, fold(key))
			}
		}
		members = append(members, m)
	}
	r.shapes[t] = members
	return members
}

// folded are the members of an object by their folded keys.
func folded(fields map[string]any) map[string]any {
	out := make(map[string]any, len(fields))
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		name := fold(key)
		if before, twice := out[name]; !twice || null(before) {
			out[name] = fields[key]
		}
	}
	return out
}

// fold makes one of all spellings of a key.
func fold(key string) string { return strings.ToLower(strings.TrimSpace(key)) }

// null tells NULL: null, "" and the text NULL.
func null(v any) bool {
	if text, ok := v.(string); ok {
		text = strings.TrimSpace(text)
		return text == "" || text == "NULL"
	}
	return v == nil
}

// textOf is a text, or a number or a truth as a text; false for what has no text.
func textOf(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v), true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

// bare is a code without leading zeros, 01 as 1.
func bare(code string) string {
	if strings.Trim(code, "0123456789") != "" {
		return code
	}
	if trimmed := strings.TrimLeft(code, "0"); trimmed != "" {
		return trimmed
	}
	return "0"
}

// notThat is the error of a value of another kind. It does not quote the value.
func notThat(name string, v any, want string) error {
	is := "null"
	switch v.(type) {
	case map[string]any:
		is = "an object"
	case []any:
		is = "a list"
	case string:
		is = "a text"
	case json.Number:
		is = "a number"
	case bool:
		is = "a truth"
	}
	return fmt.Errorf("%s is %s, want %s", name, is, want)
}
