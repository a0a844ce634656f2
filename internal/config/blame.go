package config

import (
	"fmt"
	"kaisen/collector"
	"reflect"
	"strconv"
	"strings"
)

// wrong blames a value for its type. It always returns nothing, so that callers can return what it returns.
func (s shaper) wrong(path string, of reflect.Type, value any, want string) (any, bool) {
	got := describe(value)
	if of != nil && holdsSecret(of) {
		got = typeName(value)
	}
	advice := "write " + want
	if _, isString := value.(string); want == "a text" && !isString && typeName(value) != "a list" && typeName(value) != "a mapping" {
		advice = "put it in quotes"
	}
	if path == "" {
		path = "the file"
	}
	s.found.add(path, fmt.Sprintf("expected %s, got %s", want, got), advice)
	return nil, false
}

// unknown blames a key that no section of this type has, with the key that was probably meant.
func (s shaper) unknown(path string, of reflect.Type, name string) {
	if before, _, glued := strings.Cut(name, ":"); glued {
		// {client_secret:hunter2} is one key; what follows the colon may be a secret
		s.found.add(join(path, before), "no blank after the colon", "write "+before+": and then the value")
		return
	}
	names := s.keyNames(of)
	full := join(path, name)
	if near := nearest(name, names); near != "" {
		s.found.add(full, "unknown key", "did you mean "+near+"?")
		s.found.excuse(join(path, near))
		return
	}
	if paths := s.elsewhere(name); len(paths) == 1 {
		s.found.add(full, "unknown key", "did you mean "+paths[0]+"?")
		return
	}
	s.found.add(full, "unknown key", "the keys here are "+strings.Join(names, ", "))
}

// typeName says what a value from YAML is, without showing it.
func typeName(value any) string {
	switch value.(type) {
	case nil:
		return "nothing"
	case string:
		return "a text"
	case bool:
		return "a truth value"
	case int, int64, uint64, float64:
		return "a number"
	case []any, []string:
		return "a list"
	case map[string]any:
		return "a mapping"
	case map[any]any:
		return "a mapping whose keys are not all texts"
	default:
		return "a date"
	}
}

// describe says what a value from YAML is and, where it is short, shows it.
func describe(value any) string {
	switch shown := value.(type) {
	case string:
		return "the text " + collector.Quote(shown)
	case bool:
		return strconv.FormatBool(shown)
	case int, int64, uint64, float64:
		return fmt.Sprintf("the number %v", shown)
	}
	return typeName(value)
}
