package jsonapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"

	"kaisen/collector/carrier"
)

// Reasons of a carrier.Warning. They are labels, so there are few.
const (
	ReasonCode   = "unknown_code" // a code that the document does not list
	ReasonTime   = "not_a_time"
	ReasonNumber = "not_a_number"
	ReasonCount  = "count" // the answer says that it has another number of rows
)

// Coded is a code with a meaning. Leading zeros are not part of a code, and one without a meaning comes with a
// warning.
type Coded interface{ Meaning() string }

// Decode reads an answer, which must be one JSON object, into the struct that into points to: texts, integers,
// pointers to either, structs and lists of structs, by their json tags. A tag also:"a,b" names other spellings of
// the key, and need:"true" what a struct cannot be without. Keys that the struct does not have are fine, unless it
// has none of them all.
func Decode(body []byte, into any) ([]carrier.Warning, error) {
	tree, err := parse(body)
	if err != nil {
		return nil, err
	}
	r := reader{shapes: map[reflect.Type][]member{}}
	err = r.object("the answer", reflect.ValueOf(into).Elem(), tree)
	return r.warnings, err
}

// DecodeStrict reads what a user wrote: like Decode, but a key that is not known is an error, and so is a number that
// is none. Nothing at all is fine.
func DecodeStrict(body []byte, into any) error {
	tree, err := parse(body)
	if err != nil {
		return err
	}
	if given, ok := tree.(map[string]any); ok && len(given) == 0 {
		return nil
	}
	r := reader{shapes: map[reflect.Type][]member{}, strict: true}
	return r.object("the request", reflect.ValueOf(into).Elem(), tree)
}

// DecodeRows reads an answer that is an object with a list of objects under one of the keys; with "" among the
// keys, but not first, it may be the bare list as well. A list that is NULL is empty, and the rows are never nil.
func DecodeRows[T any](body []byte, keys ...string) ([]T, []carrier.Warning, error) {
	rows := []T{}
	tree, err := parse(body)
	if err != nil {
		return rows, nil, err
	}
	r := reader{shapes: map[reflect.Type][]member{}}
	into := reflect.ValueOf(&rows).Elem()
	if _, isList := tree.([]any); isList && slices.Contains(keys, "") {
		err = r.list("the answer", into, tree)
		return rows, r.warnings, err
	}
	fields, isObject := tree.(map[string]any)
	if !isObject {
		return rows, nil, notThat("the answer", tree, "an object with "+keys[0])
	}
	told := folded(fields)
	for _, key := range keys {
		if list, given := told[fold(key)]; given && key != "" {
			err = r.list(key, into, list)
			return rows, r.warnings, err
		}
	}
	return rows, nil, fmt.Errorf("%s is missing", keys[0])
}

// ErrNoRows is of an answer in which no rows were found.
var ErrNoRows = errors.New("the answer has no list, and is no row itself")

// FindRows reads the rows of an answer whose shape is not documented: it is a list of objects, or an object with one
// list in it under whatever key, or an object that is a row itself. The rows are never nil.
func FindRows[T any](body []byte) ([]T, []carrier.Warning, error) {
	rows := []T{}
	tree, err := parse(body)
	if err != nil {
		return rows, nil, err
	}
	fields, isObject := tree.(map[string]any)
	lists := slices.DeleteFunc(slices.Sorted(maps.Keys(fields)), func(key string) bool {
		_, isList := fields[key].([]any)
		return !isList
	})
	r := reader{shapes: map[reflect.Type][]member{}}
	into := reflect.ValueOf(&rows).Elem()
	switch {
	case tree == nil:
		err = ErrNoRows
	case !isObject:
		err = r.list("the answer", into, tree)
	case len(lists) == 1:
		err = r.list(lists[0], into, fields[lists[0]])
	case len(lists) > 1:
		err = errors.New("the answer has several lists")
	default:
		if err = r.list("the answer", into, []any{tree}); err != nil {
			err = fmt.Errorf("%w: %w", ErrNoRows, err)
		}
	}
	return rows, r.warnings, err
}

// parse reads one JSON value and nothing behind it.
func parse(body []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("the answer is empty")
		}
		return nil, fmt.Errorf("no JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("no JSON: more after its end")
	}
	return tree, nil
}

// Body writes a request's JSON: compact, in the order of its fields, and with & < > as they are.
func Body(v any) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err) // a type that JSON does not know is a mistake in the program
	}
	return bytes.TrimSpace(b.Bytes())
}
