// Package deploy has no code: these are the tests of what is handed to those who install kaisen. They build the package,
// render the chart, validate the compose file and try the examples; that the installed package lives and dies as a
// service should is tested on a real systemd, by `make deb-test`.
package deploy

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// command runs a program in a folder and returns what it printed; what it complained about comes with its error.
func command(t *testing.T, folder, name string, args ...string) (string, error) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = folder, &out, &errs
	err := cmd.Run()
	if err != nil {
		return out.String() + errs.String(), err
	}
	return out.String(), nil
}

// must is command where an error ends the test.
func must(t *testing.T, folder, name string, args ...string) string {
	t.Helper()
	out, err := command(t, folder, name, args...)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return out
}

// tool is a Go program at a pinned version, built for a test. The programs are not in go.mod: helm alone would bring more
// modules than kaisen has.
type tool struct {
	t    *testing.T
	path string
}

// newTool builds a program, "module/path/name@v1.2.3". Where nobody can be asked for it, the test is skipped.
func newTool(t *testing.T, program string) tool {
	t.Helper()
	folder := t.TempDir()
	out, err := command(t, ".", "env", "CGO_ENABLED=0", "GOFLAGS=", "GOBIN="+folder, "go", "install", "-ldflags=-s -w", program)
	if err != nil && unreachable(out) {
		t.Skipf("%s cannot be had here: %s", program, strings.TrimSpace(out))
	}
	if err != nil {
		t.Fatalf("%s: %s", program, out)
	}
	name, _, _ := strings.Cut(filepath.Base(program), "@")
	return tool{t, filepath.Join(folder, name)}
}

// buildBeside builds the program of a folder that is a module of its own.
func buildBeside(t *testing.T, folder string) tool {
	t.Helper()
	path := filepath.Join(t.TempDir(), filepath.Base(folder))
	out, err := command(t, folder, "env", "CGO_ENABLED=0", "GOFLAGS=", "go", "build", "-buildvcs=false", "-o", path, ".")
	if err != nil && unreachable(out) {
		t.Skipf("the modules of %s cannot be had here: %s", folder, strings.TrimSpace(out))
	}
	if err != nil {
		t.Fatalf("%s: %s", folder, out)
	}
	return tool{t, path}
}

// run runs it in a folder.
func (p tool) run(folder string, args ...string) (string, error) {
	p.t.Helper()
	return command(p.t, folder, p.path, args...)
}

func unreachable(output string) bool {
	return regexp.MustCompile(`dial tcp|no such host|connection refused|i/o timeout|TLS handshake|module lookup disabled|: [45]\d\d `).MatchString(output)
}

// read is a file of this folder.
func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// write makes a file in a folder of the test's own.
func write(t *testing.T, folder, name, text string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// files are the paths below this folder that end in one of the given ways.
func files(t *testing.T, endings ...string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		for _, ending := range endings {
			if err == nil && !entry.IsDir() && strings.HasSuffix(path, ending) {
				found = append(found, path)
			}
		}
		return err
	})
	if err != nil || len(found) == 0 {
		t.Fatalf("%d files %v, error %v", len(found), endings, err)
	}
	return found
}

// decode reads YAML.
func decode[T any](t *testing.T, text string) T {
	t.Helper()
	var value T
	if err := yaml.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return value
}

func TestEveryYAMLFileIsYAML(t *testing.T) {
	for _, path := range files(t, ".yaml", ".yml") {
		if strings.Contains(path, "/templates/") { // of the chart: no YAML before it is rendered
			continue
		}
		var value any
		if err := yaml.Unmarshal([]byte(read(t, path)), &value); err != nil || value == nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestEveryScriptIsAScript(t *testing.T) {
	for _, path := range files(t, ".sh", "postinst", "prerm", "postrm") {
		shell := "sh"
		if strings.HasPrefix(read(t, path), "#!/usr/bin/env bash\n") {
			shell = "bash"
		}
		must(t, ".", shell, "-n", path)
		if info, err := os.Stat(path); err != nil || strings.HasSuffix(path, ".sh") && info.Mode()&0o111 == 0 {
			t.Errorf("%s cannot be run: %v", path, err)
		}
	}
}

func TestLinksOfTheReadmeLeadSomewhere(t *testing.T) {
	links := regexp.MustCompile(`\]\(([^)#]+)\)`).FindAllStringSubmatch(read(t, "README.md"), -1)
	if len(links) < 10 {
		t.Fatalf("%d links", len(links))
	}
	for _, link := range links {
		if strings.Contains(link[1], "://") {
			continue
		}
		if _, err := os.Stat(link[1]); err != nil {
			t.Errorf("README.md links to %s: %v", link[1], err)
		}
	}
}

// The engine that the README says how to fetch by hand is the one that kaisen fetches.
func TestTheReadmesEngineIsTheEngine(t *testing.T) {
	version := regexp.MustCompile(`const Version = "(.+)"`).FindStringSubmatch(read(t, "../internal/chdb/library.go"))
	pin := regexp.MustCompile(`pkg:\s+"(.+)",\n\s+sha512:.*\n\s+library: "(.+)",`).FindStringSubmatch(read(t, "../internal/chdb/fetch.go"))
	if version == nil || pin == nil {
		t.Fatal("internal/chdb no longer says its version or its checksum as it did")
	}
	text := read(t, "README.md")
	for _, want := range []string{"npm pack " + pin[1] + "@" + version[1] + "\n", pin[2] + "  package/libchdb.so"} {
		if !strings.Contains(text, want) {
			t.Errorf("README.md does not say %q", want)
		}
	}
}
