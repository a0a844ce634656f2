package config

import (
	"reflect"

	"github.com/go-viper/mapstructure/v2"

	"kaisen/collector"
)

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
			if known && !reflect.ValueOf(settings).Elem().Field(k.index).IsZero() {
				found.add(join(path, k.name), "kind "+s.Kind+" does not use it", "remove it; it belongs to kind "+kind.Name)
			}
		}
	}
	s.Own = nil
	return nil
}

// checkOwn checks the keys that only sources of this kind have.
func (f *findings) checkOwn(path string, source *Source) {
	if source.Settings != nil {
		source.Settings.Check(source.JobConfigs(), func(key, problem, advice string) { f.add(join(path, key), problem, advice) })
	}
}
