package config

import (
	"encoding"
	"reflect"
	"strconv"
	"strings"

	"github.com/go-viper/mapstructure/v2"

	"kaisen/collector"
)

// key is one key of a mapping, as its struct field's tags describe it.
type key struct {
	name      string
	doc       string
	enum      string // its words, with commas between them
	index     int    // of the field
	of        reflect.Type
	omitEmpty bool
	after     string             // the key behind which it is documented; "" for the usual place
	owner     collector.Settings // of a kind's own key: an example of what holds it
}

// keysOf lists the keys of a section in the order in which they are documented.
func keysOf(section reflect.Type) []key {
	keys := make([]key, 0, section.NumField())
	for i := range section.NumField() {
		field := section.Field(i)
		name, option, _ := strings.Cut(field.Tag.Get("koanf"), ",")
		if name == "" || name == "-" {
			continue
		}
		keys = append(keys, key{name: name, doc: field.Tag.Get("doc"), enum: field.Tag.Get("enum"), index: i, of: field.Type,
			omitEmpty: option == "omitempty", after: field.Tag.Get("after")})
	}
	return keys
}

// keyNames lists the keys that a mapping of this type may have.
func (l layout) keyNames(of reflect.Type) []string {
	var names []string
	if of.Kind() == reflect.Map { // jobs
		for _, kind := range l.kinds {
			names = append(names, kind.JobNames()...)
		}
		return names
	}
	for _, key := range l.keysOf(of) {
		names = append(names, key.name)
	}
	return names
}

// keyType is the type of the value at a key, nil for an unknown key.
func (l layout) keyType(of reflect.Type, name string) reflect.Type {
	if of.Kind() == reflect.Map {
		for _, job := range l.keyNames(of) {
			if job == name {
				return of.Elem()
			}
		}
		return nil
	}
	for _, key := range l.keysOf(of) {
		if key.name == name {
			return key.of
		}
	}
	return nil
}

// isText reports whether a type is one of those that are written as one text and read it themselves: durations, sizes, secrets, addresses.
func isText(of reflect.Type) bool {
	return reflect.PointerTo(of).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// isDuration reports whether a type is a duration, which may be written as a number where that is 0.
func isDuration(of reflect.Type) bool {
	return of == reflect.TypeFor[Duration]() || of == reflect.TypeFor[OwnDuration]()
}

// holdsSecret reports whether no message may show a value of the type.
func holdsSecret(of reflect.Type) bool {
	return of == reflect.TypeFor[Secret]() || of == reflect.TypeFor[DSN]()
}

// isSection reports whether a type is written as a mapping of keys.
func isSection(of reflect.Type) bool {
	return of.Kind() == reflect.Map || of.Kind() == reflect.Struct && !isText(of)
}

// join is the path of a key below path.
func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// at is the path of an element of the list at path.
func at(path string, index int) string { return path + "[" + strconv.Itoa(index) + "]" }

// elsewhere lists the full paths of a key of this name outside the lists, for people who put it a level too high.
func (l layout) elsewhere(name string) []string {
	var paths []string
	var walk func(path string, section reflect.Type)
	walk = func(path string, section reflect.Type) {
		for _, key := range l.keysOf(section) {
			full := join(path, key.name)
			if key.name == name {
				paths = append(paths, full)
			}
			if isSection(key.of) {
				walk(full, key.of)
			}
		}
	}
	walk("", reflect.TypeFor[Config]())
	return paths
}

// layout is the structure of a configuration: that of Config, and the keys that the kinds of sources add to it.
type layout struct{ kinds collector.Kinds }

// keysOf lists the keys of a section in the order in which they are documented.
func (l layout) keysOf(section reflect.Type) []key {
	if section != reflect.TypeFor[Source]() {
		return keysOf(section)
	}
	var own []collector.Settings
	for _, kind := range l.kinds {
		if kind.Settings != nil {
			own = append(own, kind.Settings())
		}
	}
	return withOwn(own)
}

// ownKeysBehind is the key of a source that a kind's keys follow, unless they say otherwise.
const ownKeysBehind = "client_secret_file"

// withOwn lists the keys of a source with those of its kinds.
func withOwn(settings []collector.Settings) []key {
	var all []key
	for _, k := range keysOf(reflect.TypeFor[Source]()) {
		all = append(all, k)
		for _, own := range settings {
			for _, o := range keysOf(reflect.TypeOf(own).Elem()) {
				if o.after == k.name || o.after == "" && k.name == ownKeysBehind {
					o.owner = own
					all = append(all, o)
				}
			}
		}
	}
	return all
}

// settle reads the kinds' own keys of a source into the Settings of its kind, and blames those of another kind.
func (s *Source) settle(path string, kinds collector.Kinds, found *findings) error {
	_, known := kinds.Find(s.Kind)
	for _, kind := range kinds {
		if kind.Settings == nil {
			continue
		}
		settings := kind.Settings()
		keys := keysOf(reflect.TypeOf(settings).Elem())
		given := map[string]any{}
		for _, k := range keys {
			if value, has := s.Own[k.name]; has {
				given[k.name] = value
			}
		}
		decoder, err := mapstructure.NewDecoder(&mapstructure.DecoderConfig{Result: settings, TagName: "koanf"})
		if err == nil {
			err = decoder.Decode(given)
		}
		if err != nil {
			return err
		}
		if kind.Name == s.Kind {
			s.Settings = settings
			continue
		}
		for _, k := range keys {
			if known && !isEmpty(reflect.ValueOf(settings).Elem().Field(k.index)) {
				found.add(join(path, k.name), "kind "+s.Kind+" does not use it", "remove it; it belongs to kind "+kind.Name)
			}
		}
	}
	s.Own = nil
	return nil
}

// isEmpty reports whether a key says nothing: an empty text, or an empty list.
func isEmpty(value reflect.Value) bool {
	return value.IsZero() || value.Kind() == reflect.Slice && value.Len() == 0
}

// checkOwn checks the keys that only sources of this kind have.
func (f *findings) checkOwn(path string, source *Source) {
	if source.Settings != nil {
		source.Settings.Check(source.JobConfigs(), func(key, problem, advice string) { f.add(join(path, key), problem, advice) })
	}
}
