package config

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"kaisen/collector/unom"
	"kaisen/internal/kinds"
)

// TestPrintReadsBack prints, loads what was printed with the secrets given anew, and compares.
func TestPrintReadsBack(t *testing.T) {
	cfg := mustLoad(t, oneSource+`
  - {name: f, client_id_file: testdata/secret, client_secret_file: testdata/secret, contracts: [N000000001], jobs: {traffic: {interval: 90s}}}
  - {name: o, kind: serviceorder, client_id: a, client_secret: hunter2, service_names: [uno, mss]}
  - {name: i, kind: ipoe, client_id: a, client_secret: hunter2, base_url: 'http://[::1]:8080/x', token_url: https://t}
store: {kind: clickhouse, spool_max: 1536MiB, dsn: 'clickhouse://kaisen:hunter2@db:9000/kaisen', cluster: "{cluster}", retention: {samples: 1d12h, events: 0, traffic_samples: 0, sweeps: 2d}}
exporter: {line_label: hashed, line_label_key_file: testdata/not made yet, max_lines: 0}
log: {level: "debug"}
`, nil, nil)
	var printed, again bytes.Buffer
	if err := cfg.Print(kinds.All(), &printed); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(kinds.All(), write(t, printed.String()), nil, nil); err == nil || strings.Count(err.Error(), "\n") != 4 {
		t.Errorf("four hidden secrets are four mistakes, got %v", err)
	}
	back := mustLoad(t, printed.String(), []string{
		"KAISEN_SOURCES__0__CLIENT_SECRET=hunter2", "KAISEN_SOURCES__2__CLIENT_SECRET=hunter2",
		"KAISEN_SOURCES__3__CLIENT_SECRET=hunter2", "KAISEN_STORE__DSN=clickhouse://kaisen:hunter2@db:9000/kaisen",
	}, nil)
	if diff := cmp.Diff(cfg, back); diff != "" {
		t.Errorf("%s\n%s", diff, printed.String())
	}
	if err := back.Print(kinds.All(), &again); err != nil || again.String() != printed.String() {
		t.Errorf("the second print differs: %v\n%s", err, cmp.Diff(printed.String(), again.String()))
	}
}

// TestExampleHasEveryKeyAtItsDefault loads the example that we ship.
func TestExampleHasEveryKeyAtItsDefault(t *testing.T) {
	content, err := os.ReadFile("../../deploy/kaisen.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(content), "/run/secrets/kaisen\n", "testdata/secret\n", 1)
	cfg := mustLoad(t, text, nil, nil)
	want := DefaultConfig()
	source := DefaultSource(unom.Kind())
	source.Name, source.ClientID, source.ClientSecretFile = "hq", "your-client-id", "testdata/secret"
	source.Settings = &unom.Settings{Contracts: []string{"N123456789"}}
	want.Sources = []Source{source}
	if diff := cmp.Diff(&want, cfg); diff != "" {
		t.Error(diff)
	}
	// keys that exclude one another, or belong to other kinds, stand in comments
	var example map[string]any
	if err := yaml.Unmarshal([]byte(uncomment(text)), &example); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(schemaKeys(t), mapKeys("", example)); diff != "" {
		t.Errorf("keys of the schema and of the example: %s", diff)
	}
}

// uncomment takes the mark off comments that are a key with a value.
func uncomment(text string) string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		before, after, found := strings.Cut(line, "# ")
		name, _, isKey := strings.Cut(after, ": ")
		if found && isKey && strings.TrimSpace(before) == "" && before != "" && !strings.Contains(name, " ") {
			line = before + after
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// mapKeys lists the paths of all keys, a list being its first element.
func mapKeys(path string, mapping map[string]any) []string {
	var keys []string
	for _, name := range slices.Sorted(maps.Keys(mapping)) {
		full := join(path, name)
		keys = append(keys, full)
		value := mapping[name]
		if list, ok := value.([]any); ok {
			value = list[0]
		}
		if inner, ok := value.(map[string]any); ok {
			keys = append(keys, mapKeys(full, inner)...)
		}
	}
	return keys
}

// schemaKeys lists the paths of all keys of the JSON Schema, and checks that each has a sentence.
func schemaKeys(t *testing.T) []string {
	t.Helper()
	text, err := Schema(kinds.All())
	if err != nil {
		t.Fatal(err)
	}
	var root map[string]any
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	var keys []string
	var walk func(path string, schema map[string]any)
	walk = func(path string, schema map[string]any) {
		if items, ok := schema["items"].(map[string]any); ok {
			schema = items
		}
		properties, _ := schema["properties"].(map[string]any)
		if properties != nil && schema["additionalProperties"] != false {
			t.Errorf("%s takes unknown keys", path)
		}
		for _, name := range slices.Sorted(maps.Keys(properties)) {
			property := properties[name].(map[string]any)
			full := join(path, name)
			keys = append(keys, full)
			doc, _ := property["description"].(string)
			if isJob := strings.HasPrefix(full, "sources.jobs.") && strings.Count(full, ".") == 2; !isJob && !strings.HasSuffix(doc, ".") && !strings.HasSuffix(doc, "…") {
				t.Errorf("%s: description %q is no sentence", full, doc)
			}
			walk(full, property)
		}
	}
	walk("", root)
	return keys
}

func TestSchemaKnowsDefaultsAndWords(t *testing.T) {
	text, err := Schema(kinds.All())
	if err != nil {
		t.Fatal(err)
	}
	var root struct {
		Properties struct {
			Log     struct{ Properties map[string]map[string]any }
			Sources struct {
				Items struct {
					Properties struct {
						Kind map[string]any
						Jobs struct {
							Properties map[string]struct{ Properties map[string]map[string]any }
						}
					}
				}
			}
		}
	}
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	level := root.Properties.Log.Properties["level"]
	if level["default"] != "info" || len(level["enum"].([]any)) != 4 {
		t.Errorf("log.level: %v", level)
	}
	jobs := root.Properties.Sources.Items.Properties.Jobs.Properties
	if jobs["sessions"].Properties["lookback"]["default"] != "30d" || jobs["traffic"].Properties["interval"]["default"] != "15m" {
		t.Errorf("jobs: %v", jobs)
	}
	if _, has := jobs["traffic"].Properties["lookback"]; has {
		t.Error("traffic reads no log and has no lookback")
	}
}
