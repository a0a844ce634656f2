package config

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
)

// changeable reports whether a running service takes another value of a key. Whatever is new to the configuration is fixed
// until somebody has thought about it.
func changeable(path string) bool {
	return slices.Contains([]string{"labels_file", "sources", "exporter.stale_after", "log.level"}, path)
}

// Fixed are what another configuration would change that a running service cannot: store, exporter and shard are taken at the
// start.
func (c *Config) Fixed(next *Config) Mistakes {
	const advice = "leave it as it was, or restart kaisen"
	var fixed Mistakes
	differing("", reflect.ValueOf(*c), reflect.ValueOf(*next), func(path, was, is string) {
		fixed = append(fixed, Mistake{Path: path, Problem: fmt.Sprintf("cannot change from %s to %s while kaisen runs", was, is), Advice: advice})
	})
	for i := range next.Sources {
		now := &next.Sources[i]
		at := slices.IndexFunc(c.Sources, func(s Source) bool { return s.Name == now.Name })
		if at >= 0 && c.Sources[at].Kind != now.Kind {
			fixed = append(fixed, Mistake{Path: fmt.Sprintf("sources[%d].kind", i), Problem: fmt.Sprintf("source %s cannot become another API's", now.Name),
				Advice: "give the account of the other API a name of its own"})
		}
	}
	return fixed
}

// differing calls report with every key below path that is fixed and has two values.
func differing(path string, was, is reflect.Value, report func(path, was, is string)) {
	for _, key := range keysOf(was.Type()) {
		here, before, now := join(path, key.name), was.Field(key.index), is.Field(key.index)
		switch {
		case changeable(here):
		case isSection(key.of):
			differing(here, before, now, report)
		case !reflect.DeepEqual(before.Interface(), now.Interface()):
			report(here, shownValue(before), shownValue(now))
		}
	}
}

// shownValue is a value in a message. Secrets do not show themselves.
func shownValue(of reflect.Value) string {
	if text := fmt.Sprint(of.Interface()); text != "" {
		return text
	}
	return "nothing"
}

// FixedFiles is what stands in the files that are read at the start alone, by the key that names each; "" where there is no
// file, or it cannot be read.
func (c *Config) FixedFiles() map[string]string {
	texts := make(map[string]string)
	for key, file := range map[string]string{"store.dsn_file": c.Store.DSNFile, "store.users_file": c.Store.UsersFile,
		"exporter.line_label_key_file": c.Exporter.LineLabelKeyFile} {
		if file == "" {
			continue
		}
		content, _ := os.ReadFile(file) // the check of the configuration says why not
		texts[key] = strings.TrimSpace(string(content))
	}
	return texts
}

// SameButSecret reports whether two sources differ in nothing but how they log in, which a running account can change.
func (s Source) SameButSecret(other Source) bool {
	for _, source := range []*Source{&s, &other} {
		source.ClientID, source.ClientIDFile, source.ClientSecret, source.ClientSecretFile = "", "", Secret{}, ""
	}
	return reflect.DeepEqual(s, other)
}
