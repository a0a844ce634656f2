package chdb

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestRecent(t *testing.T) {
	tests := map[string]bool{
		"26.7.2.1": true, "26.7": true, "26.10.1": true, "27.1": true, "30.0": true,
		"26.5.9": false, "26.6": false, "25.12.3": false, "3.7.1": false, "": false, "x.y": false, "26": false, "26.": false,
	}
	for version, want := range tests {
		err := recent("/some/libchdb.so", version)
		if (err == nil) != want {
			t.Errorf("%q: %v", version, err)
		}
		if err != nil && (strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "/some/libchdb.so") || !strings.Contains(err.Error(), leastVersion)) {
			t.Errorf("%q: %v", version, err)
		}
	}
}

// What is not the engine is refused in one line that names the file.
func TestLoadLibraryRefuses(t *testing.T) {
	folder := t.TempDir()
	notELF, cut := filepath.Join(folder, "text.so"), filepath.Join(folder, "cut.so")
	if err := os.WriteFile(notELF, []byte("this is no library\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(cut, []byte("\x7fELF\x02\x01\x01"), 0o755); err != nil {
		t.Fatal(err)
	}
	tests := map[string]string{"nowhere": filepath.Join(folder, "nowhere.so"), "not ELF": notELF, "cut off": cut, "a folder": folder, "a program": os.Args[0]}
	for name, source := range map[string]string{ // made with the machine's C compiler, where it has one
		"another library":   "int x(void) { return 1; }",
		"too old":           `const char *chdb_version(void) { return "26.5.1"; }`,
		"no command line":   `const char *chdb_version(void) { return "26.7.1"; }`,
		"another make":      `const char *chdb_version(void) { return "26.7.1"; } void chdb_set_signal_handlers_enabled(int x) {} void *chdb_query_cmdline(int c, char **v) { return 0; }`,
		"version is absurd": `const char *chdb_version(void) { return "\n\n"; }`,
	} {
		if library := compile(t, folder, strings.ReplaceAll(name, " ", "-"), source); library != "" {
			tests[name] = library
		}
	}
	for name, path := range tests {
		library, err := loadLibrary(path)
		if library != nil || err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), filepath.Base(path)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// compile makes a library out of C, or "" where there is no compiler.
func compile(t *testing.T, folder, name, source string) string {
	t.Helper()
	compiler, err := exec.LookPath("cc")
	if err != nil {
		return ""
	}
	file := filepath.Join(folder, name+".c")
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	library := filepath.Join(folder, name+".so")
	if out, err := exec.CommandContext(t.Context(), compiler, "-shared", "-fPIC", "-o", library, file).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return library
}
