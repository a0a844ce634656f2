// Package runbooks tests what the runbooks of this folder have people paste: that every SQL runs on the tables of
// this version, and that every `kaisen api` is a command that kaisen takes. Whether each alert has its section, and the
// metrics exist, is tested in deploy/prometheus, where the rules are. It offers nothing to other packages.
package runbooks

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema/clickhouse"
)

func TestMain(m *testing.M) { chdbtest.Main(m) }

// section is a part of a runbook about one alert.
type section struct{ name, text string }

func sections(t *testing.T) []section {
	t.Helper()
	files, err := filepath.Glob("*.md")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d runbooks, error %v", len(files), err)
	}
	var all []section
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range strings.Split("\n"+string(text), "\n## ")[1:] {
			name, body, _ := strings.Cut(part, "\n")
			all = append(all, section{name, body})
		}
	}
	return all
}

// blocks are what a section has to paste in a language.
func (s section) blocks(language string) []string {
	var all []string
	for _, match := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllStringSubmatch(s.text, -1) {
		all = append(all, match[1])
	}
	return all
}

// TestSectionsAreWhole: what it means, how to see for oneself in three ways, what to do.
func TestSectionsAreWhole(t *testing.T) {
	for _, s := range sections(t) {
		for _, part := range []string{"**Means.**", "**Check.**", "**Do.**"} {
			if strings.Count(s.text, part) != 1 {
				t.Errorf("%s has not one part %s", s.name, part)
			}
		}
		for _, language := range []string{"promql", "sql", "sh"} {
			if len(s.blocks(language)) == 0 {
				t.Errorf("%s has no block of %s", s.name, language)
			}
		}
		if !strings.Contains(s.text, "\nkaisen api ") {
			t.Errorf("%s has no kaisen api", s.name)
		}
	}
}

func TestSQLRuns(t *testing.T) {
	dsn := chdbtest.Start(t)
	migrate(t, dsn)
	for _, s := range sections(t) {
		for _, sql := range s.blocks("sql") {
			if _, err := chdbtest.Ask(t, dsn, sql); err != nil {
				t.Errorf("%s: %v", s.name, err)
			}
		}
	}
}

func migrate(t *testing.T, dsn string) {
	t.Helper()
	cfg := clickhouse.Config{DSN: dsn}
	db, err := clickhouse.Open(context.Background(), cfg, clickhouse.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// TestCommandsAreTaken runs each kaisen api dry, as somebody would paste it into a shell.
func TestCommandsAreTaken(t *testing.T) {
	folder := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(folder, "kaisen"), "kaisen/cmd/kaisen")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	tried := map[string]bool{}
	for _, s := range sections(t) {
		for _, block := range s.blocks("sh") {
			for line := range strings.Lines(block) {
				line = strings.TrimSpace(line)
				if !strings.HasPrefix(line, "kaisen api ") || tried[line] {
					continue
				}
				tried[line] = true
				command := exec.Command("bash", "-c", line+" --dry-run")
				command.Env = append(os.Environ(), "PATH="+folder+":"+os.Getenv("PATH"))
				if out, err := command.CombinedOutput(); err != nil {
					t.Errorf("%s: %s: %v\n%s", s.name, line, err, out)
				}
			}
		}
	}
	if len(tried) < 10 {
		t.Errorf("%d commands found", len(tried))
	}
}
