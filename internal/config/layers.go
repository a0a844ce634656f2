package config

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/posflag"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"
)

// envPrefix begins the name of every environment variable that is a key.
const envPrefix = "KAISEN_"

// EnvName is the environment variable of a key: KAISEN_SOURCES__0__CLIENT_SECRET for sources[0].client_secret.
func EnvName(path string) string {
	dotted := strings.NewReplacer("[", ".", "]", "").Replace(path)
	return envPrefix + strings.ToUpper(strings.ReplaceAll(dotted, ".", "__"))
}

// environment is the layer of the environment. A variable without two underscores in a row counts only where it is a
// key at the top, because the prefix is not ours alone: KAISEN_LIBCHDB names the engine, and Kubernetes sets
// KAISEN_SERVICE_HOST for a service of that name.
func (l layout) environment(environ []string, found *findings) koanf.Provider {
	return env.Provider(".", env.Opt{
		Prefix:      envPrefix,
		EnvironFunc: func() []string { return environ },
		TransformFunc: func(name, value string) (string, any) {
			dotted := strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(name, envPrefix)), "__", ".")
			if !strings.Contains(dotted, ".") && l.keyType(reflect.TypeFor[Config](), dotted) == nil {
				return "", nil
			}
			path := pathOf(dotted)
			found.origins[path] = name
			if value == "" && protects(path) {
				found.add(path, "set, but empty: what was to fill the variable has not", "write its value, or do not set it")
			}
			return dotted, value
		},
	})
}

// protects reports whether a key guards something by having a value: an empty one opens what was to be closed, or watches
// what another process watches. In a file somebody wrote it so; a variable is empty when a script has failed.
func protects(path string) bool {
	return slices.Contains([]string{"exporter.web_config_file", "collector.shard", "store.users_file"}, path)
}

// pathOf writes sources.0.name as the messages do: sources[0].name.
func pathOf(dotted string) string {
	path := ""
	for name := range strings.SplitSeq(dotted, ".") {
		if index, err := strconv.Atoi(name); err == nil && index >= 0 && path != "" {
			path = at(path, index)
		} else {
			path = join(path, name)
		}
	}
	return path
}

// AddFlags gives a command flags for some keys outside the sources, named like them: --store.dsn, --log.level. Load
// takes those that were given from the same set. A key that does not exist is a mistake of the program, and panics as
// pflag does for a flag defined twice.
func AddFlags(flags *pflag.FlagSet, keys ...string) {
	for _, path := range keys {
		flags.String(path, "", docOf(path))
	}
}

// docOf is the sentence that describes the key at a path.
func docOf(path string) string {
	section, doc := reflect.TypeFor[Config](), ""
	for name := range strings.SplitSeq(path, ".") {
		var next reflect.Type
		if isSection(section) {
			for _, key := range keysOf(section) {
				if key.name == name {
					next, doc = key.of, key.doc
				}
			}
		}
		if next == nil {
			panic("no configuration key " + path)
		}
		section = next
	}
	return doc
}

// flags is the layer of the flags: those that were given and are named like a key. Other flags of the command are not
// our business.
func (l layout) flags(flags *pflag.FlagSet, found *findings) koanf.Provider {
	if flags == nil {
		return confmap.Provider(nil, "")
	}
	return posflag.ProviderWithFlag(flags, ".", nil, func(flag *pflag.Flag) (string, any) {
		if !flag.Changed || !strings.Contains(flag.Name, ".") && l.keyType(reflect.TypeFor[Config](), flag.Name) == nil {
			return "", nil
		}
		found.origins[flag.Name] = "--" + flag.Name
		return flag.Name, flag.Value.String()
	})
}
