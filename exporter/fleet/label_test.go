package fleet

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/exporter/fleet/fleettest"
	"kaisen/schema"
)

const testKey = "0123456789abcdef0123456789abcdef"

// labelsOf makes labels with a key that does not change.
func labelsOf(t *testing.T, form LineLabel) LineLabels {
	t.Helper()
	labels, err := NewLineLabels(form, keyFile(t, testKey+"\n", 0o600), slog.New(slog.DiscardHandler))
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
		form LineLabel
		want string
	}{{LineLabelPlain, "09012345678"}, {LineLabelMasked, "090****5678-f33f4b"}, {LineLabelHashed, "f33f4ba77d1eddbc"}} {
		labels := labelsOf(t, test.form)
		got := labels.Of("09012345678")
		if got != test.want {
			t.Errorf("%s: %s, want %s", test.form, got, test.want)
		}
		if labels.Form() != test.form || !labels.Matches(got, "09012345678") || labels.Matches(got, "09012345679") || labels.Matches("", "09012345678") {
			t.Errorf("%s does not find its line again", got)
		}
	}
	if got := (LineLabels{}).Of("1"); got != "1" {
		t.Errorf("the zero labels say %s", got)
	}
	if masked := labelsOf(t, LineLabelMasked).Of("123"); !strings.HasPrefix(masked, "***-") {
		t.Errorf("a short number is shown: %s", masked)
	}
}

// TestKeyFile: made once, for its owner alone; and refused, with what to do, where it would not keep the secret.
func TestKeyFile(t *testing.T) {
	var logged bytes.Buffer
	log := slog.New(slog.NewTextHandler(&logged, nil))
	file := filepath.Join(t.TempDir(), "key")
	first, err := NewLineLabels(LineLabelHashed, file, log)
	if err != nil || !strings.Contains(logged.String(), "made a new key") {
		t.Fatalf("%v, log %q", err, logged.String())
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 || info.Size() != 2*minKeyBytes+1 {
		t.Errorf("%+v, %v", info, err)
	}
	logged.Reset()
	again, err := NewLineLabels(LineLabelHashed, file, log)
	if err != nil || first.Of("1") != again.Of("1") || logged.Len() > 0 {
		t.Errorf("after a restart: %v, %s and %s, log %q", err, first.Of("1"), again.Of("1"), logged.String())
	}
	other, err := NewLineLabels(LineLabelHashed, filepath.Join(t.TempDir(), "key"), log)
	if err != nil || other.Of("1") == first.Of("1") {
		t.Errorf("two keys are alike: %v", err)
	}

	for _, test := range []struct {
		name, file, want string
		form             LineLabel
	}{
		{"readable by everybody", keyFile(t, testKey, 0o644), "everybody on this machine may use it (mode 0644)", LineLabelMasked},
		{"short", keyFile(t, "hunter2", 0o600), "holds a key of 7 bytes, at least 32 are needed", LineLabelHashed},
		{"empty", keyFile(t, "\n", 0o640), "holds a key of 0 bytes", LineLabelHashed},
		{"a folder", t.TempDir(), "is a folder", LineLabelHashed},
		{"nowhere", filepath.Join(t.TempDir(), "none", "key"), "no such file or directory", LineLabelHashed},
		{"another form", file, `exporter.line_label "upside down"`, "upside down"},
	} {
		_, err := NewLineLabels(test.form, test.file, log)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Count(err.Error(), test.file) > 1 || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, want %s", test.name, err, test.want)
		}
	}
}

// TestLabelsNeverCollide: where another line has the label already, the later one gets a longer one, and its own line back.
func TestLabelsNeverCollide(t *testing.T) {
	config := DefaultConfig()
	config.Labels = labelsOf(t, LineLabelMasked)
	f := New(config)
	f.Write(fleettest.Traffic(fleettest.Answer("09012345678", schema.ScopeLine)))
	c := f.contract("hq", "N123456789")
	taken := config.Labels.Of("09099995678")
	c.labelled[taken] = c.lines["09012345678"]
	f.Write(fleettest.Traffic(fleettest.Answer("09099995678", schema.ScopeLine)))
	got := c.lines["09099995678"].label()
	if !strings.HasPrefix(got, taken) || len(got) != len(taken)+2 || !config.Labels.Matches(got, "09099995678") || c.byLabel(got) != c.lines["09099995678"] {
		t.Errorf("%s where %s is taken", got, taken)
	}
}

// TestLabelsOutliveLines: a forgotten line gives its label back, and takes it again.
func TestLabelsOutliveLines(t *testing.T) {
	config := staleConfig()
	config.Labels = labelsOf(t, LineLabelHashed)
	f := New(config)
	old := fleettest.Answer("1", schema.ScopeLine)
	old.ObservedAt, old.ReceivedAt = time.Now().Add(-24*time.Hour), time.Now().Add(-24*time.Hour)
	f.Write(fleettest.Traffic(old))
	if got := shown(t, f); len(got) != 0 {
		t.Errorf("stale: %v", got)
	}
	c := f.contract("hq", "N123456789")
	if len(c.lines) != 0 || len(c.labelled) != 0 {
		t.Errorf("%d lines, %d labels are kept", len(c.lines), len(c.labelled))
	}
	f.Write(fleettest.Traffic(fleettest.Answer("1", schema.ScopeLine)))
	want := fleettest.Key("kaisen_line_today_bytes", "source", "hq", "contract_id", "N123456789", "line_no", config.Labels.Of("1"), "scope", "line")
	if diff := cmp.Diff(1, len(shown(t, f).Of("kaisen_line_today_bytes"))); diff != "" || shown(t, f)[want] == 0 {
		t.Errorf("%s is not back: %s", want, diff)
	}
}
