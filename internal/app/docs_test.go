package app

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kaisen/internal/config"
	"kaisen/internal/kinds"
)

// readme is a file of the repository, by its path from the root.
func readme(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// blocks are the code blocks of a language.
func blocks(text, language string) []string {
	var out []string
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

func TestTheReadmesConfigurationIsGood(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("s"), 0o600); err != nil {
		t.Fatal(err)
	}
	examples := blocks(readme(t, "README.md"), "yaml")
	if len(examples) == 0 {
		t.Fatal("the README shows no configuration")
	}
	for _, example := range examples {
		file := filepath.Join(t.TempDir(), "kaisen.yaml")
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(example, "/run/secrets/kaisen", secret)), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := config.Load(kinds.All(), file, nil, nil); err != nil {
			t.Errorf("%v in\n%s", err, example)
		}
	}
}

// The analysts' page names every table and view, and its questions run.
func TestTheSchemasReadmeIsTheSchema(t *testing.T) {
	r := newFixture(t, nil)
	r.sweep()
	text := readme(t, "schema/README.md")
	for _, table := range r.query("SELECT name FROM system.tables WHERE database = currentDatabase() AND engine != 'MaterializedView'") {
		if !strings.Contains(text, "`"+table+"`") {
			t.Errorf("schema/README.md does not tell of %s", table)
		}
	}
	for _, column := range r.query("SELECT table || '.' || name FROM system.columns WHERE database = currentDatabase() AND comment = '' AND table NOT IN ('line_status', 'schema_migrations') AND table NOT LIKE '%_mv'") {
		t.Errorf("column %s has no comment", column)
	}
	questions := blocks(text, "sql")
	if len(questions) < 4 {
		t.Fatalf("%d questions", len(questions))
	}
	for _, question := range questions {
		r.query(question)
	}
}
