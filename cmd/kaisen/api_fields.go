package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"strconv"
	"strings"
	"unicode"

	"kaisen/collector/carrier"
)

// The fields that kaisen api treats in a way of their own, as the documents name them.
const (
	fieldContract     = "contractId"   // the source's only contract, where not given
	fieldClientID     = "clientId"     // the source's, where not given
	fieldClientSecret = "clientSecret" // likewise
	fieldAgreement    = "agreement"    // yes only where the user agrees
)

// field is one of the things that a request is made of.
type field struct {
	name     string // as the document spells it
	doc      string
	arg      string // its place among the arguments: "1"; "" for a flag
	optional bool
	index    []int
	kind     reflect.Kind
}

// fieldsOf lists the fields of a request, those of embedded structs among them.
func fieldsOf(r carrier.Request) []field {
	var fields []field
	for _, f := range reflect.VisibleFields(reflect.TypeOf(r).Elem()) {
		name, _, optional := strings.Cut(f.Tag.Get("json"), ",") // ,omitempty or ,omitzero
		if f.Anonymous || !f.IsExported() || name == "" || name == "-" {
			continue
		}
		fields = append(fields, field{name, f.Tag.Get("doc"), f.Tag.Get("arg"), optional, f.Index, f.Type.Kind()})
	}
	return fields
}

// simple reports whether a flag can hold the field; the rest comes from a file.
func (f field) simple() bool { return f.kind == reflect.String || f.kind == reflect.Int }

// flagged reports whether the field has a flag.
func (f field) flagged() bool { return f.arg == "" && f.simple() && f.name != fieldAgreement }

// set takes what the user wrote.
func (f field) set(r carrier.Request, value string) error {
	if f.kind == reflect.String {
		f.in(r).SetString(value)
		return nil
	}
	n, err := strconv.ParseInt(value, 10, 0)
	if err != nil {
		return misuse(fmt.Errorf("--%s %q: want a whole number", f.flag(), value))
	}
	f.in(r).SetInt(n)
	return nil
}

// flag is the name of the field's flag: requestDate as request-date, n_no as n-no.
func (f field) flag() string {
	if f.name == fieldContract {
		return "contract"
	}
	var b strings.Builder
	for _, r := range f.name {
		switch {
		case r == '_':
			b.WriteByte('-')
		case unicode.IsUpper(r):
			b.WriteByte('-')
			b.WriteRune(unicode.ToLower(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func (f field) in(r carrier.Request) reflect.Value {
	return reflect.ValueOf(r).Elem().FieldByIndex(f.index)
}

// setIfEmpty fills a text that the user left out; a request without such a field stays as it is.
func setIfEmpty(r carrier.Request, name, value string) {
	if v, ok := textField(r, name); ok && v.String() == "" {
		v.SetString(value)
	}
}

// textField finds a field that is a text.
func textField(r carrier.Request, name string) (reflect.Value, bool) {
	for _, f := range fieldsOf(r) {
		if f.name == name && f.kind == reflect.String {
			return f.in(r), true
		}
	}
	return reflect.Value{}, false
}

// read fills a request from JSON with the document's names. A name that the request does not have is an error: an
// order with a field misspelt is not what the user meant.
func read(from io.Reader, into carrier.Request) error {
	content, err := io.ReadAll(from)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	var mistyped *json.UnmarshalTypeError
	switch err := decoder.Decode(into); {
	case errors.Is(err, io.EOF):
		return errors.New("the file is empty")
	case errors.As(err, &mistyped) && mistyped.Field != "":
		return fmt.Errorf("%s is a %s, which does not belong there", mistyped.Field, mistyped.Value)
	case err != nil:
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more behind the request's end")
	}
	return nil
}

// hide puts a stand-in for every secret of a request that is to be shown. A text that hides itself from the log is
// a secret.
func hide(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			hide(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			hide(v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			hide(v.Index(i))
		}
	case reflect.String:
		if v.Type().Implements(reflect.TypeFor[slog.LogValuer]()) && v.String() != "" && v.CanSet() {
			v.SetString("<secret>")
		}
	}
}
