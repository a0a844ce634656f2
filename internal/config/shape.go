package config

import (
	"encoding"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"kaisen/collector"
)

// shaper fits one layer (the file, the environment, the flags) to the structure of Config before it is merged: what
// does not fit is blamed and left out, so that the values of the others can still be looked at. A list of sections
// becomes a mapping by index, which merges where a list would replace.
type shaper struct {
	layout
	found *findings
	texts bool // every value arrives as a text: the environment and flags
}

func (s shaper) fit(path string, of reflect.Type, value any) (any, bool) {
	switch {
	case isText(of):
		return s.text(path, of, value)
	case isSection(of):
		return s.section(path, of, value)
	case of.Kind() == reflect.Slice && isSection(of.Elem()):
		return s.sections(path, of.Elem(), value)
	case of.Kind() == reflect.Slice:
		return s.list(path, value)
	default:
		return s.scalar(path, of, value)
	}
}

func (s shaper) section(path string, of reflect.Type, value any) (any, bool) {
	mapping, ok := value.(map[string]any)
	if !ok {
		return s.wrong(path, of, value, "a mapping of keys")
	}
	fitted := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(mapping)) {
		inner := s.keyType(of, name)
		if inner == nil {
			s.unknown(path, of, name)
			continue
		}
		if mapping[name] == nil { // a key without a value keeps its default
			continue
		}
		if fit, ok := s.fit(join(path, name), inner, mapping[name]); ok {
			fitted[name] = fit
		}
	}
	return fitted, true
}

func (s shaper) sections(path string, of reflect.Type, value any) (any, bool) {
	fitted := map[string]any{}
	add := func(index int, element any) {
		if element == nil {
			element = map[string]any{}
		}
		if fit, ok := s.fit(at(path, index), of, element); ok {
			fitted[strconv.Itoa(index)] = fit
		}
	}
	switch elements := value.(type) {
	case []any:
		for i, element := range elements {
			add(i, element)
		}
	case map[string]any: // the environment counts: KAISEN_SOURCES__0__NAME
		if !s.texts {
			return s.wrong(path, of, value, "a list")
		}
		for name, element := range elements {
			index, err := strconv.Atoi(name)
			if err != nil || strconv.Itoa(index) != name || index < 0 {
				s.found.add(join(path, name), "is not the number of an element", "count the elements of "+path+" from 0")
				continue
			}
			add(index, element)
		}
	default:
		return s.wrong(path, of, value, "a list")
	}
	return fitted, true
}

func (s shaper) list(path string, value any) (any, bool) {
	if text, ok := value.(string); ok && s.texts {
		fields := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
		return fields, true
	}
	elements, ok := value.([]any)
	if !ok {
		want := "a list of texts"
		if s.texts {
			want = "texts with commas between them"
		}
		return s.wrong(path, nil, value, want)
	}
	fitted := make([]string, 0, len(elements))
	for i, element := range elements {
		text, ok := element.(string)
		if !ok {
			s.wrong(at(path, i), nil, element, "a text")
			continue
		}
		fitted = append(fitted, text)
	}
	return fitted, true
}

func (s shaper) text(path string, of reflect.Type, value any) (any, bool) {
	if number, ok := value.(int); ok {
		switch {
		case isDuration(of) && number == 0:
			value = "0"
		case isDuration(of):
			s.found.add(path, fmt.Sprintf("the duration %d has no unit", number), fmt.Sprintf("write %[1]ds, %[1]dm, %[1]dh or %[1]dd", number))
			return nil, false
		case of == reflect.TypeFor[Size]():
			s.found.add(path, fmt.Sprintf("the size %d has no unit", number), fmt.Sprintf("write %dB, or a size like 2GiB", number))
			return nil, false
		}
	}
	text, ok := value.(string)
	if !ok {
		return s.wrong(path, of, value, "a text")
	}
	if err := reflect.New(of).Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text)); err != nil {
		advice := "write it like 90s, 15m, 1h30m or 400d"
		if of == reflect.TypeFor[Size]() {
			advice = "write it like 512MiB or 2GiB"
		}
		s.found.add(path, fmt.Sprintf("%s is %v", collector.Quote(text), err), advice)
		return nil, false
	}
	return text, true
}

func (s shaper) scalar(path string, of reflect.Type, value any) (any, bool) {
	if text, ok := value.(string); ok && s.texts {
		value = parseScalar(of, text)
	}
	switch of.Kind() {
	case reflect.Bool:
		if _, ok := value.(bool); !ok {
			return s.wrong(path, of, value, "true or false")
		}
	case reflect.Int:
		if _, ok := value.(int); !ok {
			return s.wrong(path, of, value, "a whole number")
		}
	case reflect.Float64:
		if whole, ok := value.(int); ok {
			value = float64(whole)
		}
		if _, ok := value.(float64); !ok {
			return s.wrong(path, of, value, "a number")
		}
	default:
		if _, ok := value.(string); !ok {
			return s.wrong(path, of, value, "a text")
		}
	}
	return value, true
}

// parseScalar reads a text as the type that is wanted, and leaves it a text where it is none.
func parseScalar(of reflect.Type, text string) any {
	switch of.Kind() {
	case reflect.Bool:
		if value, err := strconv.ParseBool(text); err == nil {
			return value
		}
	case reflect.Int:
		if value, err := strconv.Atoi(text); err == nil {
			return value
		}
	case reflect.Float64:
		if value, err := strconv.ParseFloat(text, 64); err == nil {
			return value
		}
	}
	return text
}
