package linelabel

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const testKey = "0123456789abcdef0123456789abcdef"

// labelsOf makes labels with a key that does not change.
func labelsOf(t *testing.T, form Form) Labels {
	t.Helper()
	labels, err := New(form, keyFile(t, testKey+"\n", 0o600), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return labels
}

func keyFile(t *testing.T, text string, mode os.FileMode) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "line_label.key")
	if err := os.WriteFile(file, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, mode); err != nil { // past the umask
		t.Fatal(err)
	}
	return file
}

// TestLineLabels: labels are what they are documented to be, today and after every update: series would end otherwise. The
// digits are those of openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef.
func TestLineLabels(t *testing.T) {
	for _, test := range []struct {
		form Form
		want string
	}{{Plain, "09012345678"}, {Masked, "090****5678-f33f4b"}, {Hashed, "f33f4ba77d1eddbc"}} {
		labels := labelsOf(t, test.form)
		got := labels.Of("09012345678")
		if got != test.want {
			t.Errorf("%s: %s, want %s", test.form, got, test.want)
		}
		if labels.Form() != test.form || !labels.Matches(got, "09012345678") || labels.Matches(got, "09012345679") || labels.Matches("", "09012345678") {
			t.Errorf("%s does not find its line again", got)
		}
	}
	if got := (Labels{}).Of("1"); got != "1" {
		t.Errorf("the zero labels say %s", got)
	}
	if masked := labelsOf(t, Masked).Of("123"); !strings.HasPrefix(masked, "***-") {
		t.Errorf("a short number is shown: %s", masked)
	}
}

// TestKeyFile: made once, for its owner alone; and refused, with what to do, where it would not keep the secret.
func TestKeyFile(t *testing.T) {
	var logged bytes.Buffer
	log := slog.New(slog.NewTextHandler(&logged, nil))
	file := filepath.Join(t.TempDir(), "key")
	first, err := New(Hashed, file, log)
	if err != nil || !strings.Contains(logged.String(), "made a new key") {
		t.Fatalf("%v, log %q", err, logged.String())
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 || info.Size() != 2*minKeyBytes+1 {
		t.Errorf("%+v, %v", info, err)
	}
	logged.Reset()
	again, err := New(Hashed, file, log)
	if err != nil || first.Of("1") != again.Of("1") || logged.Len() > 0 {
		t.Errorf("after a restart: %v, %s and %s, log %q", err, first.Of("1"), again.Of("1"), logged.String())
	}
	other, err := New(Hashed, filepath.Join(t.TempDir(), "key"), log)
	if err != nil || other.Of("1") == first.Of("1") {
		t.Errorf("two keys are alike: %v", err)
	}

	for _, test := range []struct {
		name, file, want string
		form             Form
	}{
		{"readable by everybody", keyFile(t, testKey, 0o644), "everybody on this machine may use it (mode 0644)", Masked},
		{"short", keyFile(t, "hunter2", 0o600), "holds a key of 7 bytes, at least 32 are needed", Hashed},
		{"empty", keyFile(t, "\n", 0o640), "holds a key of 0 bytes", Hashed},
		{"a folder", t.TempDir(), "is a folder", Hashed},
		{"nowhere", filepath.Join(t.TempDir(), "none", "key"), "no such file or directory", Hashed},
		{"another form", file, `exporter.line_label "upside down"`, "upside down"},
	} {
		_, err := New(test.form, test.file, log)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Count(err.Error(), test.file) > 1 || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, want %s", test.name, err, test.want)
		}
	}
}
