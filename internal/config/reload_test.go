package config

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestWhatCannotChange: every key but those that are known to may not be another one while kaisen runs, and each is named.
func TestWhatCannotChange(t *testing.T) {
	was := DefaultConfig()
	if fixed := was.Fixed(&was); len(fixed) > 0 {
		t.Fatalf("nothing has changed: %v", fixed)
	}
	free := []string{"labels_file", "sources", "exporter.stale_after", "log.level"}
	keys := 0
	var walk func(path string, section reflect.Value, whole *Config)
	walk = func(path string, section reflect.Value, whole *Config) {
		for _, key := range keysOf(section.Type()) {
			here, field := join(path, key.name), section.Field(key.index)
			if isSection(key.of) {
				walk(here, field, whole)
				continue
			}
			before := reflect.ValueOf(field.Interface())
			another(field)
			keys++
			var named []string
			for _, m := range was.Fixed(whole) {
				named = append(named, m.Path)
			}
			if want := !slices.Contains(free, here); slices.Contains(named, here) != want || len(named) > 1 {
				t.Errorf("%s: named %v, want that: %v", here, named, want)
			}
			field.Set(before)
		}
	}
	next := DefaultConfig()
	walk("", reflect.ValueOf(&next).Elem(), &next)
	if keys < 30 {
		t.Errorf("only %d keys were tried", keys)
	}
}

// another changes a value.
func another(field reflect.Value) {
	switch value := field.Interface().(type) {
	case DSN:
		field.Set(reflect.ValueOf(NewDSN(value.Reveal() + "x")))
	case OwnDuration:
		field.Set(reflect.ValueOf(OwnDuration{true, value.Value + 1}))
	default:
		switch field.Kind() {
		case reflect.String:
			field.SetString(field.String() + "x")
		case reflect.Bool:
			field.SetBool(!field.Bool())
		case reflect.Slice:
			field.Set(reflect.Append(field, reflect.Zero(field.Type().Elem())))
		default:
			field.SetInt(field.Int() + 1)
		}
	}
}

// A password in an address is in no message, and an account stays one of its kind.
func TestWhatCannotChangeIsToldWithoutSecrets(t *testing.T) {
	was, next := DefaultConfig(), DefaultConfig()
	was.Store.DSN, next.Store.DSN = NewDSN("clickhouse://u:old-word@a/b"), NewDSN("clickhouse://u:new-word@a/b")
	was.Sources, next.Sources = []Source{{Name: "hq", Kind: "unom"}}, []Source{{Name: "hq", Kind: "ipoe"}}
	text := was.Fixed(&next).Error()
	if !strings.Contains(text, "store.dsn") || !strings.Contains(text, "sources[0].kind") || strings.Contains(text, "word") {
		t.Error(text)
	}
}

func TestASecretAloneIsNoOtherSource(t *testing.T) {
	was := Source{Name: "hq", ClientID: "a", ClientSecretFile: "b", RateLimit: RateLimit{Burst: 5}}
	next := was
	next.ClientID, next.ClientSecretFile, next.ClientSecret = "b", "", NewSecret("c")
	if !was.SameButSecret(next) {
		t.Error("another secret makes another source")
	}
	next.RateLimit.Burst = 6
	if was.SameButSecret(next) {
		t.Error("another limit makes no other source")
	}
}
