// Package prometheus tests what this folder holds: that Prometheus takes the rules and the configuration, that each
// alert has tests and a section in a runbook, and that every metric they speak of is one that kaisen shows. It offers
// nothing to other packages.
package prometheus

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
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

func TestAlertsFire(t *testing.T) {
	for _, file := range glob(t, "tests/*.yml") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			promtool(t, ".", "test", "rules", file)
		})
	}
}
