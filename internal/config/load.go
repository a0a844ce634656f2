package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"os"
	"reflect"
	"slices"
	"strconv"

	"github.com/go-viper/mapstructure/v2"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/rawbytes"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"

	"kaisen/collector"
)

// Load reads the configuration, whose sources are of the given kinds: defaults, then the YAML file (none where file is
// empty), then the environment (in the form of os.Environ), then those flags of AddFlags that were given (flags may be
// nil). Its error wraps Mistakes where the configuration is wrong, and fs.ErrNotExist where the file is missing; it is
// then nil and of no use.
//
// What is in labels_file, or that it is gone, is none of its mistakes: a spreadsheet that was saved badly must not end the watching
// of lines at the next start when it does not while kaisen runs. Warnings tells of it.
func Load(kinds collector.Kinds, file string, environ []string, flags *pflag.FlagSet) (*Config, error) {
	return loadChecked(newFindings(), kinds, file, environ, flags)
}

// Check is Load for who asks whether all is well: its mistakes are also those in labels_file and exporter.web_config_file.
func Check(kinds collector.Kinds, file string, environ []string, flags *pflag.FlagSet) (*Config, error) {
	found := newFindings()
	found.whole = true
	return loadChecked(found, kinds, file, environ, flags)
}

// LoadWithoutSources is Load for those who ask the store alone: what is wrong with sources does not count, secrets that the
// user may not read for one, and the Config has none.
func LoadWithoutSources(kinds collector.Kinds, file string, environ []string, flags *pflag.FlagSet) (*Config, error) {
	found := newFindings()
	found.ignored = "sources"
	cfg, err := loadChecked(found, kinds, file, environ, flags)
	if err != nil {
		return nil, err
	}
	cfg.Sources = nil
	return cfg, nil
}

func loadChecked(found *findings, kinds collector.Kinds, file string, environ []string, flags *pflag.FlagSet) (*Config, error) {
	cfg, err := load(layout{kinds}, file, environ, flags, found)
	if err == nil {
		found.check(kinds, cfg)
		err = found.err()
	}
	if err == nil {
		return cfg, nil
	}
	if file == "" {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	return nil, fmt.Errorf("configuration %s: %w", file, err)
}

// load merges the layers. What is wrong with their shape goes to found; what cannot be read at all is an error.
func load(l layout, file string, environ []string, flags *pflag.FlagSet, found *findings) (*Config, error) {
	content, err := readFile(file)
	if err != nil {
		return nil, err
	}
	given := koanf.New(".")
	for _, layer := range []struct {
		provider koanf.Provider
		parser   koanf.Parser
		texts    bool // every value arrives as a text
	}{
		{provider: rawbytes.Provider(content), parser: parser{found}},
		{provider: l.environment(environ, found), texts: true},
		{provider: l.flags(flags, found), texts: true},
	} {
		read := koanf.New(".")
		if err := read.Load(layer.provider, layer.parser); err != nil {
			return nil, err
		}
		fitted, _ := shaper{layout: l, found: found, texts: layer.texts}.fit("", reflect.TypeFor[Config](), read.Raw())
		if err := given.Load(confmap.Provider(fitted.(map[string]any), ""), nil); err != nil {
			return nil, err
		}
	}
	return l.decode(given, found)
}

// decode lays what was given over the defaults that fit it. ErrorUnused holds shaper to its word: it let no
// unknown key through.
func (l layout) decode(given *koanf.Koanf, found *findings) (*Config, error) {
	whole := koanf.New(".")
	defaults, err := l.defaultsFor(given, found)
	if err != nil {
		return nil, err
	}
	if err := whole.Load(confmap.Provider(defaults, ""), nil); err != nil {
		return nil, err
	}
	if err := whole.Merge(given); err != nil {
		return nil, err
	}
	cfg := new(Config)
	err = whole.UnmarshalWithConf("", cfg, koanf.UnmarshalConf{Tag: "koanf", DecoderConfig: &mapstructure.DecoderConfig{
		ErrorUnused: true,
		DecodeHook:  mapstructure.ComposeDecodeHookFunc(listByIndex, mapstructure.TextUnmarshallerHookFunc()),
	}})
	for i := range cfg.Sources {
		err = errors.Join(err, cfg.Sources[i].settle(at("sources", i), l.kinds, found))
	}
	return cfg, err
}

// defaultsFor is DefaultConfig and a DefaultSource for each source given, with the defaults that hang on another key.
func (l layout) defaultsFor(given *koanf.Koanf, found *findings) (map[string]any, error) {
	base := DefaultConfig()
	if given.String("store.kind") == string(StoreClickHouse) {
		base.Store.AutoMigrate = false
	}
	if given.Exists("store.dsn_file") && !given.Exists("store.dsn") {
		base.Store.DSN = DSN{}
	}
	if host, port, err := net.SplitHostPort(given.String("store.listen")); err == nil {
		if port != "0" { // who wants a free one wants both free
			_, port, _ = net.SplitHostPort(base.Store.ListenNative)
		}
		base.Store.ListenNative = net.JoinHostPort(host, port) // the engine listens on one host
	}
	defaults, err := l.toMap(base)
	if err != nil {
		return nil, err
	}
	sources := map[string]any{}
	for i, index := range inOrder(given.MapKeys("sources")) {
		if strconv.Itoa(i) != index {
			found.add("sources["+index+"]", "there is no "+at("sources", i)+" before it", "count the sources from 0 without a gap")
			given.Delete("sources." + index)
			continue
		}
		kind, known := l.kinds.Find(given.String("sources." + index + ".kind"))
		if !known {
			kind = l.kinds[0]
		}
		if sources[index], err = l.toMap(DefaultSource(kind)); err != nil {
			return nil, err
		}
	}
	defaults["sources"] = sources
	return defaults, nil
}

// listByIndex turns the mapping by index, which the layers are merged in, into the list it stands for.
func listByIndex(from, to reflect.Type, value any) (any, error) {
	byIndex, ok := value.(map[string]any)
	if !ok || to != reflect.TypeFor[[]Source]() {
		return value, nil
	}
	list := make([]any, 0, len(byIndex))
	for _, index := range inOrder(slices.Collect(maps.Keys(byIndex))) {
		list = append(list, byIndex[index])
	}
	return list, nil
}

// inOrder sorts indexes as numbers, which is what shaper let through.
func inOrder(indexes []string) []string {
	slices.SortFunc(indexes, func(a, b string) int {
		left, _ := strconv.Atoi(a)
		right, _ := strconv.Atoi(b)
		return left - right
	})
	return indexes
}

// readFile is the content of the YAML file, nothing where there is none.
func readFile(file string) ([]byte, error) {
	if file == "" {
		return nil, nil
	}
	content, err := os.ReadFile(file)
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return nil, path.Err // the path is said by Load
	}
	return content, err
}
