package lenient

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"unsafe"

	"kaisen/collector/carrier"
)

// DecodeRows reads an answer that is an object with a list of objects under one of the keys; with "" among the
// keys, but not first, it may be the bare list as well. A list that is NULL is empty, and the rows are never nil.
func DecodeRows[T any](d *Decoder, body []byte, keys ...string) ([]T, []carrier.Warning, error) {
	return decodeRows[T](d, body, (*struct{})(nil), false, keys)
}

// DecodeEach is DecodeRows for a list in which no row says anything of the others: one that cannot be read is left out
// with a warning, unless no row can be read, and what the list lacks need not have left it (carrier.LeftOut). The other
// members of the object are read into head, unless it is nil.
func DecodeEach[T, H any](d *Decoder, body []byte, head *H, keys ...string) ([]T, []carrier.Warning, error) {
	return decodeRows[T](d, body, head, true, keys)
}

func decodeRows[T, H any](d *Decoder, body []byte, head *H, each bool, keys []string) ([]T, []carrier.Warning, error) {
	var rows []T
	l := rowsReader{rows: d.planOf(reflect.TypeFor[T]()), into: reflect.ValueOf(&rows).Elem(), keys: make([]string, len(keys))}
	for i, key := range keys {
		var buffer [maxKey]byte
		l.keys[i] = string(fold([]byte(key), &buffer))
	}
	var before H
	if head != nil {
		before, l.head = *head, d.planOf(reflect.TypeFor[H]())
	}
	warnings, err := d.read(new(Reader), body, func(r *Reader) error {
		rows, r.each = []T{}, each
		if head != nil {
			*head = before
		}
		return l.read(r, keys, unsafe.Pointer(head))
	})
	if err != nil {
		rows = []T{}
	}
	return rows, warnings, err
}

// rowsReader reads an answer that is a list, with or without an object around it.
type rowsReader struct {
	head, rows *plan // head may be nil
	keys       []string
	into       reflect.Value

	begin  int   // of the object
	given  bits  // fields of head
	listed Value // the list that was read
}

func (l *rowsReader) read(r *Reader, names []string, head unsafe.Pointer) error {
	switch begin := r.peek(); {
	case begin == '[' && slices.Contains(l.keys, ""):
		return r.list("the answer", l.rows, l.into)
	case begin != '{' && r.rough:
		return r.fail("an object")
	case begin != '{':
		whole, err := r.value()
		if err != nil {
			return err
		}
		return r.NotThat("the answer", whole, "an object with "+names[0])
	}
	if err := r.enter(); err != nil {
		return err
	}
	l.begin, l.given, l.listed = r.pos, bits{}, Value{}
	best := len(l.keys)
	var buffer [maxKey]byte
	for first := true; ; first = false {
		key, more, err := r.scanner.member(first)
		switch {
		case err != nil:
			return err
		case !more && best == len(l.keys):
			if err := r.end(); err != nil {
				return err
			}
			return fmt.Errorf("%s is missing", names[0])
		case !more:
			return nil
		}
		folded := fold(key, &buffer)
		if i := slices.Index(l.keys, string(folded)); i >= 0 && i <= best && len(folded) > 0 {
			best = i
			if r.rough {
				i = 0 // of two names, errors have the document's
			}
			err = l.list(r, names[i])
		} else {
			err = l.other(r, folded, head)
		}
		if err != nil {
			return err
		}
	}
}

// list reads the rows themselves.
func (l *rowsReader) list(r *Reader, name string) error {
	if r.peek() == '[' {
		begin, before := r.pos, l.listed
		err := r.list(name, l.rows, l.into)
		l.listed = Value{kind: isList, raw: r.data[begin:r.pos]}
		if err == nil && !before.Null() && !sameValue(before, l.listed) {
			r.WarnOf(name, ReasonConflict, before.raw)
		}
		return err
	}
	v, err := r.value()
	if err == nil && !v.Null() {
		err = r.NotThat(name, v, "a list")
	}
	return err
}

// other reads another member of the object.
func (l *rowsReader) other(r *Reader, key []byte, head unsafe.Pointer) error {
	if l.head != nil {
		if at, ok := l.head.keys[string(key)]; ok {
			begin := r.pos
			given, err := r.field(&l.head.fields[at.field], head, false)
			if err == nil && l.given.has(at.field) {
				r.compare(l.begin, begin, l.head, at.field, at.alias)
			}
			if given {
				l.given.set(at.field)
			}
			return err
		}
	}
	_, err := r.value()
	return err
}

// rowsIn reads the rows of a list that was scanned before.
func (r *Reader) rowsIn(name string, list Value, p *plan, into reflect.Value) error {
	if list.Null() {
		return nil
	}
	if list.kind != isList {
		return r.NotThat(name, list, "a list")
	}
	inner := *r
	inner.scanner = scanner{data: list.raw, depth: 1}
	err := inner.list(name, p, into)
	r.warnings = inner.warnings
	return err
}

// IsEmptyObject reports whether an answer is an object with nothing in it, which may stand for an empty list.
func IsEmptyObject(body []byte) bool {
	s := scanner{data: body}
	v, err := s.value()
	return err == nil && s.end() == nil && v.kind == isObject && len(trim(v.raw[1:len(v.raw)-1])) == 0
}

// ErrNoRows is of an answer in which no rows were found.
var ErrNoRows = errors.New("the answer has no list, and is no row itself")

// FindRows reads the rows of an answer whose shape is not documented: it is a list of objects, or an object with one
// list in it under whatever key, or an object that is a row itself. The rows are never nil; one of a list that cannot be
// read is left out, as DecodeEach does.
func FindRows[T any](d *Decoder, body []byte) ([]T, []carrier.Warning, error) {
	rows := []T{}
	p, into := d.planOf(reflect.TypeFor[T]()), reflect.ValueOf(&rows).Elem()
	warnings, err := d.read(new(Reader), body, func(r *Reader) error {
		whole, err := r.value()
		if err != nil {
			return err
		}
		if err := r.end(); err != nil {
			return err
		}
		if whole.kind != isObject {
			if whole.kind == isNull {
				return ErrNoRows
			}
			r.each = true
			return r.rowsIn("the answer", whole, p, into)
		}
		lists := map[string]Value{}
		for inner, first := (scanner{data: whole.raw}), true; ; first = false {
			key, more, _ := inner.member(first) // no error can be: it was scanned before
			if !more {
				break
			}
			before := lists[string(key)]
			delete(lists, string(key)) // of a key that comes twice the last value counts
			member, _ := inner.value()
			if member.kind == isList {
				lists[string(key)] = member
			}
			if !before.Null() && !sameValue(before, member) {
				r.WarnOf(string(key), ReasonConflict, before.raw)
			}
		}
		switch len(lists) {
		case 0:
			alone := slices.Concat([]byte("["), whole.raw, []byte("]"))
			if err := r.rowsIn("the answer", Value{kind: isList, raw: alone}, p, into); err != nil {
				rows = []T{}
				return fmt.Errorf("%w: %w", ErrNoRows, err)
			}
			return nil
		case 1:
			r.each = true
			for name, list := range lists {
				return r.rowsIn(name, list, p, into)
			}
		}
		return errors.New("the answer has several lists")
	})
	if err != nil {
		rows = []T{}
	}
	return rows, warnings, err
}
