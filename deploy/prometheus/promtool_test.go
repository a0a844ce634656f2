// Package prometheus tests what this folder holds: that Prometheus takes the rules and the configuration, that each
// alert has tests and a section in a runbook, and that every metric they speak of is one that kaisen shows. It offers
// nothing to other packages.
package prometheus

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// promtool runs the promtool that people use.
func promtool(t *testing.T, folder string, args ...string) {
	t.Helper()
	path, err := exec.LookPath("promtool")
	if err != nil {
		t.Fatalf("%v: install it (Debian: apt-get install prometheus), or run make test, which fetches it", err)
	}
	command := exec.Command(path, args...)
	command.Dir = folder
	command.Env = append(os.Environ(), "GOGC=400") // its heap is small, and collected all the time
	if out, err := command.CombinedOutput(); err != nil || strings.Contains(string(out), "FAILED") {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files, error %v", pattern, len(files), err)
	}
	return files
}

func TestRulesAreValid(t *testing.T) {
	promtool(t, ".", append([]string{"check", "rules", "--lint=all", "--lint-fatal"}, glob(t, "rules/*.yml")...)...)
}

// TestConfigIsValid: as it is, and with the targets of compose in the place of this machine's.
func TestConfigIsValid(t *testing.T) {
	promtool(t, ".", "check", "config", "prometheus.yml")
	folder := t.TempDir()
	for from, to := range map[string]string{"rules": "rules", "targets/compose": "targets"} {
		if err := os.CopyFS(filepath.Join(folder, to), os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile("prometheus.yml")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "prometheus.yml"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	promtool(t, folder, "check", "config", "prometheus.yml")
}

// TestAlertsFire runs each timeline by itself, with the rules that have a part in it.
func TestAlertsFire(t *testing.T) {
	for _, path := range glob(t, "tests/*.yml") {
		var file map[string]any
		read(t, path, &file)
		var content struct {
			RuleFiles []string `yaml:"rule_files"`
			Tests     []timeline
		}
		read(t, path, &content)
		rules := ruleFiles(t, content.RuleFiles)
		graph := newRuleGraph(t, rules)
		for i, test := range file["tests"].([]any) {
			l := content.Tests[i]
			one, written := maps.Clone(file), maps.Clone(test.(map[string]any))
			written["input_series"] = l.InputSeries // as text: 0x10 is no number here, but ten times nothing
			one["rule_files"], one["tests"] = []string{"rules.yml"}, []any{written}
			kept := without(rules, graph.needed(t, l))
			t.Run(filepath.Base(path)+"/"+l.Name, func(t *testing.T) {
				t.Parallel()
				folder := t.TempDir()
				write(t, filepath.Join(folder, "rules.yml"), kept)
				write(t, filepath.Join(folder, "test.yml"), one)
				var again struct{ Tests []timeline }
				if read(t, filepath.Join(folder, "test.yml"), &again); !reflect.DeepEqual(again.Tests, []timeline{l}) {
					t.Fatalf("written as %+v, read as %+v", l, again.Tests)
				}
				promtool(t, folder, "test", "rules", "test.yml")
			})
		}
	}
}

func write(t *testing.T, path string, content any) {
	t.Helper()
	text, err := yaml.Marshal(content)
	if err == nil {
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
