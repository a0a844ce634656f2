package api

import (
	"fmt"
	"strings"
)

// listOf reads an answer that is a list of rows, under one key or the other. A list that is NULL is empty; one that
// is not there at all is malformed, and so is one with a row that cannot be read.
func listOf[T any](a *answer, key, otherKey string, row func(a *answer, v value) (T, error)) ([]T, error) {
	var rows []T
	found := false
	var buffer [maxKey]byte
	m := document(a.body)
	for m.next() {
		var err error
		switch name := string(fold(m.key, &buffer)); {
		case name == "contractid":
			err = a.sameContract(m.value)
		case strings.EqualFold(name, key) || strings.EqualFold(name, otherKey):
			found = true
			if !m.value.null() {
				rows, err = readRows(a, key, m.value, row)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	if m.err != nil {
		return nil, m.err
	}
	if !found {
		return nil, fmt.Errorf("%s is missing", key)
	}
	return rows, nil
}

func readRows[T any](a *answer, key string, list value, row func(a *answer, v value) (T, error)) ([]T, error) {
	if list.kind != isList {
		return nil, notThat(key, list, "a list")
	}
	var rows []T
	err := list.list(func(i int, v value) error {
		if v.kind != isObject {
			return notThat(fmt.Sprintf("%s[%d]", key, i), v, "an object")
		}
		one, err := row(a, v)
		if err != nil {
			return fmt.Errorf("%s[%d]: %w", key, i, err)
		}
		rows = append(rows, one)
		return nil
	})
	return rows, err
}
