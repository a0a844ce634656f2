package fleet

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/exporter/fleet/fleettest"
	"kaisen/exporter/linelabel"
	"kaisen/schema"
)

// labelsOf makes labels with a key that does not change.
func labelsOf(t *testing.T, form linelabel.Form) linelabel.Labels {
	t.Helper()
	file := filepath.Join(t.TempDir(), "line_label.key")
	if err := os.WriteFile(file, []byte("0123456789abcdef0123456789abcdef"), 0o600); err != nil {
		t.Fatal(err)
	}
	labels, err := linelabel.New(form, file, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return labels
}

// TestLabelsNeverCollide: where another line has the label already, the later one gets a longer one, and its own line back.
func TestLabelsNeverCollide(t *testing.T) {
	config := DefaultConfig()
	config.Labels = labelsOf(t, linelabel.Masked)
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
	config.Labels = labelsOf(t, linelabel.Hashed)
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
